#include "plan/owner.h"

#include "doc/document.h"

namespace raykeep::plan {

doc::Value owner(const Input& input, const std::string& generation) {
  doc::Object made = object(input, "v1", "ConfigMap", owner_name(input.cluster.name));
  if (!generation.empty()) {
    made["metadata"].get_object()["annotations"] = doc::Object{{generation_annotation, generation}};
  }
  doc::Object data;
  data[document_key] = doc::write_yaml(doc::Value(input.cluster.document));
  if (!input.site.document.empty())
    data[site_key] = doc::write_yaml(doc::Value(input.site.document));
  made["data"] = std::move(data);
  return made;
}

doc::Value token_secret(const Input& input, const std::string& token) {
  doc::Object made = object(input, "v1", "Secret", token_secret_name(input.cluster));
  made["type"] = "Opaque";
  made["stringData"] = doc::Object{{token_key, token}};
  return made;
}

}  // namespace raykeep::plan
