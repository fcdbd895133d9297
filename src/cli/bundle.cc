// raykeep bundle: which action, and what all of them need.
#include <unistd.h>
#include <cstdlib>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/bundle_actions.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/findings_output.h"
#include "cli/input.h"
#include "cli/registry_access.h"

namespace raykeep::cli {
namespace {

Failure not_usable(const std::string& text) { return {Failure::Kind::invalid, text}; }

}  // namespace

std::optional<bundle::PublicKey> public_key(const BundleArguments& arguments) {
  if (arguments.key.empty()) {
    if (arguments.unsigned_too) return std::nullopt;
    throw not_usable(
        "who must have signed the bundle? give the public key with --key cosign.pub, or "
        "--allow-unsigned for a bundle without a signature");
  }
  Result<bundle::PublicKey> key = bundle::PublicKey::parse(read_small_file(arguments.key));
  if (!key)
    throw not_usable(fmt::format("the key {}: {}", quoted(arguments.key), key.error().text));
  return std::move(*key);
}

std::optional<bundle::PrivateKey> private_key(const BundleArguments& arguments) {
  if (arguments.key.empty()) {
    if (arguments.unsigned_too) return std::nullopt;
    throw not_usable(
        "a bundle is signed: give the private key with --key (raykeep bundle keygen makes a pair), "
        "or say --unsigned");
  }
  const char* password = std::getenv("COSIGN_PASSWORD");
  Result<bundle::PrivateKey> key =
      bundle::PrivateKey::parse(Secret<std::string>(read_small_file(arguments.key)),
                                Secret<std::string>(password == nullptr ? "" : password));
  if (!key) {
    throw not_usable(fmt::format("the key {}: {}{}", quoted(arguments.key), key.error().text,
                                 password == nullptr ? "; its password is read from "
                                                       "$COSIGN_PASSWORD"
                                                     : ""));
  }
  return std::move(*key);
}

bundle::Bundle open_bundle(const std::string& path, const std::optional<bundle::PublicKey>& key) {
  return bundle::Bundle(path, key ? &*key : nullptr);
}

std::optional<spec::Site> read_site_for(const BundleArguments& arguments) {
  Input input = read_input(
      {.files = {}, .site = arguments.input.site, .images_lock = arguments.input.images_lock});
  print(stderr, input.findings);
  if (!input.usable()) return std::nullopt;
  return std::move(input.site);
}

ByteCounter::~ByteCounter() {
  if (any_) fmt::print(stderr, "\r\033[K");
}

void ByteCounter::add(std::uint64_t bytes) {
  bytes_ += bytes;
  if (!isatty(STDERR_FILENO)) return;
  const Instant now = std::chrono::steady_clock::now();
  if (now - shown_ < std::chrono::milliseconds(250)) return;
  shown_ = now;
  any_ = true;
  fmt::print(stderr, "\r\033[K{} {}", doing_, size_text(bytes_));
  std::fflush(stderr);
}

int run(const BundleArguments& arguments) {
  const std::size_t wanted = arguments.action == "keygen" ? 0 : arguments.action == "diff" ? 2 : 1;
  if (arguments.paths.size() != wanted) {
    fmt::print(stderr, "raykeep bundle {} takes {} FILE{}\n", arguments.action,
               wanted == 0   ? "no"
               : wanted == 1 ? "one"
                             : "two",
               wanted == 2 ? "s" : "");
    return ExitCode::wrong_usage;
  }
  if (arguments.action == "create") return bundle_create(arguments);
  if (arguments.action == "push") return bundle_push(arguments);
  if (arguments.action == "verify") return bundle_verify(arguments);
  if (arguments.action == "list") return bundle_list(arguments);
  if (arguments.action == "diff") return bundle_diff(arguments);
  if (arguments.action == "extract") return bundle_extract(arguments);
  return bundle_keygen(arguments);
}

}  // namespace raykeep::cli
