// A pod as rules look at it: the containers of all three lists with their places, and whoever may
// carry a securityContext. Made from a Pod or from the template of a workload.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doc/json.h"

namespace raykeep::profile {

struct Container {
  enum class Kind { init, usual, ephemeral };
  Kind kind;
  const doc::Object* value;
  std::string pointer;  // from the object: "/spec/template/spec/containers/0"
  std::string who;      // "container ray-head"
};

/// The pod or a container of it, as carrier of a securityContext.
struct Holder {
  const doc::Object* context;  // nullptr where there is none
  std::string pointer;         // of the context, whether it is there or not
  std::string who;             // "the pod", "container ray-head"
  bool is_pod = false;
};

struct Volume {
  const doc::Object* value;
  std::string pointer;
  std::string who;  // "volume tmp"
};

/// Points into the object it was made of.
struct Pod {
  std::string_view kind;                  // of the object: "Deployment"
  std::string pointer;                    // of the template: "/spec/template"; empty for a bare Pod
  const doc::Object* metadata = nullptr;  // nullptr where it is absent
  const doc::Object* spec = nullptr;      // never nullptr
  std::vector<Container> containers;      // usual, init, ephemeral
  std::vector<Volume> volumes;

  Holder holder() const;
  Holder holder(const Container& container) const;
  /// The pod's own first.
  std::vector<Holder> holders() const;
};

/// Nothing where the object has no pods.
std::optional<Pod> pod_of(const doc::Value& object);

std::optional<bool> bool_at(const doc::Object* object,
                            std::initializer_list<std::string_view> path);
std::optional<std::int64_t> integer_at(const doc::Object* object,
                                       std::initializer_list<std::string_view> path);
/// Empty where it is absent or no text.
std::string_view text_at(const doc::Object* object, std::initializer_list<std::string_view> path);
const doc::Value* value_at(const doc::Object* object, std::initializer_list<std::string_view> path);
/// The list's texts; none where it is absent.
std::vector<std::string_view> texts_at(const doc::Object* object,
                                       std::initializer_list<std::string_view> path);

}  // namespace raykeep::profile
