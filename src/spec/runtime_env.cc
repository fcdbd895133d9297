#include "spec/runtime_env.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace raykeep::spec {
namespace {

constexpr const char* packages_remedy =
    "put the packages into the image, or as wheels into a folder of it and name their files";
constexpr const char* code_remedy =
    "give a folder of the image, or a folder of the submitter's, which goes through the head";

/// A URI of Ray's that is not served by the head itself (runtime_env/protocol.py). Paths of the
/// image have no scheme; file:// and Serve's local:// name one.
bool is_remote(std::string_view text) {
  return text.contains("://") && !text.starts_with("gcs://") && !text.starts_with("file://") &&
         !text.starts_with("local://");
}

/// Local wheels and folders are no download: "./x.whl", "/wheels/x.whl".
bool is_local_package(std::string_view text) {
  return text.starts_with('/') || text.starts_with("./") || text.starts_with("${");
}

bool all_local(const doc::Value& list) {
  const doc::Array* array = list.if_array();
  return array != nullptr && std::ranges::all_of(*array, [](const doc::Value& each) {
           const boost::json::string* text = each.if_string();
           return text != nullptr && is_local_package(std::string_view(*text));
         });
}

/// pip and uv: a list, a path of a requirements file, or a map with packages.
bool installs_from_index(const doc::Value& value) {
  if (const doc::Object* map = value.if_object()) {
    const doc::Value* packages = map->if_contains("packages");
    return packages != nullptr && !all_local(*packages);
  }
  return !all_local(value);
}

void add_code(const std::string& field, const doc::Value& value,
              std::vector<RuntimeDownload>& found) {
  const boost::json::string* text = value.if_string();
  if (text != nullptr && is_remote(std::string_view(*text)))
    found.push_back({field, std::string(*text), code_remedy});
}

/// A map that is written as YAML inside of a string, as KubeRay has it.
doc::Value inner(std::string_view text) {
  doc::ReadResult read = doc::read_yaml(text, "");
  return read.documents.size() == 1 ? std::move(read.documents[0].value) : doc::Value();
}

}  // namespace

std::vector<RuntimeDownload> runtime_downloads(const doc::Object& runtime_env) {
  std::vector<RuntimeDownload> found;
  for (const char* field : {"pip", "uv"}) {
    const doc::Value* value = runtime_env.if_contains(field);
    if (value != nullptr && !value->is_null() && installs_from_index(*value))
      found.push_back({field, "packages of an index", packages_remedy});
  }
  if (const doc::Value* conda = runtime_env.if_contains("conda"); conda && !conda->is_null()) {
    const boost::json::string* name = conda->if_string();
    // A name is an environment that the image has; a file or a map is one to be made.
    const bool made = name == nullptr || std::string_view(*name).ends_with(".yml") ||
                      std::string_view(*name).ends_with(".yaml");
    if (made) found.push_back({"conda", "packages of a channel", packages_remedy});
  }
  if (const doc::Value* folder = runtime_env.if_contains("working_dir"))
    add_code("working_dir", *folder, found);
  if (const doc::Array* modules = doc::find_array(runtime_env, {"py_modules"})) {
    for (std::size_t i = 0; i < modules->size(); ++i)
      add_code(fmt::format("py_modules[{}]", i), (*modules)[i], found);
  }
  for (const char* field : {"container", "image_uri"}) {
    const doc::Value* value = runtime_env.if_contains(field);
    if (value != nullptr && !value->is_null())
      found.push_back({field, "an image, which Ray would start by podman",
                       "make it the image of a worker group"});
  }
  return found;
}

namespace {

/// Where Ray Serve LLM would load a model from (ray.serve.llm LLMConfig.model_loading_config);
/// empty where it is a folder.
std::string model_download(const doc::Value& llm_config) {
  const doc::Value* loading = doc::find(llm_config, {"model_loading_config"});
  if (loading == nullptr) return "";
  const doc::Value* source = doc::find(*loading, {"model_source"});
  if (source != nullptr && source->is_object())
    return fmt::format("a model from the bucket {}",
                       quoted(doc::find_string(*source, {"bucket_uri"})));
  std::string_view name = doc::find_string(*loading, {"model_source"});
  if (name.empty()) name = doc::find_string(*loading, {"model_id"});
  return name.empty() || name.starts_with('/')
             ? ""
             : fmt::format("the model {} from a hub", quoted(name));
}

}  // namespace

Findings runtime_env_findings(const doc::Document& document) {
  Findings findings;
  auto add = [&](const char* pointer, const std::string& path, const doc::Value& environment) {
    const doc::Object* map = environment.if_object();
    if (map == nullptr) return;
    for (const RuntimeDownload& each : runtime_downloads(*map)) {
      findings.push_back({Severity::warning, "RK2500", document.place(pointer),
                          fmt::format("{}.{}", path, each.field),
                          fmt::format("it loads {}, and the Site is air-gapped", each.what),
                          each.remedy});
    }
  };
  std::string_view kind = doc::find_string(document.value, {"kind"});
  if (kind == "RayJob") {
    add("/spec/runtimeEnvYAML", "spec.runtimeEnvYAML",
        inner(doc::find_string(document.value, {"spec", "runtimeEnvYAML"})));
  } else if (kind == "RayService") {
    const doc::Value config = inner(doc::find_string(document.value, {"spec", "serveConfigV2"}));
    const doc::Array* applications = doc::find_array(config, {"applications"});
    for (std::size_t i = 0; applications != nullptr && i < applications->size(); ++i) {
      if (const doc::Value* environment = doc::find((*applications)[i], {"runtime_env"}))
        add("/spec/serveConfigV2",
            fmt::format("spec.serveConfigV2 applications[{}].runtime_env", i), *environment);
      const doc::Array* models = doc::find_array((*applications)[i], {"args", "llm_configs"});
      for (std::size_t at = 0; models != nullptr && at < models->size(); ++at) {
        const std::string what = model_download((*models)[at]);
        if (what.empty()) continue;
        findings.push_back(
            {Severity::warning, "RK2500", document.place("/spec/serveConfigV2"),
             fmt::format("spec.serveConfigV2 applications[{}].args.llm_configs[{}]", i, at),
             fmt::format("it loads {}, and the Site is air-gapped", what),
             "write model_source: /folder, and bring the model's files there by a volume"});
      }
    }
  }
  return findings;
}

}  // namespace raykeep::spec
