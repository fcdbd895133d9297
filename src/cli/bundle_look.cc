// raykeep bundle verify, list, diff, extract and keygen: what needs no registry.
#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "bundle/delta.h"
#include "bundle/verify.h"
#include "cli/bundle_actions.h"
#include "cli/exit_code.h"
#include "cli/registry_access.h"
#include "cli/table.h"
#include "doc/json.h"

namespace raykeep::cli {
namespace {

namespace fs = std::filesystem;

/// A new file that nobody else may have made.
void write_new(const fs::path& path, std::string_view bytes, mode_t mode) {
  const bundle::Handle file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  const bool done = file.get() >= 0 && write(file.get(), bytes.data(), bytes.size()) ==
                                           static_cast<ssize_t>(bytes.size());
  if (!done)
    throw Failure(
        Failure::Kind::invalid,
        fmt::format("write {}: {}", raykeep::quoted(path.string()), std::strerror(errno)));
}

/// The bills of an image, as files whose names say whose they are.
void extract_bills(const bundle::Bundle& bundle, const bundle::Image& image,
                   const fs::path& folder) {
  std::error_code ignored;
  fs::create_directories(folder, ignored);
  for (const bundle::Bill& each : image.bills) {
    std::string name = image.reference + '-' + each.platform;
    std::ranges::replace_if(name, [](char c) { return c == '/' || c == ':' || c == '@'; }, '-');
    for (const auto& [digest, end] :
         {std::pair{each.spdx, ".spdx.json"}, {each.cyclonedx, ".cdx.json"}}) {
      const fs::path path = folder / (name + end);
      unlink(path.c_str());
      write_new(path, bundle.read_blob(digest, 512u << 20), 0644);
      fmt::print("{}\n", path.string());
    }
  }
}

/// One file of a bundle into a folder, compared with its digest while it is written.
void extract(const bundle::Bundle& bundle, const bundle::File& file, const fs::path& path) {
  const std::string partial = path.string() + ".partial";
  constexpr std::size_t most = 1u << 20;
  const mode_t mode = file.kind == bundle::File::Kind::program ? 0755 : 0644;
  unlink(partial.c_str());
  const bundle::Handle out(
      open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  oci::Hasher hasher;
  std::string buffer(most, '\0');
  bool good = out.get() >= 0;
  for (std::uint64_t done = 0; good && done < file.size;) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(most, file.size - done));
    bundle.read({file.digest, file.size}, done, buffer.data(), count);
    hasher.add(std::string_view(buffer).substr(0, count));
    good = write(out.get(), buffer.data(), count) == static_cast<ssize_t>(count);
    done += count;
  }
  const int why = errno;
  const bool same = good && hasher.finish() == file.digest;
  if (same && rename(partial.c_str(), path.c_str()) == 0) return;
  unlink(partial.c_str());
  throw Failure(
      Failure::Kind::invalid,
      good ? fmt::format("extract {}: it is damaged", raykeep::quoted(file.name))
           : fmt::format("write {}: {}", raykeep::quoted(path.string()), std::strerror(why)));
}

doc::Object to_json(const bundle::Image& image) {
  return {{"reference", image.reference},
          {"source", image.source},
          {"digest", image.digest.text()},
          {"bills", image.bills.size()},
          {"platforms", doc::Array(image.platforms.begin(), image.platforms.end())}};
}

void print_who(const bundle::Bundle& bundle, const std::optional<bundle::PublicKey>& key) {
  fmt::print("contents {}\n", bundle.contents_digest().text());
  if (key)
    fmt::print("signed by {}\n", key->fingerprint());
  else
    fmt::print("not signed: nothing proves who made it\n");
}

}  // namespace

int bundle_verify(const BundleArguments& arguments) {
  const std::optional<bundle::PublicKey> key = public_key(arguments);
  const bundle::Bundle bundle = open_bundle(arguments.paths[0], key);
  std::vector<bundle::Damage> damage;
  {
    std::mutex mutex;
    ByteCounter counter("read");
    std::uint64_t told = 0;
    auto progress = [&](std::uint64_t bytes) {
      const std::lock_guard lock(mutex);
      if (bytes > told) counter.add(bytes - std::exchange(told, bytes));
    };
    damage = verify(bundle, {.threads = 0, .progress = progress});
  }
  if (arguments.output == Output::json) {
    doc::Array list;
    for (const bundle::Damage& each : damage)
      list.push_back(doc::Object{{"entry", each.entry},
                                 {"place", each.place},
                                 {"what", each.what},
                                 {"images", doc::Array(each.images.begin(), each.images.end())}});
    fmt::print("{}",
               doc::write_json_pretty(doc::Object{{"good", damage.empty()},
                                                  {"signed", bundle.is_signed()},
                                                  {"contents", bundle.contents_digest().text()},
                                                  {"bytes", bundle.source().size()},
                                                  {"damage", std::move(list)}}));
    return damage.empty() ? ExitCode::done : ExitCode::findings;
  }
  for (const bundle::Damage& each : damage) {
    fmt::print("DAMAGED {}{}: {}{}\n", each.entry,
               each.place.empty() ? "" : " (" + each.place + ")", harmless(each.what),
               each.images.empty() ? "" : fmt::format(" (image {})", fmt::join(each.images, ", ")));
  }
  if (!damage.empty()) {
    fmt::print("{} is not what its maker signed: carry it in again\n", arguments.paths[0]);
    return ExitCode::findings;
  }
  fmt::print("{}: all {} are what the contents list says; {} images, {} files\n",
             arguments.paths[0], size_text(bundle.source().size()), bundle.contents().images.size(),
             bundle.contents().files.size());
  print_who(bundle, key);
  return ExitCode::done;
}

