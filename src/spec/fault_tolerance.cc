#include "spec/fault_tolerance.h"

#include <algorithm>

#include "base/text.h"
#include "spec/validate.h"

namespace raykeep::spec {
namespace {

using Wish = FaultTolerance::Wish;

std::optional<KeyRef> key_ref(const Cursor& source) {
  for (const char* kind : {"secretKeyRef", "configMapKeyRef"}) {
    if (Cursor at = source[kind]) {
      return KeyRef{at["name"].text(), at["key"].text(), kind[0] == 'c'};
    }
  }
  return std::nullopt;
}

/// {value, valueFrom}: a RedisCredential or an EnvVar.
Credential credential(const Cursor& at) {
  return {Secret(at["value"].text()), key_ref(at["valueFrom"])};
}

std::vector<RedisAddress> addresses(const Cursor& at) {
  return parse_redis_addresses(at.text()).value_or(std::vector<RedisAddress>{});
}

GcsVolume volume(const Cursor& storage) {
  GcsVolume out;
  out.claim_name = storage["claimName"].text();
  if (Cursor size = storage["size"]) {
    out.size = size.value().is_string() ? size.text() : describe(size.value());
  }
  out.storage_class = storage["storageClassName"].text();
  if (auto modes = storage["accessModes"].strings(); !modes.empty()) out.access_modes = modes;
  out.sub_path = storage["subPath"].text();
  out.retain = storage["deletionPolicy"].text() == "Retain";
  return out;
}

void read_options(const Cursor& options, FaultTolerance& out) {
  out.by_options = true;
  out.wish = options["backend"].text() == "rocksdb" ? Wish::rocksdb : Wish::redis;
  out.addresses = addresses(options["redisAddress"]);
  out.user = credential(options["redisUsername"]);
  out.password = credential(options["redisPassword"]);
  out.storage_namespace = options["externalStorageNamespace"].text();
  out.volume = volume(options["storage"]);
}

/// KubeRay before 1.3: annotations say that, variables say where.
void read_annotations(const Cursor& annotations, const Cursor& head, FaultTolerance& out) {
  std::string enabled = annotations["ray.io/ft-enabled"].text();
  if (enabled == "false") out.wish = Wish::off;
  if (enabled != "true") return;
  out.wish = Wish::redis;
  out.addresses = addresses(ray_variable(head, "RAY_REDIS_ADDRESS")["value"]);
  out.storage_namespace = annotations["ray.io/external-storage-namespace"].text();
  const std::string parameter = head["rayStartParams"]["redis-password"].text();
  const std::string_view word = without_shell_quotes(parameter);
  out.password_variable = variable_in(parameter);
  if (out.password_variable.empty()) out.password_variable = "REDIS_PASSWORD";
  if (!word.empty() && !word.starts_with('$')) {
    out.password.literal = Secret(std::string(word));
  } else {
    out.password = credential(ray_variable(head, out.password_variable));
  }
}

}  // namespace

std::string document_redis_secret(const std::string& cluster) { return cluster + "-gcs-redis"; }

std::string variable_in(std::string_view parameter) {
  std::string_view name = without_shell_quotes(parameter);
  if (!name.starts_with('$')) return "";
  name.remove_prefix(1);
  for (auto [open, close] : {std::pair{'{', '}'}, std::pair{'(', ')'}}) {
    if (name.starts_with(open) && name.ends_with(close)) name = name.substr(1, name.size() - 2);
  }
  bool plain =
      name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") ==
      std::string_view::npos;
  return plain ? std::string(name) : "";
}

FaultTolerance parse_fault_tolerance(const Cursor& root) {
  FaultTolerance out;
  Cursor annotations = root["metadata"]["annotations"], head = root["spec"]["headGroupSpec"];
  Cursor options = root["spec"]["gcsFaultToleranceOptions"];
  if (options) {
    read_options(options, out);
  } else {
    read_annotations(annotations, head, out);
  }
  auto variable = [&](const char* name) { return ray_variable(head, name)["value"].text(); };
  if (out.storage_namespace.empty())
    out.storage_namespace = variable("RAY_external_storage_namespace");
  out.tls_files = {variable("RAY_REDIS_CA_CERT"), variable("RAY_REDIS_CLIENT_CERT"),
                   variable("RAY_REDIS_CLIENT_KEY"), variable("RAY_REDIS_SERVER_NAME")};
  out.clean_up_seconds = whole_number(annotations["ray.io/gcs-ft-deletion-timeout"].text());
  return out;
}

namespace {

/// The member, or nullptr.
doc::Value* member(doc::Value* value, std::string_view key) {
  return value != nullptr && value->is_object() ? value->get_object().if_contains(key) : nullptr;
}

/// The document with a written-out password in one place of it replaced by a reference.
class Hiding {
 public:
  explicit Hiding(const std::string& cluster)
      : reference_{{"secretKeyRef", doc::Object{{"name", document_redis_secret(cluster)},
                                                {"key", redis_password_key}}}} {}

  /// {value: ...} becomes {valueFrom: ...}.
  void in_value(doc::Value* holder) const {
    const doc::Value* value = member(holder, "value");
    if (value == nullptr || !value->is_string() || value->get_string().empty()) return;
    holder->get_object().erase("value");
    holder->get_object()["valueFrom"] = reference_;
  }

  /// The head's rayStartParams and the variables of its Ray container.
  void in_head(doc::Value* head, const std::string& variable) const {
    doc::Value* parameter = member(member(head, "rayStartParams"), "redis-password");
    bool literal = parameter != nullptr && parameter->is_string() &&
                   !parameter->get_string().empty() &&
                   !without_shell_quotes(parameter->get_string()).starts_with('$');
    if (literal) *parameter = "$" + variable;
    doc::Value* containers = member(member(member(head, "template"), "spec"), "containers");
    if (containers == nullptr || !containers->is_array() || containers->get_array().empty()) return;
    doc::Value& container = containers->get_array().front();
    if (literal && container.is_object() && !container.get_object().contains("env")) {
      container.get_object()["env"] = doc::Array();
    }
    doc::Value* variables = member(&container, "env");
    if (variables == nullptr || !variables->is_array()) return;
    doc::Array& list = variables->get_array();
    auto known = std::ranges::find_if(
        list, [&](const doc::Value& each) { return doc::find_string(each, {"name"}) == variable; });
    if (literal) {
      if (known == list.end()) known = list.insert(list.end(), doc::Value(doc::Object{}));
      *known = doc::Object{{"name", variable}, {"valueFrom", reference_}};
    } else if (known != list.end()) {
      in_value(&*known);
    }
  }

 private:
  doc::Object reference_;
};

}  // namespace

void hide_redis_passwords(doc::Object& document, const std::string& cluster,
                          const FaultTolerance& wished) {
  Hiding hiding(cluster);
  doc::Value* spec = document.if_contains("spec");
  hiding.in_value(member(member(spec, "gcsFaultToleranceOptions"), "redisPassword"));
  if (!wished.password_variable.empty()) {
    hiding.in_head(member(spec, "headGroupSpec"), wished.password_variable);
  }
}

}  // namespace raykeep::spec
