#include "control/store.h"

#include <algorithm>

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include "control/fields.h"
#include "control/inventory.h"
#include "doc/base64.h"
#include "plan/names.h"
#include "redis/examine.h"

namespace raykeep::control {
namespace {

using decide::Fence;

constexpr std::string_view prefix = "redis-";
constexpr std::string_view advice = "; --secrets-folder names another one";

std::string text_at(const doc::Value& value, std::initializer_list<std::string_view> path) {
  return std::string(doc::find_string(value, path));
}

/// Each text that is one of the files' paths becomes the path that stands for it here.
void replace_paths(doc::Value& value, const std::map<std::string, std::string>& here) {
  if (value.is_string()) {
    auto found = here.find(std::string(value.get_string()));
    if (found != here.end()) value = found->second;
  } else if (value.is_object()) {
    for (auto& member : value.get_object()) replace_paths(member.value(), here);
  } else if (value.is_array()) {
    for (doc::Value& each : value.get_array()) replace_paths(each, here);
  }
}

const doc::Object* pod_spec_of(const doc::Value& workload) {
  return doc::find_object(workload, {"spec", "template", "spec"});
}

Fence::Lease lease_of(const redis::Examination& seen) {
  return seen.holder ? Fence::Lease::held : Fence::Lease::free;
}

}  // namespace

redis::Upstream upstream_of(const doc::Value& config) {
  redis::Upstream made;
  made.addresses = texts_at(config, {"addresses"});
  made.user_file = text_at(config, {"usernameFile"});
  made.password_file = text_at(config, {"passwordFile"});
  made.sentinels = {.addresses = texts_at(config, {"sentinel", "addresses"}),
                    .master = text_at(config, {"sentinel", "master"}),
                    .user_file = text_at(config, {"sentinel", "usernameFile"}),
                    .password_file = text_at(config, {"sentinel", "passwordFile"})};
  made.tls = {.enabled = true_at(config, {"tls", "enabled"}),
              .ca_file = text_at(config, {"tls", "caFile"}),
              .certificate_file = text_at(config, {"tls", "certificateFile"}),
              .key_file = text_at(config, {"tls", "keyFile"}),
              .server_name = text_at(config, {"tls", "serverName"})};
  return made;
}

std::optional<RoadTarget> store_of(const Observed& observed) {
  const doc::Value* set = observed.find("StatefulSet", plan::head_name(observed.cluster));
  const doc::Object* spec = set == nullptr ? nullptr : pod_spec_of(*set);
  if (spec == nullptr) return std::nullopt;
  const HeadStorage storage = head_storage(*spec);
  const std::optional<FileSource> source = source_of(storage.config_file, storage);
  const doc::Value* config = source ? observed.find("ConfigMap", source->name) : nullptr;
  if (!storage.on_road || config == nullptr) return std::nullopt;
  std::optional<RoadTarget> made = road_target(text_at(*config, {"data", source->key}), storage);
  if (!made) return made;
  // What stands in the cluster's own ConfigMaps goes with it, and is needed after it.
  std::erase_if(made->files, [&](const auto& file) {
    const auto& [path, from] = file;
    const doc::Value* own = from.secret ? nullptr : observed.find("ConfigMap", from.name);
    if (own != nullptr) made->texts[path] = text_at(*own, {"data", from.key});
    return own != nullptr;
  });
  return made;
}

awaitable<redis::Upstream> Store::prepare(RoadTarget target, const PrivateFolder& folder) {
  auto config = doc::parse_json(target.config);
  if (!config) throw Failure(Failure::Kind::invalid, "the road's configuration cannot be read");
  std::map<std::string, std::string> here;
  for (const auto& [path, source] : target.files) {
    kube::Ref ref{source.secret ? kinds::secret : kinds::config_map, ns_, source.name};
    std::optional<doc::Value> found = co_await access_.client.find(ref, access_.request());
    if (!found)
      throw Failure(
          Failure::Kind::invalid,
          fmt::format("{} is gone, without which Redis cannot be asked", kube::to_string(ref)));
    std::string content = text_at(*found, {"data", source.key});
    if (source.secret) content = doc::decode_base64(content).value_or("");
    here[path] = folder.write(std::to_string(here.size()), content);
    std::fill(content.begin(), content.end(), '\0');
  }
  for (const auto& [path, text] : target.texts) {
    here[path] = folder.write(std::to_string(here.size()), text);
  }
  replace_paths(*config, here);
  co_return upstream_of(*config);
}

awaitable<Fence> Store::ask(RoadTarget target, Duration patience) {
  Fence made;
  try {
    const Deadline until = Deadline::after(access_.clock, patience);
    PrivateFolder folder(folder_, prefix, advice);
    redis::Upstream upstream = co_await prepare(target, folder);
    redis::Examination seen =
        co_await redis::examine(co_await boost::asio::this_coro::executor, access_.clock,
                                std::move(upstream), target.storage_namespace, until);
    made.lease = lease_of(seen);
    if (seen.holder) made.holder = seen.holder->pod_uid;
    made.epoch_known = seen.owner.has_value();
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) throw;
    made.problem = failure.what();
  }
  co_return made;
}

awaitable<redis::Cleaned> Store::clean(RoadTarget target, Duration patience) {
  const Deadline until = Deadline::after(access_.clock, patience);
  PrivateFolder folder(folder_, prefix, advice);
  redis::Upstream upstream = co_await prepare(target, folder);
  co_return co_await redis::clean_up(co_await boost::asio::this_coro::executor, access_.clock,
                                     std::move(upstream), target.storage_namespace, until);
}

}  // namespace raykeep::control
