#include "oci/registries.h"

#include <utility>

#include <fmt/format.h>

namespace raykeep::oci {

Registries::Registries(Make make, std::vector<Mirror> mirrors)
    : make_(std::move(make)), mirrors_(std::move(mirrors)) {}

Registry& Registries::at(const std::string& host) {
  std::unique_ptr<Registry>& registry = registries_[host];
  if (!registry) registry = make_(host);
  return *registry;
}

/// Hosts and repositories, in the order in which they are asked.
std::vector<std::pair<std::string, std::string>> Registries::places_of(
    const Reference& image) const {
  std::vector<std::pair<std::string, std::string>> places;
  const std::string name = image.host + '/' + image.repository;
  for (const Mirror& each : mirrors_) {
    if (!name.starts_with(each.registry + '/')) continue;
    for (const std::string& mirror : each.mirrors) {
      const std::string path = mirror + name.substr(each.registry.size());
      const std::size_t slash = path.find('/');
      places.emplace_back(path.substr(0, slash), path.substr(slash + 1));
    }
  }
  places.emplace_back(image.host, image.repository);
  return places;
}

awaitable<Found> Registries::find(Reference image) {
  std::string said;
  Failure::Kind kind = Failure::Kind::invalid;
  for (const auto& [host, repository] : places_of(image)) {
    std::string why = fmt::format("{} has no {}:{}", host, repository, image.wanted());
    try {
      Registry& registry = at(host);
      std::optional<FoundManifest> manifest =
          co_await registry.find_manifest(repository, image.wanted());
      if (manifest) co_return Found{std::move(*manifest), &registry, repository};
    } catch (const Failure& failure) {
      if (failure.kind() == Failure::Kind::cancelled) throw;
      kind = failure.kind();
      why = failure.what();
    }
    said += (said.empty() ? "" : "; ") + why;
  }
  throw Failure(kind, fmt::format("find the image {}: {}", image.text(), said));
}

}  // namespace raykeep::oci
