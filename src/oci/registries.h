// All the registries that one run talks to, and who stands in for whom.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "oci/reference.h"
#include "oci/registry.h"

namespace raykeep::oci {

struct Mirror {
  std::string registry;              // "docker.io", or with a path: "docker.io/rayproject"
  std::vector<std::string> mirrors;  // "registry.bank.example/hub", asked in this order
};

/// Where an image was found.
struct Found {
  FoundManifest manifest;
  Registry* registry = nullptr;
  std::string repository = {};
};

class Registries {
 public:
  using Make = std::function<std::unique_ptr<Registry>(const std::string& host)>;
  /// `make` is called once for each host.
  Registries(Make make, std::vector<Mirror> mirrors = {});

  Registry& at(const std::string& host);

  /// Asks the mirrors that fit, then the registry itself. Throws Failure::invalid, which says who
  /// was asked and what each said, where nobody has it.
  awaitable<Found> find(Reference image);

 private:
  std::vector<std::pair<std::string, std::string>> places_of(const Reference& image) const;

  Make make_;
  std::vector<Mirror> mirrors_;
  std::map<std::string, std::unique_ptr<Registry>> registries_;
};

}  // namespace raykeep::oci
