#include "plan/claims.h"

#include "plan/restricted.h"

namespace raykeep::plan {
namespace {

// KubeRay's names (ray-operator/controllers/ray/utils/constant.go).
constexpr std::string_view gcs_volume = "gcs-storage";
constexpr std::string_view gcs_folder = "/data/gcs";

}  // namespace

doc::Value volume_claim(const Input& input, const std::string& name,
                        const spec::GcsVolume& volume) {
  doc::Object made = object(input, "v1", "PersistentVolumeClaim", name);
  if (volume.retain) {
    made["metadata"].get_object()["annotations"] = doc::Object{{keep_annotation, "true"}};
  }
  doc::Array modes;
  for (const std::string& mode : volume.access_modes) modes.emplace_back(mode);
  doc::Object spec;
  spec["accessModes"] = std::move(modes);
  spec["resources"] = doc::Object{{"requests", doc::Object{{"storage", volume.size}}}};
  if (!volume.storage_class.empty()) spec["storageClassName"] = volume.storage_class;
  made["spec"] = std::move(spec);
  return made;
}

void add_rocksdb(const Input& input, doc::Object& container, doc::Object& pod_spec) {
  const spec::GcsVolume& volume = input.storage.volume;
  doc::Array& env = array_at(container, "env");
  env.push_back(doc::Object{{"name", "RAY_gcs_storage"}, {"value", "rocksdb"}});
  env.push_back(doc::Object{{"name", "RAY_gcs_storage_path"}, {"value", gcs_folder}});
  doc::Object mount{{"name", gcs_volume}, {"mountPath", gcs_folder}};
  if (!volume.sub_path.empty()) mount["subPath"] = volume.sub_path;
  array_at(container, "volumeMounts").push_back(std::move(mount));
  const std::string claim =
      volume.claim_name.empty() ? gcs_claim_name(input.cluster.name) : volume.claim_name;
  add_volume(pod_spec,
             {{"name", gcs_volume}, {"persistentVolumeClaim", doc::Object{{"claimName", claim}}}});
}

}  // namespace raykeep::plan
