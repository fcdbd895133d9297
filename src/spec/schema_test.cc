#include "spec/schema.h"

#include <gtest/gtest.h>

#include "spec/testing.h"

namespace raykeep::spec {
namespace {

/// As much of JSON Schema as our schemas use. Says the first thing that is wrong.
class Validator {
 public:
  explicit Validator(const doc::Value& root) : root_(root) {}

  std::string wrong(const doc::Value& value, const doc::Object& schema,
                    const std::string& at = "") const {
    if (const doc::Value* reference = schema.if_contains("$ref")) {
      std::string name(
          std::string_view(reference->get_string()).substr(std::string_view("#/$defs/").size()));
      return wrong(value, *doc::find_object(root_, {"$defs", name}), at);
    }
    if (const doc::Value* choices = schema.if_contains("anyOf")) {
      std::string first;
      for (const doc::Value& choice : choices->get_array()) {
        std::string problem = wrong(value, choice.get_object(), at);
        if (problem.empty()) return "";
        if (first.empty()) first = problem;
      }
      return first;
    }
    if (const doc::Value* type = schema.if_contains("type"); type && !has_type(value, *type))
      return at + ": type";
    if (const doc::Value* words = schema.if_contains("enum")) {
      if (std::ranges::find(words->get_array(), value) == words->get_array().end())
        return at + ": enum";
    }
    if (const doc::Value* least = schema.if_contains("minimum"); least && value.is_int64()) {
      if (value.get_int64() < least->to_number<std::int64_t>()) return at + ": minimum";
    }
    if (value.is_object()) return wrong_object(value.get_object(), schema, at);
    if (value.is_array()) {
      for (const doc::Value& item : value.get_array()) {
        if (std::string problem = wrong(item, schema.at("items").get_object(), at + "[]");
            !problem.empty())
          return problem;
      }
    }
    return "";
  }

 private:
  static bool has_type(const doc::Value& value, const doc::Value& type) {
    if (type.is_array()) {
      return std::ranges::any_of(type.get_array(),
                                 [&](const doc::Value& one) { return has_type(value, one); });
    }
    std::string_view name = type.get_string();
    return (name == "object" && value.is_object()) || (name == "array" && value.is_array()) ||
           (name == "string" && value.is_string()) || (name == "boolean" && value.is_bool()) ||
           (name == "null" && value.is_null()) ||
           (name == "integer" && (value.is_int64() || value.is_uint64()));
  }

  std::string wrong_object(const doc::Object& object, const doc::Object& schema,
                           const std::string& at) const {
    const doc::Value* properties = schema.if_contains("properties");
    const doc::Value* others = schema.if_contains("additionalProperties");
    for (const auto& member : object) {
      std::string path = at + '.' + std::string(member.key());
      const doc::Value* property =
          properties ? properties->get_object().if_contains(member.key()) : nullptr;
      if (property) {
        if (std::string problem = wrong(member.value(), property->get_object(), path);
            !problem.empty())
          return problem;
      } else if (others && others->is_object()) {
        if (std::string problem = wrong(member.value(), others->get_object(), path);
            !problem.empty())
          return problem;
      } else if (others) {
        return path + ": unknown";
      }
    }
    if (const doc::Value* required = schema.if_contains("required")) {
      for (const doc::Value& name : required->get_array()) {
        if (!object.contains(std::string_view(name.get_string()))) return at + ": required";
      }
    }
    return "";
  }

  const doc::Value& root_;
};

std::string wrong(std::string_view kind, std::string_view yaml) {
  doc::Value made = schema(kind);
  return Validator(made).wrong(document(yaml, "x.yaml").value, made.get_object());
}

TEST(Schema, AcceptsWhatParsesCleanly) {
  EXPECT_EQ(wrong("RayCluster", kSmallCluster), "");
  EXPECT_EQ(wrong("Site", kSmallSite), "");
  EXPECT_EQ(wrong("RayCluster",
                  replaced(kSmallCluster, "    rayStartParams: {}\n", "    rayStartParams:\n")),
            "");
  EXPECT_EQ(
      wrong("Site", std::string(kSmallSite) +
                        "  egress:\n  - name: m\n    reason: r\n    to: [{cidr: 10.0.0.0/8}]\n"
                        "    ports: [9000, \"1-2\", {port: 3}]\n"),
      "");
}

TEST(Schema, KnowsTheSitesRedis) {
  auto site = [](const char* redis) {
    return std::string(kSmallSite) + "  redis: " + redis + "\n";
  };
  EXPECT_EQ(wrong("Site", site("{managed: {}}")), "");
  EXPECT_EQ(
      wrong("Site", site("{addresses: [a], tls: {caSecret: {name: b}}, user: c, passwordSecret: "
                         "{name: d, key: e}, hold: 30s, peers: [{cidr: 10.0.0.0/8}]}")),
      "");
  EXPECT_EQ(wrong("Site", site("{sentinel: {addresses: [a], master: m, ports: [6379]}}")), "");
  EXPECT_EQ(wrong("Site", site("{sentinel: {addresses: [a]}}")), ".spec.redis.sentinel: required");
  EXPECT_EQ(wrong("Site", site("{managed: {replicas: 3}}")),
            ".spec.redis.managed.replicas: unknown");
  EXPECT_EQ(wrong("Site", site("{passwordSecret: word}")), ".spec.redis.passwordSecret: type");
}

TEST(Schema, RefusesWhatTheReaderRefuses) {
  EXPECT_EQ(wrong("RayCluster", replaced(kSmallCluster, "replicas: 2", "replcas: 2")),
            ".spec.workerGroupSpecs[].replcas: unknown");
  EXPECT_EQ(wrong("RayCluster", replaced(kSmallCluster, "replicas: 2", "replicas: -2")),
            ".spec.workerGroupSpecs[].replicas: minimum");
  EXPECT_EQ(
      wrong("RayCluster", replaced(kSmallCluster, "dashboard-host: \"0.0.0.0\"", "num-cpus: 4")),
      ".spec.headGroupSpec.rayStartParams.num-cpus: type");
  EXPECT_EQ(wrong("RayCluster", replaced(kSmallCluster, "groupName: small", "suspend: true")),
            ".spec.workerGroupSpecs[]: required");
  EXPECT_EQ(wrong("Site", replaced(kSmallSite, "mode: none", "mode: off-by-one")),
            ".spec.tls.mode: enum");
}

TEST(Schema, OfOtherKindsIsNull) { EXPECT_TRUE(schema("Pod").is_null()); }

}  // namespace
}  // namespace raykeep::spec
