#include "kube/client.h"

#include <fmt/format.h>

#include "base/text.h"
#include "kube/kind.h"
#include "kube/query.h"
#include "kube/session.h"

namespace raykeep::kube {
namespace {

constexpr std::size_t most_page = 256u << 20;
constexpr int page_size = 500;
// The continue token of a list lives about five minutes; a list that takes longer is begun again,
// but not for ever.
constexpr int most_list_starts = 5;

doc::Value parsed(const Call& call, const std::string& body) {
  // What an API server sends was checked there for depth; its lists have more values than a user's
  // file may.
  auto value = doc::parse_json(body, {.bytes = most_page, .depth = 1'000, .nodes = 50'000'000});
  if (!value) {
    throw Failure(Failure::Kind::invalid,
                  fmt::format("{} {}: the answer is not JSON: {}", call.asked.doing,
                              call.asked.object, value.error().text));
  }
  return std::move(*value);
}

Call call_for(std::string_view doing, std::string_view verb, std::string_view method,
              const Ref& ref) {
  const auto& info = info_of(ref.kind);
  return {.asked = {.doing = std::string(doing),
                    .verb = std::string(verb),
                    .object = to_string(ref),
                    .resource = std::string(info.plural),
                    .group = std::string(group_of(info.api_version)),
                    .ns = ref.ns},
          .method = std::string(method),
          .target = path_of(info, ref.ns, ref.name)};
}

/// True when `response` says that this very object is not there, and not that its kind or namespace
/// is unknown.
bool is_absent(const net::Response& response, const Ref& ref) {
  if (response.status != 404) return false;
  auto status = read_status(response.status, response.body);
  return status.reason == "NotFound" && status.name == ref.name && status.kind != "namespaces";
}

bool is_good(const net::Response& response) {
  return response.status >= 200 && response.status < 300;
}

}  // namespace

std::string to_string(const Ref& ref) {
  auto text = ref.kind.kind;
  if (!ref.ns.empty()) text += fmt::format(" {}/{}", ref.ns, ref.name);
  if (ref.ns.empty() && !ref.name.empty()) text += " " + ref.name;
  return text;
}

Ref ref_of(const doc::Value& object) {
  return {.kind = {std::string(doc::find_string(object, {"apiVersion"})),
                   std::string(doc::find_string(object, {"kind"}))},
          .ns = std::string(doc::find_string(object, {"metadata", "namespace"})),
          .name = std::string(doc::find_string(object, {"metadata", "name"}))};
}

Client::Client(boost::asio::any_io_executor executor, Config config, const Clock& clock)
    : session_(std::make_unique<Session>(executor, std::move(config), clock)) {}

Client::~Client() = default;

const Config& Client::config() const { return session_->config(); }

awaitable<doc::Value> Client::get(std::string path, Deadline until) {
  Call call{.asked = {.doing = "get", .verb = "get", .object = path}, .target = path};
  auto response = co_await session_->send(call, until);
  if (!is_good(response)) throw session_->refuse(call, response);
  co_return parsed(call, response.body);
}

awaitable<std::optional<doc::Value>> Client::find(Ref ref, Deadline until) {
  auto call = call_for("find", "get", "GET", ref);
  auto response = co_await session_->send(call, until);
  if (is_absent(response, ref)) co_return std::nullopt;
  if (!is_good(response)) throw session_->refuse(call, response);
  co_return parsed(call, response.body);
}

awaitable<List> Client::list(Kind kind, std::string ns, Selector selector, Deadline until) {
  const auto& info = info_of(kind);
  auto call = call_for("list", "list", "GET", {kind, ns, ""});
  call.asked.object =
      ns.empty() ? std::string(info.plural) : fmt::format("{} in namespace {}", info.plural, ns);
  auto path = call.target;
  List list;
  std::string next;
  for (int starts = 1;;) {
    Query query;
    query.add("limit", std::to_string(page_size)).add_unless_empty("continue", next);
    query.add_unless_empty("labelSelector", selector.labels)
        .add_unless_empty("fieldSelector", selector.fields);
    call.target = path + query.text();
    auto response = co_await session_->send(call, until, most_page);
    if (response.status == 410 && !next.empty() && starts < most_list_starts) {
      ++starts;
      next.clear();
      list = {};
      continue;
    }
    if (!is_good(response)) throw session_->refuse(call, response);
    auto page = parsed(call, response.body);
    if (auto items = doc::find(page, {"items"}); items && items->is_array()) {
      for (auto& item : page.as_object()["items"].as_array()) {
        if (auto object = item.if_object()) {  // items of a list come without these two
          object->insert(doc::Object::value_type("apiVersion", kind.api_version));
          object->insert(doc::Object::value_type("kind", kind.kind));
        }
        list.items.push_back(std::move(item));
      }
    }
    list.resource_version = doc::find_string(page, {"metadata", "resourceVersion"});
    next = doc::find_string(page, {"metadata", "continue"});
    if (next.empty()) break;
  }
  co_return list;
}

awaitable<Applied> Client::apply(doc::Value object, ApplyOptions options, Deadline until) {
  auto ref = ref_of(object);
  auto call = call_for("apply", "patch", "PATCH", ref);
  Query query;
  query.add("fieldManager", options.field_manager).add("fieldValidation", "Strict");
  if (options.force) query.add("force", "true");
  if (options.dry_run) query.add("dryRun", "All");
  call.target += query.text();
  call.content_type = "application/apply-patch+yaml";  // JSON is YAML
  call.body = doc::write_json(object);
  for (int tries = 0;; ++tries) {
    auto response = co_await session_->send(call, until);
    if (is_good(response)) co_return Applied{parsed(call, response.body), response.status == 201};
    // Somebody created or changed it in the same moment: the server asks to try again, and that is
    // safe.
    bool raced = response.status == 409 && read_status(409, response.body).causes.empty();
    if (!raced || tries >= 3) throw session_->refuse(call, response);
  }
}

awaitable<std::optional<doc::Value>> Client::create(doc::Value object, Deadline until) {
  auto ref = ref_of(object);
  auto call = call_for("create", "create", "POST", ref);
  Query query;
  query.add("fieldManager", "raykeep").add("fieldValidation", "Strict");
  call.target = path_of(info_of(ref.kind), ref.ns) + query.text();
  call.content_type = "application/json";
  call.body = doc::write_json(object);
  call.repeatable = ref.kind.kind.ends_with("Review");  // a question; nothing is stored
  auto response = co_await session_->send(call, until);
  if (is_good(response)) co_return parsed(call, response.body);
  if (response.status == 409 && read_status(409, response.body).reason == "AlreadyExists")
    co_return std::nullopt;
  throw session_->refuse(call, response);
}

awaitable<std::optional<doc::Value>> Client::replace(doc::Value object, Deadline until) {
  auto ref = ref_of(object);
  auto call = call_for("replace", "update", "PUT", ref);
  Query query;
  query.add("fieldManager", "raykeep").add("fieldValidation", "Strict");
  call.target += query.text();
  call.content_type = "application/json";
  call.body = doc::write_json(object);
  // A repeated PUT would meet its own first success as a conflict, and the caller would think it
  // had lost.
  call.repeatable = false;
  auto response = co_await session_->send(call, until);
  if (is_good(response)) co_return parsed(call, response.body);
  if (response.status == 409 || is_absent(response, ref)) co_return std::nullopt;
  throw session_->refuse(call, response);
}

awaitable<std::optional<doc::Value>> Client::merge_patch(Ref ref, doc::Value patch,
                                                         Deadline until) {
  auto call = call_for("patch", "patch", "PATCH", ref);
  Query query;
  query.add("fieldManager", "raykeep").add("fieldValidation", "Strict");
  call.target += query.text();
  call.content_type = "application/merge-patch+json";
  call.body = doc::write_json(patch);
  call.repeatable = doc::find(patch, {"metadata", "resourceVersion"}) == nullptr;
  auto response = co_await session_->send(call, until);
  if (is_good(response)) co_return parsed(call, response.body);
  if (response.status == 409 || is_absent(response, ref)) co_return std::nullopt;
  throw session_->refuse(call, response);
}

awaitable<bool> Client::remove(Ref ref, DeleteOptions options, Deadline until) {
  auto call = call_for("delete", "delete", "DELETE", ref);
  doc::Object body{
      {"kind", "DeleteOptions"}, {"apiVersion", "v1"}, {"propagationPolicy", options.propagation}};
  if (options.grace) body["gracePeriodSeconds"] = options.grace->count();
  doc::Object preconditions;
  if (!options.uid.empty()) preconditions["uid"] = options.uid;
  if (!options.resource_version.empty())
    preconditions["resourceVersion"] = options.resource_version;
  if (!preconditions.empty()) body["preconditions"] = preconditions;
  call.content_type = "application/json";
  call.body = doc::write_json(body);
  auto response = co_await session_->send(call, until);
  if (is_good(response)) co_return true;
  if (is_absent(response, ref)) co_return false;
  if (response.status == 409 && !preconditions.empty()) co_return false;
  throw session_->refuse(call, response);
}

}  // namespace raykeep::kube
