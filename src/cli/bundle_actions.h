// raykeep bundle's actions, and what they share.
#pragma once

#include <optional>

#include "bundle/open.h"
#include "cli/arguments.h"
#include "spec/site.h"

namespace raykeep::cli {

int bundle_create(const BundleArguments& arguments);
int bundle_push(const BundleArguments& arguments);
int bundle_verify(const BundleArguments& arguments);
int bundle_list(const BundleArguments& arguments);
int bundle_diff(const BundleArguments& arguments);
int bundle_extract(const BundleArguments& arguments);
int bundle_keygen(const BundleArguments& arguments);

/// The public key of --key, or nothing with --allow-unsigned. Throws Failure::invalid where neither
/// is given.
std::optional<bundle::PublicKey> public_key(const BundleArguments& arguments);

/// The private key of --key, or nothing with --unsigned. Throws likewise.
std::optional<bundle::PrivateKey> private_key(const BundleArguments& arguments);

/// The bundle at arguments.paths[0], its signature verified.
bundle::Bundle open_bundle(const std::string& path, const std::optional<bundle::PublicKey>& key);

/// The Site of --site, or the default one. Findings are printed; nothing where it has errors.
std::optional<spec::Site> read_site_for(const BundleArguments& arguments);

/// Bytes as they come, a line on a terminal now and then.
class ByteCounter {
 public:
  explicit ByteCounter(std::string doing) : doing_(std::move(doing)) {}
  ~ByteCounter();
  void add(std::uint64_t bytes);

 private:
  std::string doing_;
  std::uint64_t bytes_ = 0;
  Instant shown_ = {};
  bool any_ = false;
};

}  // namespace raykeep::cli
