#include "control/road_target.h"

#include <algorithm>

#include "control/fields.h"

namespace raykeep::control {
namespace {

using decide::Storage;

const doc::Object* ray_container(const doc::Object& pod_spec) {
  const doc::Array* containers = doc::find_array(pod_spec, {"containers"});
  return containers == nullptr || containers->empty() ? nullptr : containers->front().if_object();
}

std::string_view variable(const doc::Object& container, std::string_view name) {
  const doc::Array* env = doc::find_array(container, {"env"});
  if (env == nullptr) return "";
  for (const doc::Value& each : *env) {
    if (doc::find_string(each, {"name"}) == name) return doc::find_string(each, {"value"});
  }
  return "";
}

bool has_variable(const doc::Object& container, std::string_view name) {
  const doc::Array* env = doc::find_array(container, {"env"});
  return env != nullptr && std::ranges::any_of(*env, [&](const doc::Value& each) {
           return doc::find_string(each, {"name"}) == name;
         });
}

/// "--redis=FILE" of `.../raykeep node ...`, when that is process 1.
std::string road_config_of(const doc::Object& container) {
  const doc::Array* command = doc::find_array(container, {"command"});
  if (command == nullptr || command->size() < 2) return "";
  auto word = [&](std::size_t at) {
    const doc::Value& each = (*command)[at];
    return each.is_string() ? std::string_view(each.get_string()) : std::string_view();
  };
  if (!word(0).ends_with("/raykeep") || word(1) != "node") return "";
  constexpr std::string_view flag = "--redis=";
  for (std::size_t at = 2; at < command->size() && word(at) != "--"; ++at) {
    if (word(at).starts_with(flag)) return std::string(word(at).substr(flag.size()));
  }
  return "";
}

const doc::Value* volume_named(const doc::Object& pod_spec, std::string_view name) {
  const doc::Array* volumes = doc::find_array(pod_spec, {"volumes"});
  if (volumes == nullptr) return nullptr;
  for (const doc::Value& each : *volumes) {
    if (doc::find_string(each, {"name"}) == name) return &each;
  }
  return nullptr;
}

/// The files that a Secret or ConfigMap source puts below `folder`. Without items all of its keys
/// become files, so the name of a file is its key: said by an empty key here.
void add_files(const doc::Value& source, bool secret, std::string_view name_member,
               const std::string& folder, std::map<std::string, FileSource>& files) {
  std::string name(doc::find_string(source, {name_member}));
  const doc::Array& items = list_at(source, {"items"});
  if (items.empty()) files[folder + '/'] = {secret, name, ""};
  for (const doc::Value& item : items) {
    files[folder + '/' + std::string(doc::find_string(item, {"path"}))] = {
        secret, name, std::string(doc::find_string(item, {"key"}))};
  }
}

void add_volume(const doc::Value& volume, const std::string& folder,
                std::map<std::string, FileSource>& files) {
  if (const doc::Value* secret = doc::find(volume, {"secret"}))
    add_files(*secret, true, "secretName", folder, files);
  if (const doc::Value* config = doc::find(volume, {"configMap"}))
    add_files(*config, false, "name", folder, files);
  for (const doc::Value& source : list_at(volume, {"projected", "sources"})) {
    if (const doc::Value* secret = doc::find(source, {"secret"}))
      add_files(*secret, true, "name", folder, files);
    if (const doc::Value* config = doc::find(source, {"configMap"}))
      add_files(*config, false, "name", folder, files);
  }
}

std::map<std::string, FileSource> mounted_files(const doc::Object& pod_spec,
                                                const doc::Object& container) {
  std::map<std::string, FileSource> files;
  const doc::Array* mounts = doc::find_array(container, {"volumeMounts"});
  if (mounts == nullptr) return files;
  for (const doc::Value& mount : *mounts) {
    const doc::Value* volume = volume_named(pod_spec, doc::find_string(mount, {"name"}));
    std::string folder(doc::find_string(mount, {"mountPath"}));
    while (folder.ends_with('/')) folder.pop_back();
    if (volume != nullptr) add_volume(*volume, folder, files);
  }
  return files;
}

/// The claim of the volume that is mounted at `path` or above it.
std::string claim_at(const doc::Object& pod_spec, const doc::Object& container,
                     std::string_view path) {
  const doc::Array* mounts = doc::find_array(container, {"volumeMounts"});
  if (mounts == nullptr) return "";
  for (const doc::Value& mount : *mounts) {
    std::string_view folder = doc::find_string(mount, {"mountPath"});
    if (folder.empty() || !path.starts_with(folder)) continue;
    const doc::Value* volume = volume_named(pod_spec, doc::find_string(mount, {"name"}));
    if (volume == nullptr) continue;
    std::string_view claim = doc::find_string(*volume, {"persistentVolumeClaim", "claimName"});
    if (!claim.empty()) return std::string(claim);
  }
  return "";
}

}  // namespace

std::optional<FileSource> source_of(const std::string& file, const HeadStorage& storage) {
  if (auto found = storage.files.find(file); found != storage.files.end()) return found->second;
  std::size_t slash = file.rfind('/');
  if (slash == std::string::npos) return std::nullopt;
  auto folder = storage.files.find(file.substr(0, slash + 1));
  if (folder == storage.files.end()) return std::nullopt;
  return FileSource{folder->second.secret, folder->second.name, file.substr(slash + 1)};
}

HeadStorage head_storage(const doc::Object& pod_spec) {
  HeadStorage made;
  const doc::Object* container = ray_container(pod_spec);
  if (container == nullptr) return made;
  made.config_file = road_config_of(*container);
  made.on_road = !made.config_file.empty();
  if (variable(*container, "RAY_gcs_storage") == "rocksdb") {
    made.storage = Storage::rocksdb;
    std::string_view path = variable(*container, "RAY_gcs_storage_path");
    made.claim = claim_at(pod_spec, *container, path.empty() ? "/data/gcs" : path);
  } else if (made.on_road || has_variable(*container, "RAY_REDIS_ADDRESS")) {
    made.storage = Storage::redis;
  }
  if (made.on_road) made.files = mounted_files(pod_spec, *container);
  return made;
}

std::optional<RoadTarget> road_target(const std::string& config, const HeadStorage& storage) {
  auto parsed = doc::parse_json(config);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  RoadTarget made{.config = doc::write_json(*parsed),
                  .storage_namespace = std::string(doc::find_string(*parsed, {"storageNamespace"})),
                  .addresses = {},
                  .files = {}};
  if (made.storage_namespace.empty()) return std::nullopt;
  made.addresses = texts_at(*parsed, {"addresses"});
  std::ranges::move(texts_at(*parsed, {"sentinel", "addresses"}),
                    std::back_inserter(made.addresses));
  std::ranges::sort(made.addresses);
  for (auto path : {std::initializer_list<std::string_view>{"usernameFile"},
                    {"passwordFile"},
                    {"sentinel", "usernameFile"},
                    {"sentinel", "passwordFile"},
                    {"tls", "caFile"},
                    {"tls", "certificateFile"},
                    {"tls", "keyFile"}}) {
    std::string file(doc::find_string(*parsed, path));
    if (file.empty()) continue;
    if (auto source = source_of(file, storage)) made.files[file] = *source;
  }
  return made;
}

doc::Object to_json(const RoadTarget& target) {
  doc::Object files;
  for (const auto& [path, source] : target.files) {
    files[path] =
        doc::Object{{source.secret ? "secret" : "configMap", source.name}, {"key", source.key}};
  }
  doc::Object texts;
  for (const auto& [path, text] : target.texts) texts[path] = text;
  auto config = doc::parse_json(target.config);
  return {{"config", config ? *config : doc::Value(doc::Object())},
          {"files", std::move(files)},
          {"texts", std::move(texts)}};
}

std::optional<RoadTarget> target_from_json(const doc::Value& value) {
  const doc::Object* config = doc::find_object(value, {"config"});
  const doc::Object* files = doc::find_object(value, {"files"});
  if (config == nullptr || files == nullptr) return std::nullopt;
  HeadStorage storage;
  for (const auto& each : *files) {
    bool secret = doc::find(each.value(), {"secret"}) != nullptr;
    storage.files[std::string(each.key())] = {
        secret, std::string(doc::find_string(each.value(), {secret ? "secret" : "configMap"})),
        std::string(doc::find_string(each.value(), {"key"}))};
  }
  std::optional<RoadTarget> made = road_target(doc::write_json(doc::Value(*config)), storage);
  const doc::Object* texts = doc::find_object(value, {"texts"});
  if (!made || texts == nullptr) return made;
  for (const auto& each : *texts) {
    if (each.value().is_string())
      made->texts[std::string(each.key())] = std::string(each.value().get_string());
  }
  return made;
}

}  // namespace raykeep::control
