#include "preflight/limit_range.h"

#include <algorithm>

#include <fmt/format.h>

#include "control/fields.h"
#include "control/inventory.h"
#include "preflight/amounts.h"
#include "preflight/workload.h"

namespace raykeep::preflight {
namespace {

using control::list_at;
using spec::Quantity;

/// Something that a range speaks of: its requests and limits by resource.
struct Subject {
  std::string about;
  Amounts requests;
  Amounts limits;
};

Amounts listed(const doc::Value& container, std::string_view part) {
  Amounts out;
  if (const doc::Object* found = doc::find_object(container, {"resources", part})) {
    for (const auto& member : *found) out[std::string(member.key())] = quantity_in(member.value());
  }
  return out;
}

/// What LimitRanger and defaulting fill in where a container says nothing.
void add_defaults(const doc::Value& item, Subject& subject) {
  for (auto [member, into] :
       {std::pair{"default", &subject.limits}, std::pair{"defaultRequest", &subject.requests}}) {
    const doc::Object* defaults = doc::find_object(item, {member});
    if (defaults == nullptr) continue;
    for (const auto& each : *defaults)
      into->try_emplace(std::string(each.key()), quantity_in(each.value()));
  }
  for (const auto& [name, limit] : subject.limits) subject.requests.try_emplace(name, limit);
}

const Quantity* find(const Amounts& amounts, std::string_view name) {
  auto found = amounts.find(name);
  return found == amounts.end() ? nullptr : &found->second;
}

class Range {
 public:
  Range(const doc::Value& range, const doc::Value& item, Obstacles& out)
      : range_(range), item_(item), out_(out) {}

  void judge(const Subject& subject) {
    each("max", [&](const std::string& resource, const Quantity& most) {
      const Quantity* limit = find(subject.limits, resource);
      if (limit == nullptr) limit = find(subject.requests, resource);
      if (limit == nullptr)
        report(subject, resource, "max", "has no limit, and there is a maximum", most, nullptr);
      else if (*limit > most)
        report(subject, resource, "max", "has a limit above the maximum", most, limit);
    });
    each("min", [&](const std::string& resource, const Quantity& least) {
      const Quantity* request = find(subject.requests, resource);
      if (request == nullptr)
        report(subject, resource, "min", "has no request, and there is a minimum", least, nullptr);
      else if (*request < least)
        report(subject, resource, "min", "has a request below the minimum", least, request);
    });
    each("maxLimitRequestRatio", [&](const std::string& resource, const Quantity& most) {
      const Quantity* request = find(subject.requests, resource);
      const Quantity* limit = find(subject.limits, resource);
      if (request == nullptr || limit == nullptr || request->is_zero()) {
        report(subject, resource, "maxLimitRequestRatio",
               "needs a request and a limit, for their ratio is bounded", most, nullptr);
      } else if (static_cast<__int128>(limit->milli()) * 1000 >
                 static_cast<__int128>(most.milli()) * request->milli()) {
        report(subject, resource, "maxLimitRequestRatio", "has a limit too many times its request",
               most, nullptr);
      }
    });
  }

 private:
  template <class Judge>
  void each(std::string_view bound, const Judge& judge) {
    const doc::Object* bounds = doc::find_object(item_, {bound});
    if (bounds == nullptr) return;
    for (const auto& member : *bounds)
      judge(std::string(member.key()), quantity_in(member.value()));
  }

