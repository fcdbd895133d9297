#include "control/token.h"

#include <sys/random.h>
#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "control/fields.h"
#include "control/inventory.h"
#include "doc/base64.h"
#include "plan/names.h"

namespace raykeep::control {
namespace {

/// RFC 4648, section 5, without padding: safe in a header, a URL and a shell.
std::string base64url(std::string_view bytes) {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  unsigned pending = 0;
  int bits = 0;
  for (unsigned char byte : bytes) {
    pending = pending << 8 | byte;
    for (bits += 8; bits >= 6; bits -= 6) text += letters[pending >> (bits - 6) & 63];
  }
  if (bits > 0) text += letters[pending << (6 - bits) & 63];
  return text;
}

doc::Object secret_object(const plan::Plan& plan, const doc::Value& owner_reference) {
  doc::Object metadata{{"name", plan.token_secret},
                       {"namespace", plan.ns},
                       {"labels", doc::Object{{plan::managed_by_label, plan::managed_by},
                                              {plan::cluster_label, plan.cluster}}}};
  if (owner_reference.is_object()) metadata["ownerReferences"] = doc::Array{owner_reference};
  return {{"apiVersion", "v1"}, {"kind", "Secret"}, {"metadata", std::move(metadata)}};
}

kube::Ref ref_to(const plan::Plan& plan) { return {kinds::secret, plan.ns, plan.token_secret}; }

/// A Secret of that name which is somebody else's, or which lacks the key.
void refuse_strange(const doc::Value& secret, const plan::Plan& plan) {
  if (!plan.token_secret_is_users && !is_ours(secret, plan.cluster)) {
    throw Failure(Failure::Kind::invalid,
                  fmt::format("in namespace {} there already is Secret {} (of {}): nothing was "
                              "touched; rename the cluster, name the Secret in the document's "
                              "authOptions.secretName, or remove it",
                              plan.ns, plan.token_secret, belongs_to(secret)));
  }
  if (!doc::find_string(secret, {"data", plan::token_key}).empty()) return;
  throw Failure(Failure::Kind::invalid,
                fmt::format("Secret {}/{} has no key {}, without which the pods cannot start; {}",
                            plan.ns, plan.token_secret, plan::token_key,
                            plan.token_secret_is_users
                                ? "add it, or take authOptions.secretName out of the document"
                                : "delete the Secret, and raykeep up makes it anew"));
}

}  // namespace

Secret<std::string> make_token() {
  std::array<char, 32> bytes;
  std::size_t have = 0;
  while (have < bytes.size()) {
    ssize_t got = getrandom(bytes.data() + have, bytes.size() - have, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      throw Failure(Failure::Kind::bug, fmt::format("getrandom: {}", std::strerror(errno)));
    have += static_cast<std::size_t>(got);
  }
  return Secret<std::string>(base64url({bytes.data(), bytes.size()}));
}

awaitable<bool> has_token(const Access& access, const plan::Plan& plan) {
  std::optional<doc::Value> found = co_await access.client.find(ref_to(plan), access.request());
  if (found) refuse_strange(*found, plan);
  if (!found && plan.token_secret_is_users) {
    throw Failure(Failure::Kind::invalid,
                  fmt::format("Secret {}/{} is not there, and the document says it holds Ray's "
                              "token: nothing was touched; create it with the key {}",
                              plan.ns, plan.token_secret, plan::token_key));
  }
  co_return found.has_value();
}

awaitable<bool> ensure_token(const Access& access, const plan::Plan& plan,
                             doc::Value owner_reference) {
  bool made = false;
  bool there = co_await has_token(access, plan);
  if (plan.token_secret_is_users) co_return false;
  if (!there) {
    doc::Object secret = secret_object(plan, owner_reference);
    secret["type"] = "Opaque";
    secret["stringData"] = doc::Object{{plan::token_key, make_token().reveal()}};
    std::optional<doc::Value> created =
        co_await access.client.create(std::move(secret), access.request());
    made = created.has_value();  // else another `up` was quicker, and its token is as good
  }
  // Without data: an apply owns only what it names, so the token stays as it is.
  co_await access.client.apply(secret_object(plan, owner_reference), {}, access.request());
  co_return made;
}

awaitable<Secret<std::string>> read_token(const Access& access, std::string ns,
                                          std::string secret) {
  kube::Ref ref{kinds::secret, ns, secret};
  std::optional<doc::Value> found = co_await access.client.find(ref, access.request());
  std::string_view encoded = found ? doc::find_string(*found, {"data", plan::token_key}) : "";
  std::optional<std::string> token = doc::decode_base64(encoded);
  if (!token || token->empty()) {
    throw Failure(
        Failure::Kind::invalid,
        fmt::format("Secret {}/{} holds no token under the key {}", ns, secret, plan::token_key));
  }
  co_return Secret<std::string>(std::move(*token));
}

}  // namespace raykeep::control
