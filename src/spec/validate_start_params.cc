// rayStartParams one by one: does Ray have the option, and can it read the value? What several say
// together about ports is in validate_ports.cc.
#include <charconv>

#include <fmt/format.h>

#include "base/text.h"
#include "spec/quantity.h"
#include "spec/start_options.h"
#include "spec/validate.h"

namespace raykeep::spec {
namespace {

// Ray's OBJECT_STORE_MINIMUM_MEMORY_BYTES (python/ray/_private/ray_constants.py).
constexpr std::int64_t kLeastObjectStore = 75ll << 20;

/// The number at the front of what was meant as one: "4 cores" -> "4", "4Gi" -> "4294967296", "2.0"
/// -> "2".
std::string number_meant(std::string_view text) {
  text = trim(text);
  if (Result<Quantity> quantity = parse_quantity(text); quantity && !quantity->is_negative()) {
    return std::to_string(quantity->ceil());
  }
  std::size_t digits = text.find_first_not_of("0123456789");
  return digits == 0 || digits == std::string_view::npos ? "" : std::string(text.substr(0, digits));
}

void check_count(const Cursor& at, std::string_view text) {
  if (whole_number(text)) return;
  std::string better = number_meant(text);
  bool too_large = text.find_first_not_of("0123456789") == std::string_view::npos;
  at.report(
      "RK2103",
      fmt::format("{} is {}", quoted(text), too_large ? "too large a number" : "not a number"),
      better.empty() || too_large ? "write a whole number such as \"4\""
                                  : "write " + quoted(better));
}

void check_switch(const Cursor& at, std::string_view text) {
  for (const char* word : {"true", "false", "True", "False", "TRUE", "FALSE"}) {
    if (text == word) return;
  }
  at.report("RK2113", fmt::format("{} is neither \"true\" nor \"false\"", quoted(text)),
            "write \"true\" or \"false\"");
}

/// `resources` and `system-config` pass through a shell in KubeRay, so people wrap the JSON in
/// quotes of their own.
void check_json(const Cursor& at, const StartOption& option, std::string_view text) {
  // Between double quotes a shell takes the backslashes away: "{\"accelerator\": 1}", as KubeRay's
  // samples have it.
  std::string json(without_shell_quotes(text));
  if (text.starts_with('"')) {
    for (std::size_t at_quote = 0; (at_quote = json.find("\\\"", at_quote)) != std::string::npos;
         ++at_quote)
      json.erase(at_quote, 1);
  }
  Result<doc::Value> value = doc::parse_json(json);
  bool is_resources = option.name == "resources";
  auto refuse = [&](std::string what, std::string remedy) {
    is_resources ? at.report("RK2108", std::move(what), std::move(remedy))
                 : at.report("RK2115", std::move(what), std::move(remedy));
  };
  if (!value || !value->is_object()) {
    return refuse(fmt::format("{} is not a JSON object", quoted(text)),
                  is_resources ? R"(write it as in '{"accelerator": 1}')" : "");
  }
  if (!is_resources) return;
  for (const auto& member : value->get_object()) {
    std::string_view name = member.key();
    if (!member.value().is_number() || member.value().to_number<double>() < 0) {
      refuse(fmt::format("{} is {}, not a number", quoted(name), describe(member.value())),
             "write a number");
    } else if (name == "CPU" || name == "GPU" || name == "memory" ||
               name == "object_store_memory") {
      refuse(fmt::format("{} has an option of its own", quoted(name)),
             "use num-cpus, num-gpus, memory or object-store-memory");
    }
  }
}

void check_placement(const Cursor& at, const StartOption& option, bool head) {
  if (option.name == "head") {
    at.report_key("RK2109", "whether a node is the head is not for rayStartParams to say",
                  "remove it");
  } else if (option.head_only && !head) {
    at.report_key("RK2109", fmt::format("Ray takes {} on the head only", option.name),
                  "move it to headGroupSpec.rayStartParams");
  } else if (option.name == "address" && head) {
    at.report_key("RK2109", "the head has no other node's address", "remove it");
  }
}

void check_option(const std::string& name, const Cursor& at, bool head) {
  const StartOption* option = find_start_option(name);
  if (!option) {
    std::string meant = at.full() ? "" : nearest(name, start_option_names());
    return at.report_key("RK2100", fmt::format("`ray start` has no option {}", quoted("--" + name)),
                         meant.empty() ? "" : "did you mean " + meant + "?");
  }
  check_placement(at, *option, head);
  if (!at.value().is_string()) return;
  std::string written = at.text();
  std::string_view text = without_shell_quotes(written);
  if (name == "labels") {
    return at.report_key("RK2043", "labels are not for rayStartParams",
                         "write them into the group's labels");
  }
  // The shell of KubeRay's start line expands variables; only ports must be known beforehand.
  if (text.contains('$')) return;
  if (option->kind == OptionKind::count) check_count(at, text);
  if (option->kind == OptionKind::flag || option->kind == OptionKind::boolean)
    check_switch(at, text);
  if (option->kind == OptionKind::json) check_json(at, *option, written);
}

void check_memory(const Cursor& group) {
  Cursor params = group["rayStartParams"];
  Cursor limit = ray_container(group).at({"resources", "limits", "memory"});
  std::optional<Quantity> room = quantity_of(limit);
  Cursor store = params["object-store-memory"], memory = params["memory"];
  std::string store_text = store.text(), memory_text = memory.text();
  std::optional<std::int64_t> store_bytes = whole_number(store_text),
                              memory_bytes = whole_number(memory_text);
  if (store_bytes && *store_bytes < kLeastObjectStore) {
    store.report("RK2111", fmt::format("{} bytes are less than Ray's least, 75 MiB", *store_bytes),
                 fmt::format("write at least \"{}\"", kLeastObjectStore));
  } else if (store_bytes && room && *store_bytes >= room->ceil()) {
    store.report("RK2110",
                 fmt::format("{} bytes of object store leave nothing of the container's {}",
                             *store_bytes, limit.text()),
                 "raise the memory limit, or leave a good half of it to the workers");
  }
  if (memory_bytes && room && *memory_bytes > room->ceil()) {
    memory.report("RK2114",
                  fmt::format("{} bytes are more than the container's limit of {}", *memory_bytes,
                              limit.text()),
                  "remove the option: the limit is what Ray is told");
  }
}

/// KubeRay: "resource fields should not be set in both rayStartParams and Resources".
void check_resources_once(const Cursor& group) {
  if (!group["resources"] || group["resources"].members().empty()) return;
  for (const char* name : {"num-cpus", "num-gpus", "memory", "resources"}) {
    if (Cursor param = group["rayStartParams"][name]) {
      param.report_key(
          "RK2042", fmt::format("the group's resources and {} both speak of Ray's resources", name),
          "keep one of them");
    }
  }
  for (const auto& [name, amount] : group["resources"].members()) {
    if (!amount.value().is_string()) continue;
    Result<Quantity> quantity = parse_quantity(amount.text());
    if (!quantity) {
      amount.report("RK2045", quantity.error().text, "write it as in \"2\"");
    } else if (quantity->is_negative()) {
      amount.report("RK2045", quoted(amount.text()) + " is negative");
    }
  }
}

}  // namespace

std::optional<std::int64_t> whole_number(std::string_view text) {
  text = without_shell_quotes(text);
  std::int64_t number = 0;
  auto [stopped, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || stopped != text.data() + text.size() || number < 0)
    return std::nullopt;
  return number;
}

std::string_view without_shell_quotes(std::string_view text) {
  text = trim(text);
  bool quotes = text.size() >= 2 && text.front() == text.back() &&
                (text.front() == '\'' || text.front() == '"');
  return quotes ? text.substr(1, text.size() - 2) : text;
}

void validate_start_params(const Cursor& group, bool head) {
  for (const auto& [name, at] : group["rayStartParams"].members()) check_option(name, at, head);
  check_memory(group);
  check_resources_once(group);
}

}  // namespace raykeep::spec