  void report(const Subject& subject, const std::string& resource, std::string_view bound,
              std::string_view what, const Quantity& value, const Quantity* is) {
    const bool ratio = bound == "maxLimitRequestRatio";
    std::string name(control::name_of(range_));
    std::string wanted = is == nullptr ? "" : fmt::format(" ({})", amount_text(resource, *is));
    std::string limit = amount_text(ratio ? "ratio" : resource, value);
    std::string change = is == nullptr ? "" : fmt::format(" to {}", amount_text(resource, *is));
    out_.push_back(
        {code::limit_range, Weight::blocks, Who::namespace_admin,
         fmt::format("LimitRange {}: {}: {} {}", name, subject.about, bound, resource),
         fmt::format("{} {}{}; {} is {}", resource, what, wanted, bound, limit), "",
         fmt::format("Please change {} {} of LimitRange {} in namespace {}{}, for {} (or we bring "
                     "the document's resources into the range).",
                     bound, resource, name, doc::find_string(range_, {"metadata", "namespace"}),
                     change, subject.about)});
  }

  const doc::Value& range_;
  const doc::Value& item_;
  Obstacles& out_;
};

std::vector<Subject> containers(const plan::Plan& plan) {
  std::vector<Subject> out;
  for (const Workload& workload : workloads_of(plan)) {
    for (const doc::Value* container : containers_of(workload.spec())) {
      out.push_back(
          {fmt::format("{}, container {}", workload.label, doc::find_string(*container, {"name"})),
           listed(*container, "requests"), listed(*container, "limits")});
    }
  }
  return out;
}

std::vector<Subject> pods(const plan::Plan& plan) {
  std::vector<Subject> out;
  for (const Workload& workload : workloads_of(plan)) {
    Subject subject{workload.label + ", a pod", {}, {}};
    for (const auto& [name, amount] : use_of_pod(workload.spec()).amounts) {
      if (name.starts_with("requests.")) subject.requests[name.substr(9)] = amount;
      if (name.starts_with("limits.")) subject.limits[name.substr(7)] = amount;
    }
    out.push_back(std::move(subject));
  }
  return out;
}

std::vector<Subject> claims(const plan::Plan& plan) {
  std::vector<Subject> out;
  for (const doc::Value& object : plan.objects) {
    if (control::kind_of(object) != "PersistentVolumeClaim") continue;
    const doc::Value* size = doc::find(object, {"spec", "resources", "requests", "storage"});
    if (size == nullptr) continue;
    Amounts storage{{"storage", quantity_in(*size)}};
    out.push_back({control::label_for_people(object), storage, storage});
  }
  return out;
}

}  // namespace

Obstacles judge_limit_ranges(const std::vector<doc::Value>& limit_ranges, const plan::Plan& plan) {
  Obstacles out;
  for (const doc::Value& range : limit_ranges) {
    for (const doc::Value& item : list_at(range, {"spec", "limits"})) {
      std::string_view type = doc::find_string(item, {"type"});
      std::vector<Subject> subjects = type == "Container"               ? containers(plan)
                                      : type == "Pod"                   ? pods(plan)
                                      : type == "PersistentVolumeClaim" ? claims(plan)
                                                                        : std::vector<Subject>();
      Range judge(range, item, out);
      for (Subject& subject : subjects) {
        if (type == "Container") add_defaults(item, subject);
        judge.judge(subject);
      }
    }
  }
  return out;
}

doc::Value modest_resources(const std::vector<doc::Value>& limit_ranges) {
  Amounts amounts{{"cpu", Quantity::from_milli(20)}, {"memory", *spec::parse_quantity("64Mi")}};
  for (const doc::Value& range : limit_ranges) {
    for (const doc::Value& item : list_at(range, {"spec", "limits"})) {
      if (doc::find_string(item, {"type"}) == "PersistentVolumeClaim") continue;
      const doc::Object* least = doc::find_object(item, {"min"});
      if (least == nullptr) continue;
      for (const auto& member : *least) {
        Quantity& amount = amounts[std::string(member.key())];
        amount = std::max(amount, quantity_in(member.value()));
      }
    }
  }
  doc::Object same;
  for (const auto& [name, amount] : amounts) same[name] = amount_text(name, amount);
  // Request and limit alike: no bounded ratio is exceeded.
  return doc::Object{{"requests", same}, {"limits", same}};
}

}  // namespace raykeep::preflight
