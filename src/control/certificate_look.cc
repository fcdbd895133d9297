#include "control/certificate_look.h"

#include <fmt/format.h>

#include "control/inventory.h"
#include "doc/base64.h"
#include "net/certificate.h"

namespace raykeep::control {
namespace {

CertificateLook unknown(std::string problem) {
  CertificateLook look;
  look.problem = std::move(problem);
  return look;
}

}  // namespace

CertificateLook look_at_pem(const std::string& pem, WallTime now) {
  std::optional<net::CertificateFacts> facts = net::read_certificate(pem);
  if (!facts) return unknown("there is no certificate in it");
  CertificateLook look;
  look.subject = facts->subject;
  look.issuer = facts->issuer;
  look.names = facts->names;
  auto ends = std::chrono::floor<std::chrono::seconds>(facts->not_after);
  look.not_after = time_text(ends);
  look.days_left = std::chrono::floor<std::chrono::days>(ends - now).count();
  return look;
}

awaitable<CertificateLook> look_at_certificate(const Access& access, kube::Kind kind,
                                               std::string ns, std::string name, std::string key,
                                               WallTime now) {
  std::optional<doc::Value> object;
  std::string refusal;
  try {
    object = co_await access.client.find({kind, ns, name}, access.request());
  } catch (const Failure& failure) {
    if (failure.kind() != Failure::Kind::denied) throw;
    refusal = "you may not read it";
  }
  if (!refusal.empty()) co_return unknown(refusal);
  if (!object) co_return unknown(fmt::format("there is no {} {}", kind.kind, name));
  std::string text(doc::find_string(*object, {"data", key}));
  if (kind == kinds::secret) text = doc::decode_base64(text).value_or("");
  if (text.empty()) co_return unknown(fmt::format("it has no {}", key));
  co_return look_at_pem(text, now);
}

}  // namespace raykeep::control
