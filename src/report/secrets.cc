#include "report/secrets.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "report/workloads.h"

namespace raykeep::report {
namespace {

struct Reader {
  std::string container, how;
  std::vector<std::string> keys;  // none: all
  std::vector<std::string> objects;
};

/// Collects readers by the name of the Secret; those alike but for their object are one.
class Readers {
 public:
  void add(std::string_view secret, const std::string& object, Reader reader) {
    if (secret.empty()) return;
    std::vector<Reader>& known = by_secret_[std::string(secret)];
    auto alike = std::ranges::find_if(known, [&reader](const Reader& each) {
      return each.container == reader.container && each.how == reader.how &&
             each.keys == reader.keys;
    });
    if (alike == known.end()) {
      reader.objects = {object};
      known.push_back(std::move(reader));
    } else if (alike->objects.back() != object) {
      alike->objects.push_back(object);
    }
  }
  /// A Secret that is there to be told of, whether or not a pod reads it.
  void name(const std::string& secret) {
    if (!secret.empty()) by_secret_[secret];
  }
  const std::map<std::string, std::vector<Reader>>& all() const { return by_secret_; }

 private:
  std::map<std::string, std::vector<Reader>> by_secret_;
};

std::vector<std::string> keys_of(const doc::Value& source) {
  std::vector<std::string> keys;
  const doc::Array* items = doc::find_array(source, {"items"});
  for (const doc::Value& each : items ? *items : doc::Array{})
    keys.emplace_back(doc::find_string(each, {"key"}));
  return keys;
}

/// The Secrets in a volume: its own, or those of a projection.
std::vector<std::pair<std::string, std::vector<std::string>>> in_volume(const doc::Value& volume) {
  std::vector<std::pair<std::string, std::vector<std::string>>> found;
  if (const doc::Value* own = doc::find(volume, {"secret"}))
    found.emplace_back(doc::find_string(*own, {"secretName"}), keys_of(*own));
  if (const doc::Value* csi = doc::find(volume, {"csi", "nodePublishSecretRef"}))
    found.emplace_back(doc::find_string(*csi, {"name"}), std::vector<std::string>{});
  const doc::Array* sources = doc::find_array(volume, {"projected", "sources"});
  for (const doc::Value& source : sources ? *sources : doc::Array{}) {
    if (const doc::Value* own = doc::find(source, {"secret"}))
      found.emplace_back(doc::find_string(*own, {"name"}), keys_of(*own));
  }
  return found;
}

void read_environment(const doc::Value& container, const std::string& object, Readers& readers) {
  std::string name(doc::find_string(container, {"name"}));
  const doc::Array* env = doc::find_array(container, {"env"});
  for (const doc::Value& each : env ? *env : doc::Array{}) {
    const doc::Value* from = doc::find(each, {"valueFrom", "secretKeyRef"});
    if (from == nullptr) continue;
    readers.add(doc::find_string(*from, {"name"}), object,
                {name,
                 fmt::format("environment variable {}", doc::find_string(each, {"name"})),
                 {std::string(doc::find_string(*from, {"key"}))},
                 {}});
  }
  const doc::Array* whole = doc::find_array(container, {"envFrom"});
  for (const doc::Value& each : whole ? *whole : doc::Array{})
    readers.add(doc::find_string(each, {"secretRef", "name"}), object,
                {name, "environment variables", {}, {}});
}

void read_mounts(const doc::Value& pod, const doc::Value& container, const std::string& object,
                 Readers& readers) {
  const doc::Array* mounts = doc::find_array(container, {"volumeMounts"});
  const doc::Array* volumes = doc::find_array(pod, {"volumes"});
  if (mounts == nullptr || volumes == nullptr) return;
  for (const doc::Value& mount : *mounts) {
    auto volume = std::ranges::find_if(*volumes, [&mount](const doc::Value& each) {
      return doc::find_string(each, {"name"}) == doc::find_string(mount, {"name"});
    });
    if (volume == volumes->end()) continue;
    for (auto& [secret, keys] : in_volume(*volume))
      readers.add(secret, object,
                  {std::string(doc::find_string(container, {"name"})),
                   fmt::format("files in {}", doc::find_string(mount, {"mountPath"})),
                   keys,
                   {}});
  }
}

void read_pod(const doc::Value& pod, const std::string& object, Readers& readers) {
  each_container(pod, [&](const doc::Value& container, std::string_view) {
    read_environment(container, object, readers);
    read_mounts(pod, container, object, readers);
  });
  const doc::Array* pull = doc::find_array(pod, {"imagePullSecrets"});
  for (const doc::Value& each : pull ? *pull : doc::Array{})
    readers.add(doc::find_string(each, {"name"}), object, {"", "to pull images", {}, {}});
}

bool is_pull_secret(const Input& input, const std::string& name) {
  return std::ranges::count(input.site.image_pull_secrets, name) > 0;
}

/// What it is for, and who makes it.
std::pair<std::string, std::string> purpose(const Input& input, const std::string& name) {
  const plan::Plan& plan = input.plan;
  if (name == plan.token_secret)
    return {"Ray's token: who has it may use the cluster",
            plan.token_secret_is_users ? "you: the document names it"
                                       : "raykeep up, once; never written over"};
  auto planned = std::ranges::find(plan.secrets, name, &plan::PlannedSecret::name);
  if (planned != plan.secrets.end()) {
    const bool managed = planned->kind == plan::PlannedSecret::Kind::managed_redis;
    return {managed ? "the password of the cluster's Redis, and its certificate where it has one"
                    : "the document's Redis password",
            managed ? "raykeep up, once; never written over" : "raykeep up, from the document"};
  }
  if (is_pull_secret(input, name)) return {"the registry's credentials", "you: the Site names it"};
  const spec::Storage& storage = plan.storage;
  for (const spec::Credential* each : {&storage.user, &storage.password}) {
    if (each->from && !each->from->config_map && each->from->name == name)
      return {"credentials of the Redis that keeps the head's state", "you"};
  }
  if (name == storage.tls.certificate_secret)
    return {"the head's certificate for Redis", "you: the Site names it"};
  if (storage.tls.ca && !storage.tls.ca->config_map && storage.tls.ca->name == name)
    return {"the authority of Redis' certificate", "you: the Site names it"};
  return {"the workload's own", "you: the document names it"};
}

/// The controller asks Redis who holds a head's lease, with the credentials that the head has.
bool controller_reads(const Input& input, const std::string& name) {
  if (!input.plan.storage.is_redis()) return false;
  return name != input.plan.token_secret && !is_pull_secret(input, name) &&
         purpose(input, name).first != "the workload's own";
}

doc::Object to_json(const Reader& reader) {
  doc::Array objects, keys;
  for (const std::string& each : reader.objects) objects.emplace_back(each);
  for (const std::string& each : reader.keys) keys.emplace_back(each);
  return {{"objects", std::move(objects)},
          {"container", reader.container},
          {"how", reader.how},
          {"keys", std::move(keys)}};
}

}  // namespace

doc::Array secrets(const Input& input) {
  Readers readers;
  readers.name(input.plan.token_secret);
  for (const plan::PlannedSecret& each : input.plan.secrets) readers.name(each.name);
  for (const doc::Value& object : input.objects()) {
    if (const doc::Value* pod = pod_of(object)) read_pod(*pod, label_of(object), readers);
  }
  doc::Array made;
  for (const auto& [name, list] : readers.all()) {
    doc::Array by;
    for (const Reader& each : list) by.push_back(to_json(each));
    if (controller_reads(input, name))
      by.push_back(doc::Object{{"objects", doc::Array{"Raykeep's controller, where there is one"}},
                               {"container", ""},
                               {"how", "by name, to ask who holds the head's lease"},
                               {"keys", doc::Array{}}});
    auto [what, made_by] = purpose(input, name);
    made.push_back(doc::Object{
        {"name", name}, {"what", what}, {"madeBy", made_by}, {"readers", std::move(by)}});
  }
  return made;
}

}  // namespace raykeep::report