int bundle_list(const BundleArguments& arguments) {
  const std::optional<bundle::PublicKey> key = public_key(arguments);
  const bundle::Bundle bundle = open_bundle(arguments.paths[0], key);
  const bundle::Contents& contents = bundle.contents();
  if (arguments.output == Output::json) {
    doc::Array images, files;
    for (const bundle::Image& each : contents.images) images.push_back(to_json(each));
    for (const bundle::File& each : contents.files)
      files.push_back(doc::Object{{"kind", to_string(each.kind)},
                                  {"name", each.name},
                                  {"digest", each.digest.text()},
                                  {"bytes", each.size}});
    fmt::print("{}", doc::write_json_pretty(
                         doc::Object{{"contents", bundle.contents_digest().text()},
                                     {"base", contents.base ? contents.base->text() : ""},
                                     {"madeBy", contents.made_by},
                                     {"created", contents.created},
                                     {"bytes", bundle.source().size()},
                                     {"images", std::move(images)},
                                     {"files", std::move(files)},
                                     {"absentBlobs", contents.absent.size()}}));
    return ExitCode::done;
  }
  std::vector<Row> images = {{"IMAGE", "PLATFORMS", "DIGEST"}};
  for (const bundle::Image& each : contents.images)
    images.push_back(
        {each.reference, fmt::format("{}", fmt::join(each.platforms, ",")), each.digest.text()});
  std::vector<Row> files = {{"FILE", "KIND", "SIZE", "DIGEST"}};
  for (const bundle::File& each : contents.files)
    files.push_back(
        {each.name, std::string(to_string(each.kind)), size_text(each.size), each.digest.text()});
  fmt::print("{}", table(images));
  if (files.size() > 1) fmt::print("\n{}", table(files));
  fmt::print("\n{} by {}, of {}\n", size_text(bundle.source().size()), contents.made_by,
             contents.created);
  if (contents.base)
    fmt::print("adds to {}: {} blobs must be in the registry already\n", contents.base->text(),
               contents.absent.size());
  print_who(bundle, key);
  return ExitCode::done;
}

int bundle_diff(const BundleArguments& arguments) {
  // With --to the key signs, and what it has signed is believed.
  const bool writes = !arguments.output_file.empty();
  std::optional<bundle::PrivateKey> signing;
  std::optional<bundle::PublicKey> key;
  if (writes) {
    signing = private_key(arguments);
    if (signing) key = signing->public_key();
  } else {
    key = public_key(arguments);
  }
  const bundle::Bundle older = open_bundle(arguments.paths[0], key);
  const bundle::Bundle newer = open_bundle(arguments.paths[1], key);
  const bundle::Difference found = difference(older.contents(), newer.contents());
  for (const auto& [word, list] : {std::pair{"added", &found.added},
                                   {"removed", &found.removed},
                                   {"changed", &found.changed},
                                   {"file", &found.files}}) {
    for (const std::string& each : *list) fmt::print("{:<8} {}\n", word, each);
  }
  fmt::print("{} are new, {} are the same\n", size_text(found.new_bytes),
             size_text(found.shared_bytes));
  if (writes) {
    const std::uint64_t size = write_delta(older, arguments.paths[1], newer, arguments.output_file,
                                           signing ? &*signing : nullptr);
    fmt::print("{} ({})\n", arguments.output_file, size_text(size));
  }
  return ExitCode::done;
}

int bundle_extract(const BundleArguments& arguments) {
  const std::optional<bundle::PublicKey> key = public_key(arguments);
  const bundle::Bundle bundle = open_bundle(arguments.paths[0], key);
  const fs::path folder = arguments.output_file.empty() ? "." : arguments.output_file;
  std::error_code wrong;
  fs::create_directories(folder, wrong);
  if (wrong)
    throw Failure(Failure::Kind::invalid,
                  fmt::format("make {}: {}", raykeep::quoted(folder.string()), wrong.message()));
  for (const bundle::File& each : bundle.contents().files) {
    if (!arguments.files.empty() &&
        std::ranges::find(arguments.files, each.name) == arguments.files.end())
      continue;
    extract(bundle, each, folder / each.name);
    fmt::print("{}\n", (folder / each.name).string());
  }
  if (!arguments.files.empty() || !arguments.bills) return ExitCode::done;
  for (const bundle::Image& each : bundle.contents().images)
    extract_bills(bundle, each, folder / "sbom");
  return ExitCode::done;
}

int bundle_keygen(const BundleArguments& arguments) {
  const char* password = std::getenv("COSIGN_PASSWORD");
  if (password == nullptr) {
    throw Failure(Failure::Kind::invalid,
                  "the private key is kept encrypted: set $COSIGN_PASSWORD, as cosign has it");
  }
  const fs::path folder = arguments.output_file.empty() ? "." : arguments.output_file;
  const bundle::PrivateKey key = bundle::PrivateKey::generate();
  write_new(folder / "cosign.key", key.encrypted_pem(Secret<std::string>(password)).reveal(), 0600);
  write_new(folder / "cosign.pub", key.public_key().pem(), 0644);
  fmt::print("{} signs, {} verifies: carry it in by another way than the bundles\n{}\n",
             (folder / "cosign.key").string(), (folder / "cosign.pub").string(),
             key.public_key().fingerprint());
  return ExitCode::done;
}

}  // namespace raykeep::cli
