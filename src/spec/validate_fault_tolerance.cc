// KubeRay's rules for GCS fault tolerance (utils/validation.go, 1.7), and what Raykeep must know to
// do it: told at the place of the contradiction.
#include <fmt/format.h>

#include "base/text.h"
#include "spec/fault_tolerance.h"
#include "spec/names.h"
#include "spec/validate.h"

namespace raykeep::spec {
namespace {

constexpr RayVersion kFirstRocksDb{2, 57, 0};
constexpr char kVolume[] = "gcs-storage";
constexpr char kFolder[] = "/data/gcs";

void exclude(const Cursor& at, std::string_view what, std::string_view instead) {
  if (at) {
    at.report_key("RK2300", fmt::format("{} and gcsFaultToleranceOptions exclude each other", what),
                  fmt::format("use {} only", instead));
  }
}

void check_twice(const Cursor& annotations, const Cursor& head) {
  Cursor params = head["rayStartParams"];
  exclude(annotations["ray.io/ft-enabled"], "the annotation", "gcsFaultToleranceOptions");
  exclude(annotations["ray.io/external-storage-namespace"], "the annotation",
          "gcsFaultToleranceOptions.externalStorageNamespace");
  exclude(params["redis-password"], "redis-password", "gcsFaultToleranceOptions.redisPassword");
  exclude(ray_variable(head, "REDIS_PASSWORD"), "REDIS_PASSWORD",
          "gcsFaultToleranceOptions.redisPassword");
  exclude(ray_variable(head, "RAY_REDIS_ADDRESS"), "RAY_REDIS_ADDRESS",
          "gcsFaultToleranceOptions.redisAddress");
}

void check_address(const Cursor& at) {
  if (!at || !at.value().is_string() || at.text().empty()) return;
  Result<std::vector<RedisAddress>> addresses = parse_redis_addresses(at.text());
  if (!addresses) {
    at.report("RK2304", addresses.error().text, "write it as in redis:6379 or rediss://redis:6379");
  }
}

void check_namespace(const Cursor& at) {
  if (!at || !at.value().is_string()) return;
  if (at.text().find_first_of("@*?[]\\^ \t\r\n") != std::string::npos) {
    at.report("RK2309",
              fmt::format("{} has a character that Redis' patterns or Ray's keys use for "
                          "themselves",
                          quoted(at.text())),
              "write letters, digits, - and . only");
  }
}

/// Where a user or a password comes from. `at` is a RedisCredential or an EnvVar.
void check_source(const Cursor& at, std::string_view what) {
  Cursor from = at["valueFrom"];
  if (!from || !from.value().is_object()) return;
  if (!at["value"].text().empty()) {
    from.report_key("RK2212", "value and valueFrom are both written", "keep one of them");
  }
  if (!from["secretKeyRef"] && !from["configMapKeyRef"]) {
    from.report("RK2306",
                fmt::format("the {} comes neither from a Secret nor from a ConfigMap", what),
                "write secretKeyRef");
  }
  for (const char* kind : {"secretKeyRef", "configMapKeyRef"}) {
    Cursor name = from[kind]["name"];
    if (!from[kind]) continue;
    std::string wrong = wrong_with_dns_subdomain(name.text());
    if (!wrong.empty()) {
      (name ? name : from[kind])
          .report("RK2306", fmt::format("the name {} {}", quoted(name.text()), wrong));
    }
  }
}

void warn_of_literal(const Cursor& password) {
  if (password["value"].text().empty()) return;
  password["value"].report_key("RK2305", "a password stands in the document",
                               "keep it in a Secret and name that under valueFrom.secretKeyRef");
}

/// A redis-password among rayStartParams that the shell would take as it stands.
bool is_literal(const Cursor& parameter) {
  std::string text = parameter.text();
  std::string_view word = without_shell_quotes(text);
  return !word.empty() && !word.starts_with('$');
}

/// Where the agent does not take it away, the parameter stands on Ray's command line.
void refuse_in_command_line(const Cursor& group) {
  Cursor parameter = group["rayStartParams"]["redis-password"];
  if (is_literal(parameter)) {
    parameter.report("RK2112", "the password would stand in the command line",
                     "keep it in a Secret and name that in gcsFaultToleranceOptions.redisPassword");
  }
}

void check_redis(const Cursor& options) {
  check_address(options["redisAddress"]);
  check_source(options["redisUsername"], "user");
  check_source(options["redisPassword"], "password");
  warn_of_literal(options["redisPassword"]);
  check_namespace(options["externalStorageNamespace"]);
  Cursor user = options["redisUsername"];
  if (user && !options["redisPassword"] && (user["value"] || user["valueFrom"])) {
    user.report_key("RK2306", "a user without a password cannot log in", "write redisPassword");
  }
}

void check_own_volume(const Cursor& head) {
  for (const char* name : {"RAY_gcs_storage", "RAY_gcs_storage_path"}) {
    if (Cursor at = ray_variable(head, name)) {
      at["name"].report("RK2308", fmt::format("{} is set by backend: rocksdb", name), "remove it");
    }
  }
  for (const Cursor& volume : head.at({"template", "spec", "volumes"}).items()) {
    if (volume["name"].text() == kVolume) {
      volume["name"].report("RK2308", "gcs-storage is the name of Raykeep's own volume",
                            "choose another name");
    }
  }
  for (const Cursor& mount : ray_container(head)["volumeMounts"].items()) {
    std::string path = mount["mountPath"].text();
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    if (path == kFolder) {
      mount["mountPath"].report("RK2308", "/data/gcs is where backend: rocksdb keeps its files",
                                "choose another path");
    }
  }
}

void check_access_modes(const Cursor& modes) {
  for (const Cursor& mode : modes.items()) {
    if (mode.text() == "ReadOnlyMany")
      mode.report("RK2310", "nothing can be written to the volume");
    if (mode.text() == "ReadWriteMany") {
      mode.report("RK2311", "several nodes may write to the volume at once, so it is no fence",
                  "write ReadWriteOnce");
    }
  }
}

void check_rocksdb(const Cursor& spec, const Cursor& options) {
  std::optional<RayVersion> version = parse_ray_version(spec["rayVersion"].text());
  if (!version || *version < kFirstRocksDb) {
    options["backend"].report("RK2307", "backend: rocksdb needs Ray 2.57.0 or newer",
                              "use a newer Ray and say so in rayVersion, or backend: redis");
  }
  check_own_volume(spec["headGroupSpec"]);
  check_access_modes(options["storage"]["accessModes"]);
}

void check_backend(const Cursor& spec, const Cursor& options) {
  bool rocksdb = options["backend"].text() == "rocksdb";
  if (rocksdb) {
    for (const char* key :
         {"redisAddress", "redisUsername", "redisPassword", "externalStorageNamespace"}) {
      if (options[key]) {
        options[key].report_key("RK2302", fmt::format("{} belongs to the redis backend", key),
                                "remove it");
      }
    }
    check_rocksdb(spec, options);
  } else {
    if (options["storage"]) {
      options["storage"].report_key("RK2302", "storage belongs to the rocksdb backend",
                                    "write backend: rocksdb, or remove it");
    }
    check_redis(options);
  }
  Cursor storage = options["storage"];
  if (!storage["claimName"].text().empty()) {
    for (const char* key : {"size", "storageClassName", "accessModes"}) {
      if (storage[key]) {
        storage[key].report_key(
            "RK2303",
            fmt::format("{} is for a claim that is made, claimName for one that exists", key),
            "keep one of them");
      }
    }
  }
}

/// The older way: annotations that say that, variables that say where.
void check_annotations(const Cursor& annotations, const Cursor& head) {
  check_namespace(annotations["ray.io/external-storage-namespace"]);
  Cursor address = ray_variable(head, "RAY_REDIS_ADDRESS");
  bool on = annotations["ray.io/ft-enabled"].text() == "true";
  if (address && !on) {
    return address.report("RK2301", "RAY_REDIS_ADDRESS turns fault tolerance on by the way",
                          "write gcsFaultToleranceOptions.redisAddress");
  }
  if (!on) return;
  check_address(address["value"]);
  if (address["valueFrom"]) {
    address["valueFrom"].report_key("RK2304", "the address is known only when the pod starts",
                                    "write it out");
  }
  Cursor parameter = head["rayStartParams"]["redis-password"];
  std::string named = variable_in(parameter.text());
  if (is_literal(parameter)) {
    parameter.report("RK2305", "a password stands in the document",
                     "keep it in a Secret, take it into REDIS_PASSWORD and write $REDIS_PASSWORD");
  }
  Cursor password = ray_variable(head, named.empty() ? "REDIS_PASSWORD" : named);
  if (named.empty() && parameter && !is_literal(parameter) && !parameter.text().empty()) {
    parameter.report("RK2306", "the password is known only to a shell", "write $REDIS_PASSWORD");
  }
  if (!named.empty() && !password) {
    parameter.report("RK2306", fmt::format("the head's Ray container has no variable {}", named),
                     "set it from a Secret");
  }
  check_source(password, "password");
  warn_of_literal(password);
  if (password) {
    password["name"].report("RK2312",
                            "Ray's container no longer has this variable: the agent reads "
                            "the password from a file");
  }
}

}  // namespace

void validate_fault_tolerance(const Cursor& root) {
  Cursor annotations = root["metadata"]["annotations"], spec = root["spec"],
         head = spec["headGroupSpec"];
  Cursor options = spec["gcsFaultToleranceOptions"];
  if (options) {
    check_twice(annotations, head);
    check_backend(spec, options);
  } else {
    check_annotations(annotations, head);
  }
  if (options || annotations["ray.io/ft-enabled"].text() != "true") refuse_in_command_line(head);
  for (const Cursor& group : spec["workerGroupSpecs"].items()) refuse_in_command_line(group);
  for (const Cursor& at :
       {head["rayStartParams"]["redis-username"], ray_variable(head, "REDIS_USERNAME")}) {
    if (at) {
      at.report_key("RK2300", "KubeRay takes the Redis user from gcsFaultToleranceOptions only",
                    "use gcsFaultToleranceOptions.redisUsername");
    }
  }
  check_namespace(ray_variable(head, "RAY_external_storage_namespace")["value"]);
  Cursor deadline = annotations["ray.io/gcs-ft-deletion-timeout"];
  if (deadline && deadline.value().is_string() && !whole_number(deadline.text())) {
    deadline.report("RK2313", fmt::format("{} is not a number of seconds", quoted(deadline.text())),
                    "write it as in \"300\"");
  }
}

}  // namespace raykeep::spec
