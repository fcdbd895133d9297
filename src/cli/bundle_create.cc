// raykeep bundle create: from documents and Site to one file.
#include <unistd.h>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "bundle/create.h"
#include "bundle/delta.h"
#include "cli/bundle_actions.h"
#include "cli/exit_code.h"
#include "cli/findings_output.h"
#include "cli/registry_access.h"
#include "cli/report_input.h"
#include "cli/session.h"
#include "doc/document.h"
#include "plan/document_images.h"
#include "plan/image.h"
#include "spec/image_name.h"

namespace raykeep::cli {
namespace {

using control::awaitable;

/// Everything that the command line names, read.
struct Wish {
  std::set<std::string> images;
  spec::Site site;
  std::vector<oci::Platform> platforms;
};

/// The images of all documents, whatever their kind.
bool read_documents(const BundleArguments& arguments, Wish& wish) {
  Findings findings;
  for (const std::string& file : arguments.input.files) {
    doc::ReadResult read = doc::read_file(file);
    findings.insert(findings.end(), read.findings.begin(), read.findings.end());
    for (const doc::Document& each : read.documents)
      plan::add_document_images(each.value, wish.images);
  }
  print(stderr, findings);
  return !has_errors(findings);
}

std::vector<oci::Platform> read_platforms(const std::vector<std::string>& texts) {
  std::vector<oci::Platform> platforms;
  for (const std::string& each : texts) {
    if (each == "all") return {};
    Result<oci::Platform> platform = oci::Platform::parse(each);
    if (!platform) throw Failure(Failure::Kind::invalid, "--platform " + platform.error().text);
    platforms.push_back(std::move(*platform));
  }
#if defined(__aarch64__)
  if (platforms.empty()) platforms.push_back({.os = "linux", .architecture = "arm64"});
#else
  if (platforms.empty()) platforms.push_back({.os = "linux", .architecture = "amd64"});
#endif
  return platforms;
}

/// $SOURCE_DATE_EPOCH, or when the newest image was made: never a clock.
std::string created_text(const std::string& newest) {
  if (const std::optional<WallTime> fixed = source_date()) return time_text(*fixed);
  return newest.empty() ? "1970-01-01T00:00:00Z" : newest;
}

void gather_files(const BundleArguments& arguments, bundle::Gathered& gathered) {
  using Kind = bundle::File::Kind;
  std::set<std::string> names;
  auto add = [&](Kind kind, const std::string& path) {
    if (path == "-")
      throw Failure(Failure::Kind::invalid,
                    "a bundle keeps the files it is given: name a file, not -");
    const std::string name = std::filesystem::path(path).filename();
    if (!names.insert(std::string(to_string(kind)) + '/' + name).second) {
      throw Failure(Failure::Kind::invalid,
                    fmt::format("two files are named {}: give one of them another name",
                                raykeep::quoted(name)));
    }
    gather_file(kind, path, gathered);
  };
  for (const std::string& each : arguments.input.files) add(Kind::document, each);
  if (!arguments.input.site.empty()) add(Kind::site, arguments.input.site);
  for (const std::string& each : arguments.files) add(Kind::file, each);
}

/// Where this program's own bytes are.
constexpr const char* own_program = "/proc/self/exe";

void gather_program(const BundleArguments& arguments, const Wish& wish,
                    bundle::Gathered& gathered) {
  if (!arguments.pull_raykeep) gather_own_image(wish.site.raykeep_image, own_program, gathered);
  if (!arguments.program) return;
  gather_file(bundle::File::Kind::program, own_program, gathered);
  gathered.contents.files.back().name = "raykeep";
}

/// Packs what the archives hold; the images that documents name need no registry, then.
awaitable<void> gather_archives(const BundleArguments& arguments, Wish& wish,
                                bundle::Gathered& gathered) {
  for (const std::string& given : arguments.archives) {
    const std::size_t equals = given.find('=');
    const std::string path = equals == std::string::npos ? given : given.substr(equals + 1);
    const bundle::LocalArchive archive = bundle::open_archive(path);
    const auto& images = archive.images->images();
    for (const oci::ArchivedImage& image : images) {
      const bool is_named_here = equals != std::string::npos && images.size() == 1;
      const std::string name = is_named_here ? given.substr(0, equals) : image.reference;
      if (!oci::Reference::parse(name)) {
        throw Failure(
            Failure::Kind::invalid,
            fmt::format("an image in {} has no name: give it one with --from NAME={}", path, path));
      }
      // Under the name that documents have for it.
      auto wanted = std::ranges::find_if(wish.images, [&](const std::string& each) {
        return spec::full_image_name(each) == spec::full_image_name(name);
      });
      const std::string reference = wanted == wish.images.end() ? name : *wanted;
      if (wanted != wish.images.end()) wish.images.erase(wanted);
      co_await gather_archived(archive, image, reference, wish.platforms, gathered);
    }
  }
}

/// Asks a registry for every blob, in the repositories into which they would be pushed.
awaitable<void> leave_out_what_is_there(oci::Registries& registries, std::string prefix,
                                        bundle::Gathered& gathered) {
  spec::Site site;
  site.registry = std::move(prefix);
  std::set<oci::Digest> there;
  std::set<std::string> repositories;
  std::string host;
  for (const bundle::Image& each : gathered.contents.images) {
    Result<oci::Reference> target =
        oci::Reference::parse(plan::image_on_site(each.reference, site));
    if (!target) throw Failure(Failure::Kind::invalid, "image " + target.error().text);
    host = target->host;
    repositories.insert(target->repository);
  }
  for (const std::string& repository : repositories) {
    for (const bundle::Blob& blob : gathered.contents.blobs) {
      if (there.contains(blob.digest)) continue;
      const auto size = co_await registries.at(host).find_blob(repository, blob.digest);
      if (size) there.insert(blob.digest);
    }
  }
  gathered.contents = without(std::move(gathered.contents), there);
}

awaitable<int> create(const BundleArguments& arguments, Wish wish,
                      std::optional<bundle::PrivateKey> key, std::optional<bundle::Contents> base,
                      oci::Digest base_digest, boost::asio::any_io_executor executor,
                      const Clock& clock) {
  oci::Registries registries(registry_maker(arguments, executor, clock), mirrors_of(wish.site));
  bundle::Gathered gathered;
  gather_files(arguments, gathered);
  gather_program(arguments, wish, gathered);
  co_await gather_archives(arguments, wish, gathered);
  for (const std::string& image : wish.images) {
    if (image == wish.site.raykeep_image && !arguments.pull_raykeep) continue;
    fmt::print(stderr, "{}\n", image);
    co_await gather_image(registries, image, wish.platforms, gathered);
  }
  for (const std::string& note : gathered.notes) fmt::print(stderr, "note: {}\n", note);
  gathered.contents.made_by = "raykeep " RAYKEEP_VERSION;
  gathered.contents.created = created_text(gathered.newest);
  normalise(gathered.contents);
  if (base) gathered.contents = delta(std::move(gathered.contents), *base, base_digest);
  if (!arguments.base_registry.empty())
    co_await leave_out_what_is_there(registries, arguments.base_registry, gathered);
  const bundle::Contents contents = gathered.contents;
  bundle::Created made;
  {
    ByteCounter counter("fetched");
    made = co_await bundle::create(std::move(gathered),
                                   {.path = arguments.paths[0],
                                    .part_size = read_size(arguments.split, "--split"),
                                    .key = key ? &*key : nullptr,
                                    .bills = arguments.bills,
                                    .at_once = static_cast<std::size_t>(arguments.jobs),
                                    .progress = [&](std::uint64_t bytes) { counter.add(bytes); }});
  }
  if (arguments.output == Output::json) {
    doc::Array paths(made.paths.begin(), made.paths.end());
    fmt::print("{}",
               doc::write_json_pretty(doc::Object{{"paths", std::move(paths)},
                                                  {"bytes", made.size},
                                                  {"fetched", made.fetched},
                                                  {"kept", made.kept},
                                                  {"contents", made.contents_digest.text()}}));
  } else {
    for (const std::string& path : made.paths) fmt::print("{}\n", path);
    fmt::print("{} images, {} files, {} ({} fetched{})\n", contents.images.size(),
               contents.files.size(), size_text(made.size), size_text(made.fetched),
               made.kept == 0 ? "" : ", " + size_text(made.kept) + " of an earlier run used");
    fmt::print("contents {}\n", made.contents_digest.text());
    if (key) fmt::print("signed by {}\n", key->public_key().fingerprint());
  }
  co_return ExitCode::done;
}

}  // namespace

int bundle_create(const BundleArguments& arguments) {
  std::optional<bundle::PrivateKey> key = private_key(arguments);
  std::optional<spec::Site> site = read_site_for(arguments);
  if (!site) return ExitCode::findings;
  Wish wish{.images = {arguments.images.begin(), arguments.images.end()},
            .site = std::move(*site),
            .platforms = read_platforms(arguments.platforms)};
  if (!read_documents(arguments, wish)) return ExitCode::findings;
  plan::add_site_images(wish.site, wish.images);
  std::optional<bundle::Contents> base;
  oci::Digest base_digest = oci::Digest::of({});
  if (!arguments.base.empty()) {
    // Whoever makes the new one believes the old one that lies beside it: it only leaves out blobs.
    std::optional<bundle::PublicKey> own;
    if (key) own = key->public_key();
    const bundle::Bundle older = open_bundle(arguments.base, own);
    base = older.contents();
    base_digest = older.contents_digest();
  }
  return run_loop(
      [&](boost::asio::any_io_executor executor, const Clock& clock) {
        return create(arguments, std::move(wish), std::move(key), std::move(base), base_digest,
                      std::move(executor), clock);
      },
      "the same command goes on with what is in " + arguments.paths[0] + ".partial");
}

}  // namespace raykeep::cli
