// KubeRay's rules for GCS fault tolerance (utils/validation.go, 1.7), told at the place of the
// contradiction.
#include <fmt/format.h>

#include "base/text.h"
#include "spec/validate.h"

namespace raykeep::spec {
namespace {

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

void check_backend(const Cursor& options) {
  bool rocksdb = options["backend"].text() == "rocksdb";
  if (rocksdb) {
    for (const char* key :
         {"redisAddress", "redisUsername", "redisPassword", "externalStorageNamespace"}) {
      if (options[key]) {
        options[key].report_key("RK2302", fmt::format("{} belongs to the redis backend", key),
                                "remove it");
      }
    }
  } else if (options["storage"]) {
    options["storage"].report_key("RK2302", "storage belongs to the rocksdb backend",
                                  "write backend: rocksdb, or remove it");
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

}  // namespace

void validate_fault_tolerance(const Cursor& root) {
  Cursor annotations = root["metadata"]["annotations"], spec = root["spec"],
         head = spec["headGroupSpec"];
  Cursor options = spec["gcsFaultToleranceOptions"];
  if (options) {
    check_twice(annotations, head);
    check_backend(options);
  } else if (Cursor address = ray_variable(head, "RAY_REDIS_ADDRESS");
             address && annotations["ray.io/ft-enabled"].text() != "true") {
    address.report("RK2301", "RAY_REDIS_ADDRESS turns fault tolerance on by the way",
                   "write gcsFaultToleranceOptions.redisAddress");
  }
  for (const Cursor& at :
       {head["rayStartParams"]["redis-username"], ray_variable(head, "REDIS_USERNAME")}) {
    if (at) {
      at.report_key("RK2300", "KubeRay takes the Redis user from gcsFaultToleranceOptions only",
                    "use gcsFaultToleranceOptions.redisUsername");
    }
  }
}

}  // namespace raykeep::spec
