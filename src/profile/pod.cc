#include "profile/pod.h"

#include "base/text.h"

namespace raykeep::profile {
namespace {

/// Where the kind keeps its pods' template; nullptr for kinds without.
const char* template_of(std::string_view kind) {
  if (kind == "Pod") return "";
  if (kind == "CronJob") return "/spec/jobTemplate/spec/template";
  for (std::string_view each :
       {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"}) {
    if (kind == each) return "/spec/template";
  }
  return nullptr;
}

const doc::Value* below(const doc::Value& object, std::string_view kind) {
  if (kind == "Pod") return &object;
  if (kind == "CronJob") return doc::find(object, {"spec", "jobTemplate", "spec", "template"});
  return doc::find(object, {"spec", "template"});
}

void add_containers(const doc::Object& spec, std::string_view list, Container::Kind kind,
                    std::string_view word, Pod& pod) {
  const doc::Array* items = doc::find_array(spec, {list});
  if (items == nullptr) return;
  for (std::size_t i = 0; i < items->size(); ++i) {
    if (!(*items)[i].is_object()) continue;
    const doc::Object& item = (*items)[i].get_object();
    pod.containers.push_back(
        {kind, &item, pod.pointer + "/spec/" + std::string(list) + "/" + std::to_string(i),
         std::string(word) + " " + std::string(doc::find_string(item, {"name"}))});
  }
}

}  // namespace

Holder Pod::holder() const {
  return {doc::find_object(*spec, {"securityContext"}), pointer + "/spec/securityContext",
          "the pod", true};
}

Holder Pod::holder(const Container& container) const {
  return {doc::find_object(*container.value, {"securityContext"}),
          container.pointer + "/securityContext", container.who, false};
}

std::vector<Holder> Pod::holders() const {
  std::vector<Holder> all{holder()};
  for (const Container& each : containers) all.push_back(holder(each));
  return all;
}

std::optional<Pod> pod_of(const doc::Value& object) {
  std::string_view kind = doc::find_string(object, {"kind"});
  const char* at = template_of(kind);
  const doc::Value* found = at == nullptr ? nullptr : below(object, kind);
  const doc::Object* spec = found == nullptr ? nullptr : doc::find_object(*found, {"spec"});
  if (spec == nullptr) return std::nullopt;
  Pod pod;
  pod.kind = kind;
  pod.pointer = at;
  pod.metadata = doc::find_object(*found, {"metadata"});
  pod.spec = spec;
  add_containers(*spec, "containers", Container::Kind::usual, "container", pod);
  add_containers(*spec, "initContainers", Container::Kind::init, "init container", pod);
  add_containers(*spec, "ephemeralContainers", Container::Kind::ephemeral, "ephemeral container",
                 pod);
  if (const doc::Array* volumes = doc::find_array(*spec, {"volumes"})) {
    for (std::size_t i = 0; i < volumes->size(); ++i) {
      if (!(*volumes)[i].is_object()) continue;
      const doc::Object& volume = (*volumes)[i].get_object();
      pod.volumes.push_back({&volume, pod.pointer + "/spec/volumes/" + std::to_string(i),
                             "volume " + std::string(doc::find_string(volume, {"name"}))});
    }
  }
  return pod;
}

const doc::Value* value_at(const doc::Object* object,
                           std::initializer_list<std::string_view> path) {
  const doc::Value* found = object == nullptr ? nullptr : doc::find(*object, path);
  return found == nullptr || found->is_null() ? nullptr : found;
}

std::optional<bool> bool_at(const doc::Object* object,
                            std::initializer_list<std::string_view> path) {
  const doc::Value* found = value_at(object, path);
  if (found == nullptr || !found->is_bool()) return std::nullopt;
  return found->get_bool();
}

std::optional<std::int64_t> integer_at(const doc::Object* object,
                                       std::initializer_list<std::string_view> path) {
  const doc::Value* found = value_at(object, path);
  if (found == nullptr || !(found->is_int64() || found->is_uint64())) return std::nullopt;
  boost::system::error_code wrong;
  auto number = found->to_number<std::int64_t>(wrong);
  if (wrong) return std::nullopt;
  return number;
}

std::string_view text_at(const doc::Object* object, std::initializer_list<std::string_view> path) {
  return object == nullptr ? std::string_view() : doc::find_string(*object, path);
}

std::vector<std::string_view> texts_at(const doc::Object* object,
                                       std::initializer_list<std::string_view> path) {
  std::vector<std::string_view> texts;
  const doc::Array* list = object == nullptr ? nullptr : doc::find_array(*object, path);
  if (list == nullptr) return texts;
  for (const doc::Value& each : *list) {
    if (each.is_string()) texts.emplace_back(each.get_string());
  }
  return texts;
}

}  // namespace raykeep::profile
