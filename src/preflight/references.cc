#include "preflight/references.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "control/fields.h"
#include "control/inventory.h"
#include "doc/base64.h"
#include "preflight/workload.h"

namespace raykeep::preflight {
namespace {

using control::list_at;
using Kind = Reference::Kind;

/// References by kind and name, as they are found.
class Found {
 public:
  explicit Found(const plan::Plan& plan) : plan_(plan) {}

  void add(Kind kind, std::string_view name, const std::string& user, std::string_view key = "") {
    if (name.empty() || is_planned(kind, name)) return;
    Reference& reference = at(kind, name);
    reference.users.insert(user);
    if (!key.empty()) reference.keys.insert(std::string(key));
  }

  void add_registry(std::string_view name, std::string registry) {
    if (!name.empty()) at(Kind::pull_secret, name).registries.insert(std::move(registry));
  }

  std::vector<Reference> all() const {
    std::vector<Reference> out;
    for (const auto& [key, reference] : found_) out.push_back(reference);
    return out;
  }

 private:
  Reference& at(Kind kind, std::string_view name) {
    Reference& reference = found_[{kind, std::string(name)}];
    reference.kind = kind;
    reference.name = name;
    return reference;
  }

  bool is_planned(Kind kind, std::string_view name) const {
    std::string_view type = kind == Kind::config_map     ? "ConfigMap"
                            : kind == Kind::volume_claim ? "PersistentVolumeClaim"
                            : kind == Kind::secret       ? "Secret"
                                                         : "";
    if (kind == Kind::secret) {
      if (name == plan_.token_secret && !plan_.token_secret_is_users) return true;
      if (std::ranges::any_of(plan_.secrets, [&](const auto& each) { return each.name == name; }))
        return true;
    }
    return !type.empty() && std::ranges::any_of(plan_.objects, [&](const doc::Value& object) {
      return control::kind_of(object) == type && control::name_of(object) == name;
    });
  }

