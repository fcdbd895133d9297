#include "spec/schema.h"

#include <set>

#include "spec/shape.h"

namespace raykeep::spec {
namespace {

class SchemaWriter {
 public:
  doc::Value write(std::string_view kind, std::string_view api_version) {
    doc::Object out{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", kind}};
    doc::Object root = object_schema(shapes().at(kind));
    for (auto& member : root) out.emplace(member.key(), member.value());
    doc::Object& properties = out["properties"].as_object();
    properties["apiVersion"].as_object()["enum"] = api_versions(api_version);
    properties["kind"].as_object()["const"] = kind;
    doc::Object definitions;
    while (!wanted_.empty()) {
      std::string_view name = *wanted_.begin();
      wanted_.erase(wanted_.begin());
      if (definitions.contains(name)) continue;
      definitions[name] = definition(shapes().at(name));
    }
    out["$defs"] = std::move(definitions);
    return out;
  }

 private:
  static doc::Array api_versions(std::string_view version) {
    doc::Array out{doc::Value(version)};
    if (version == "ray.io/v1") out.push_back("ray.io/v1alpha1");
    return out;
  }

  doc::Object definition(const Shape& shape) {
    if (shape.words.empty()) return object_schema(shape);
    doc::Array words;
    for (std::string_view word : shape.words) words.push_back(doc::Value(word));
    return {{"type", doc::Array{"string", "null"}}, {"enum", [&] {
                                                       words.push_back(nullptr);
                                                       return words;
                                                     }()}};
  }

  doc::Object object_schema(const Shape& shape) {
    doc::Object properties;
    doc::Array required;
    for (const Field& field : shape.fields) {
      doc::Object property = type_schema(field.type, !field.required);
      if (!field.about.empty()) property["description"] = field.about;
      if (!field.filled_in.empty()) property["default"] = *doc::parse_json(field.filled_in);
      if (field.required) required.push_back(doc::Value(field.name));
      properties.emplace(field.name, std::move(property));
    }
    doc::Object out{
        {"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
    if (!shape.about.empty()) out["description"] = shape.about;
    if (!required.empty()) out["required"] = std::move(required);
    return out;
  }

  /// Null counts as absent wherever a field may be absent.
  static doc::Object typed(std::string_view type, bool nullable) {
    if (!nullable) return {{"type", type}};
    return {{"type", doc::Array{doc::Value(type), "null"}}};
  }

  doc::Object type_schema(std::string_view type, bool nullable) {
    if (type.ends_with("[]") || type.ends_with("{}")) {
      bool list = type.ends_with("[]");
      doc::Object out = typed(list ? "array" : "object", nullable);
      out[list ? "items" : "additionalProperties"] =
          type_schema(type.substr(0, type.size() - 2), false);
      return out;
    }
    if (type == "string") return typed("string", nullable);
    if (type == "bool") return typed("boolean", nullable);
    if (type == "object") return typed("object", nullable);
    if (type == "int64") return typed("integer", nullable);
    if (type == "number") return typed("number", nullable);
    if (type == "any") return {};
    if (type == "int32" || type == "count") {
      doc::Object out = typed("integer", nullable);
      out["minimum"] = type == "count" ? 0 : -2147483648LL;
      out["maximum"] = 2147483647;
      return out;
    }
    if (type == "quantity" || type == "int_or_string" || type == "port") {
      doc::Array types{"integer", "string"};
      if (type == "port") types.push_back("object");
      if (nullable) types.push_back("null");
      return {{"type", std::move(types)}};
    }
    wanted_.insert(type);
    doc::Object reference{{"$ref", "#/$defs/" + std::string(type)}};
    if (!nullable || !shapes().at(type).words.empty()) return reference;
    return {{"anyOf", doc::Array{std::move(reference), doc::Object{{"type", "null"}}}}};
  }

  std::set<std::string_view> wanted_;
};

}  // namespace

doc::Value schema(std::string_view kind) {
  if (kind == "RayCluster") return SchemaWriter().write(kind, "ray.io/v1");
  if (kind == "Site") return SchemaWriter().write(kind, "raykeep.io/v1");
  return nullptr;
}

}  // namespace raykeep::spec
