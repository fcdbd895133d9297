// raykeep bundle push: from the file into the Site's registry, and images.lock.
#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>

#include "base/text.h"
#include "bundle/push.h"
#include "cli/bundle_actions.h"
#include "cli/exit_code.h"
#include "cli/registry_access.h"
#include "cli/session.h"
#include "plan/image.h"
#include "spec/image_name.h"
#include "spec/images_lock.h"

namespace raykeep::cli {
namespace {

using control::awaitable;

struct Plan {
  std::string host;
  std::vector<bundle::PushTarget> targets;
  spec::ImagesLock lock;
};

/// The registry's prefix: of --registry, of the Site, or of the Site inside the bundle.
std::string prefix_of(const BundleArguments& arguments, const spec::Site& site,
                      const bundle::Bundle& bundle) {
  if (!arguments.registry.empty()) return arguments.registry;
  if (!site.registry.empty()) return site.registry;
  for (const bundle::File& each : bundle.contents().files) {
    if (each.kind != bundle::File::Kind::site || !arguments.input.site.empty()) continue;
    doc::ReadResult read = doc::read_yaml(bundle.read_blob(each.digest, 4u << 20), each.name);
    if (read.documents.size() != 1) continue;
    spec::ParsedSite parsed = spec::parse_site(read.documents[0]);
    if (parsed.site && !parsed.site->registry.empty()) return parsed.site->registry;
  }
  throw Failure(Failure::Kind::invalid,
                "which registry? give --registry PREFIX, or a Site that has images.registry");
}

Plan plan_for(const bundle::Bundle& bundle, const std::string& prefix) {
  spec::Site site;
  site.registry = prefix;
  Plan made{.host = {}, .targets = {}, .lock = {}};
  made.lock.bundle = bundle.contents_digest().text();
  for (const bundle::Image& each : bundle.contents().images) {
    const std::string name = plan::image_on_site(each.reference, site);
    Result<oci::Reference> reference = oci::Reference::parse(name);
    if (!reference) throw Failure(Failure::Kind::invalid, "image " + reference.error().text);
    made.host = reference->host;
    made.targets.push_back({&each, reference->repository, reference->tag});
    // One that documents name by digest needs no lock.
    if (spec::digest_of_image(each.reference).empty())
      made.lock.images.push_back({spec::full_image_name(each.reference), each.digest.text(), name});
  }
  return made;
}

void write_lock(const std::string& path, spec::ImagesLock lock) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << spec::write_images_lock(std::move(lock));
  file.close();
  if (!file)
    throw Failure(Failure::Kind::invalid,
                  fmt::format("write {}: {}", quoted(path), std::strerror(errno)));
}

/// What nobody here can see, and whoever runs the nodes must know.
std::string trust_note(const std::string& host) {
  return fmt::format(
      "{0} is believed because of --registry-ca. The nodes' container runtime must believe it, "
      "too; "
      "for containerd:\n  /etc/containerd/certs.d/{0}/hosts.toml with\n    server = "
      "\"https://{0}\"\n    [host.\"https://{0}\"]\n      ca = "
      "\"/etc/containerd/certs.d/{0}/ca.crt\"\n",
      host);
}

awaitable<int> push(const BundleArguments& arguments, const bundle::Bundle& bundle, Plan plan,
                    boost::asio::any_io_executor executor, const Clock& clock) {
  const std::unique_ptr<oci::Registry> registry =
      registry_maker(arguments, executor, clock)(plan.host);
  const Instant began = clock.now();
  bundle::Pushed pushed;
  {
    ByteCounter counter("sent");
    pushed = co_await bundle::push(bundle, *registry, plan.targets,
                                   {.at_once = static_cast<std::size_t>(arguments.jobs),
                                    .chunk = read_size(arguments.chunk, "--chunk-size"),
                                    .progress = [&](std::uint64_t bytes) { counter.add(bytes); }});
  }
  const double seconds = std::chrono::duration<double>(clock.now() - began).count();
  const std::size_t locked = plan.lock.images.size();
  const std::vector<spec::LockedImage> images = plan.lock.images;
  if (locked > 0) write_lock(arguments.images_lock, std::move(plan.lock));
  for (const std::string& warning : registry->warnings())
    fmt::print(stderr, "{} warns: {}\n", plan.host, warning);
  if (arguments.output == Output::json) {
    doc::Array list;
    for (const spec::LockedImage& each : images)
      list.push_back(
          doc::Object{{"name", each.name}, {"digest", each.digest}, {"image", each.image}});
    fmt::print("{}", doc::write_json_pretty(doc::Object{{"images", std::move(list)},
                                                        {"sent", pushed.sent},
                                                        {"sentTwice", pushed.wasted},
                                                        {"there", pushed.there},
                                                        {"seconds", seconds}}));
    co_return ExitCode::done;
  }
  for (const spec::LockedImage& each : images) fmt::print("{}@{}\n", each.image, each.digest);
  fmt::print("{} images ({} were there), {} sent in {:.1f} s\n", plan.targets.size(),
             pushed.images_there, size_text(pushed.sent), seconds);
  if (pushed.wasted > 0)
    fmt::print("of it {} twice: connections broke\n", size_text(pushed.wasted));
  if (locked > 0)
    fmt::print("{} has the digests: raykeep up --images-lock {}\n", arguments.images_lock,
               arguments.images_lock);
  if (!arguments.registry_ca.empty()) fmt::print("{}", trust_note(plan.host));
  co_return ExitCode::done;
}

}  // namespace

int bundle_push(const BundleArguments& arguments) {
  const std::optional<bundle::PublicKey> key = public_key(arguments);
  std::optional<spec::Site> site = read_site_for(arguments);
  if (!site) return ExitCode::findings;
  const bundle::Bundle bundle = open_bundle(arguments.paths[0], key);
  if (bundle.contents().images.empty())
    throw Failure(Failure::Kind::invalid, "the bundle has no images to push");
  Plan plan = plan_for(bundle, prefix_of(arguments, *site, bundle));
  return run_loop(
      [&](boost::asio::any_io_executor executor, const Clock& clock) {
        return push(arguments, bundle, std::move(plan), std::move(executor), clock);
      },
      "the same command goes on; what is in the registry is not sent again");
}

}  // namespace raykeep::cli