  const plan::Plan& plan_;
  std::map<std::pair<Kind, std::string>, Reference> found_;
};

bool is_optional(const doc::Value& reference) { return control::true_at(reference, {"optional"}); }

void in_environment(const doc::Value& container, const std::string& user, Found& found) {
  for (const doc::Value& variable : list_at(container, {"env"})) {
    for (auto [member, kind] : {std::pair{"secretKeyRef", Kind::secret},
                                std::pair{"configMapKeyRef", Kind::config_map}}) {
      const doc::Value* from = doc::find(variable, {"valueFrom", member});
      if (from != nullptr && !is_optional(*from))
        found.add(kind, doc::find_string(*from, {"name"}), user, doc::find_string(*from, {"key"}));
    }
  }
  for (const doc::Value& source : list_at(container, {"envFrom"})) {
    for (auto [member, kind] :
         {std::pair{"secretRef", Kind::secret}, std::pair{"configMapRef", Kind::config_map}}) {
      const doc::Value* from = doc::find(source, {member});
      if (from != nullptr && !is_optional(*from))
        found.add(kind, doc::find_string(*from, {"name"}), user);
    }
  }
}

/// `name` is called secretName in a volume and name in a projected one.
void in_source(const doc::Value& source, Kind kind, std::string_view name, const std::string& user,
               Found& found) {
  if (is_optional(source)) return;
  std::string_view named = doc::find_string(source, {name});
  found.add(kind, named, user);
  for (const doc::Value& item : list_at(source, {"items"}))
    found.add(kind, named, user, doc::find_string(item, {"key"}));
}

void in_volume(const doc::Value& volume, const std::string& user, Found& found) {
  if (const doc::Value* secret = doc::find(volume, {"secret"}))
    in_source(*secret, Kind::secret, "secretName", user, found);
  if (const doc::Value* map = doc::find(volume, {"configMap"}))
    in_source(*map, Kind::config_map, "name", user, found);
  found.add(Kind::volume_claim, doc::find_string(volume, {"persistentVolumeClaim", "claimName"}),
            user);
  for (const doc::Value& source : list_at(volume, {"projected", "sources"})) {
    if (const doc::Value* secret = doc::find(source, {"secret"}))
      in_source(*secret, Kind::secret, "name", user, found);
    if (const doc::Value* map = doc::find(source, {"configMap"}))
      in_source(*map, Kind::config_map, "name", user, found);
  }
}

void in_workload(const Workload& workload, Found& found) {
  const doc::Value& spec = workload.spec();
  const std::string& user = workload.label;
  found.add(Kind::service_account, doc::find_string(spec, {"serviceAccountName"}), user);
  found.add(Kind::priority_class, doc::find_string(spec, {"priorityClassName"}), user);
  found.add(Kind::runtime_class, doc::find_string(spec, {"runtimeClassName"}), user);
  for (const doc::Value* container : containers_of(spec)) in_environment(*container, user, found);
  for (const doc::Value& volume : list_at(spec, {"volumes"})) in_volume(volume, user, found);
  for (const doc::Value& secret : list_at(spec, {"imagePullSecrets"})) {
    std::string_view name = doc::find_string(secret, {"name"});
    found.add(Kind::pull_secret, name, user);
    for (const doc::Value* container : containers_of(spec))
      found.add_registry(name, registry_of(doc::find_string(*container, {"image"})));
  }
}

bool has_key(const doc::Value& object, const std::string& key) {
  return doc::find(object, {"data", key}) != nullptr ||
         doc::find(object, {"binaryData", key}) != nullptr;
}

/// The hosts that a pull Secret has credentials for; the credentials themselves are dropped here.
std::optional<std::vector<std::string>> hosts_in(const doc::Value& secret) {
  auto text = doc::decode_base64(doc::find_string(secret, {"data", ".dockerconfigjson"}));
  if (!text || text->empty()) return std::nullopt;
  auto config = doc::parse_json(*text);
  const doc::Object* auths = config ? doc::find_object(*config, {"auths"}) : nullptr;
  if (auths == nullptr) return std::nullopt;
  std::vector<std::string> out;
  for (const auto& member : *auths) {
    std::string_view host = member.key();
    if (std::size_t scheme = host.find("://"); scheme != host.npos) host.remove_prefix(scheme + 3);
    out.emplace_back(host.substr(0, host.find('/')));
  }
  return out;
}

std::string users_text(const Reference& reference) {
  return join({reference.users.begin(), reference.users.end()}, ", ");
}

Obstacles judge_pull_secret(const Reference& reference, const std::string& ns,
                            const doc::Value& secret) {
  std::optional<std::vector<std::string>> hosts = hosts_in(secret);
  const std::string about = to_string(reference);
  if (!hosts) {
    return {{code::pull_secret, Weight::may_block, Who::you, about,
             "it is no pull Secret: type kubernetes.io/dockerconfigjson with that key", "",
             fmt::format("kubectl create secret docker-registry {} -n {} --docker-server=... "
                         "--docker-username=... --docker-password=...",
                         reference.name, ns)}};
  }
  bool any = std::ranges::any_of(*hosts, [&](std::string_view host) {
    return reference.registries.contains(
        std::string(host == "index.docker.io" ? "docker.io" : host));
  });
  if (any || reference.registries.empty()) return {};
  const std::string registries =
      join({reference.registries.begin(), reference.registries.end()}, ", ");
  return {{code::pull_secret, Weight::may_block, Who::registry_team, about,
           fmt::format("it has no credential for {}", registries), "",
           fmt::format("Please give us an account that may pull from {}; ours is for {}.",
                       registries, join(*hosts, ", "))}};
}

Obstacle absent(const char* code, Who who, const Reference& reference, std::string send) {
  return {code,
          Weight::blocks,
          who,
          to_string(reference),
          "it is not there, and is needed by " + users_text(reference),
          "",
          std::move(send)};
}

Obstacle missing(const Reference& reference, const std::string& ns) {
  const std::string& name = reference.name;
  switch (reference.kind) {
    case Kind::pull_secret:
      return absent(
          code::pull_secret, Who::registry_team, reference,
          fmt::format("Please give us an account that may pull from {}. We store it by: "
                      "kubectl create secret docker-registry {} -n {} "
                      "--docker-server=... --docker-username=... --docker-password=...",
                      join({reference.registries.begin(), reference.registries.end()}, ", "), name,
                      ns));
    case Kind::service_account:
      return absent(code::service_account, Who::you, reference,
                    fmt::format("kubectl create serviceaccount {} -n {}", name, ns));
    case Kind::volume_claim:
      return absent(code::volume_claim, Who::you, reference,
                    fmt::format("Create the PersistentVolumeClaim {} in namespace {}, or name "
                                "another in the document.",
                                name, ns));
    case Kind::priority_class:
      return absent(code::priority_class, Who::cluster_admin, reference,
                    fmt::format("Please create the PriorityClass {}, or tell us which we may use "
                                "in namespace {}.",
                                name, ns));
    case Kind::runtime_class:
      return absent(
          code::runtime_class, Who::cluster_admin, reference,
          fmt::format("Please create the RuntimeClass {}, or tell us which we may use.", name));
    case Kind::storage_class:
      return absent(code::storage_class, Who::cluster_admin, reference,
                    fmt::format("Which StorageClass may we use in namespace {}? We had {}, which "
                                "is not there.",
                                ns, name));
    case Kind::secret:
    case Kind::config_map:
      break;
  }
  std::string keys;
  for (const std::string& key : reference.keys) keys += fmt::format(" --from-file={}=FILE", key);
  const bool secret = reference.kind == Kind::secret;
  return absent(code::reference, Who::you, reference,
                fmt::format("kubectl create {} {} -n {}{}", secret ? "secret generic" : "configmap",
                            name, ns, keys));
}

}  // namespace

std::vector<Reference> references_of(const plan::Plan& plan) {
  Found found(plan);
  for (const Workload& workload : workloads_of(plan)) in_workload(workload, found);
  for (const doc::Value& object : plan.objects) {
    if (control::kind_of(object) == "PersistentVolumeClaim")
      found.add(Kind::storage_class, doc::find_string(object, {"spec", "storageClassName"}),
                control::label_for_people(object));
  }
  return found.all();
}

std::string to_string(const Reference& reference) {
  std::string_view kind;
  switch (reference.kind) {
    case Kind::secret:
    case Kind::pull_secret:
      kind = "Secret";
      break;
    case Kind::config_map:
      kind = "ConfigMap";
      break;
    case Kind::service_account:
      kind = "ServiceAccount";
      break;
    case Kind::volume_claim:
      kind = "PersistentVolumeClaim";
      break;
    case Kind::priority_class:
      kind = "PriorityClass";
      break;
    case Kind::runtime_class:
      kind = "RuntimeClass";
      break;
    case Kind::storage_class:
      kind = "StorageClass";
      break;
  }
  return fmt::format("{} {}", kind, reference.name);
}

bool is_cluster_wide(const Reference& reference) {
  return reference.kind == Kind::priority_class || reference.kind == Kind::runtime_class ||
         reference.kind == Kind::storage_class;
}

std::pair<std::string_view, std::string_view> resource_of(const Reference& reference) {
  switch (reference.kind) {
    case Kind::secret:
    case Kind::pull_secret:
      return {"", "secrets"};
    case Kind::config_map:
      return {"", "configmaps"};
    case Kind::service_account:
      return {"", "serviceaccounts"};
    case Kind::volume_claim:
      return {"", "persistentvolumeclaims"};
    case Kind::priority_class:
      return {"scheduling.k8s.io", "priorityclasses"};
    case Kind::runtime_class:
      return {"node.k8s.io", "runtimeclasses"};
    case Kind::storage_class:
      return {"storage.k8s.io", "storageclasses"};
  }
  return {};
}

kube::Question question_about(const Reference& reference, const std::string& ns) {
  auto [group, resource] = resource_of(reference);
  std::string text = to_string(reference);
  std::string kind = text.substr(0, text.find(' '));
  std::string version = group.empty() ? "v1" : fmt::format("{}/v1", group);
  return kube::look_at({version, kind}, is_cluster_wide(reference) ? "" : ns, reference.name);
}

Obstacles judge_reference(const Reference& reference, const std::string& ns,
                          const kube::Said& said) {
  const std::string about = to_string(reference);
  if (said.absent()) return {missing(reference, ns)};
  if (!said.good()) {
    return {{code::unreadable, Weight::unchecked,
             is_cluster_wide(reference) ? Who::cluster_admin : Who::namespace_admin, about,
             "whether it is there cannot be read", said.message,
             fmt::format("Is there a {} that namespace {} may use?", about, ns)}};
  }
  if (reference.kind == Kind::pull_secret) return judge_pull_secret(reference, ns, said.body);
  if (reference.kind == Kind::volume_claim &&
      doc::find_string(said.body, {"status", "phase"}) == "Lost") {
    return {{code::volume_claim, Weight::blocks, Who::cluster_admin, about, "its volume is lost",
             "",
             fmt::format("The volume {} of the {} in namespace {} is lost.",
                         doc::find_string(said.body, {"spec", "volumeName"}), about, ns)}};
  }
  Obstacles out;
  for (const std::string& key : reference.keys) {
    if (has_key(said.body, key)) continue;
    out.push_back({code::reference_key, Weight::blocks, Who::you,
                   fmt::format("{}, key {}", about, key),
                   "the key is not in it, and is needed by " + users_text(reference), "",
                   fmt::format("Add the key {} to the {} in namespace {}, or name another in the "
                               "document.",
                               key, about, ns)});
  }
  return out;
}

std::string registry_of(std::string_view image) {
  std::size_t slash = image.find('/');
  if (slash == image.npos) return "docker.io";
  std::string_view host = image.substr(0, slash);
  bool is_host = host.contains('.') || host.contains(':') || host == "localhost";
  return is_host ? std::string(host) : "docker.io";
}

}  // namespace raykeep::preflight
