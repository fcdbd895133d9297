#include "control/client_certificate.h"

#include <fmt/format.h>

#include "control/authority_record.h"
#include "control/inventory.h"
#include "plan/names.h"

namespace raykeep::control {

awaitable<ClientCertificate> make_client_certificate(const Access& access, std::string ns) {
  std::optional<doc::Value> secret = co_await access.client.find(
      {kinds::secret, ns, std::string(plan::authority_name)}, access.request());
  if (!secret)
    throw Failure(Failure::Kind::invalid,
                  fmt::format("Ray asks for certificates, and there is no Secret {}/{}", ns,
                              plan::authority_name));
  Result<AuthorityRecord> record = read_authority(*secret);
  if (!record) throw Failure(Failure::Kind::invalid, record.error().text);
  const std::string name = "raykeep connect";
  pki::KeyAndRequest made = pki::make_request(name, {});
  co_return ClientCertificate{
      record->trusted(),
      pki::sign(record->current, made.request_pem, name, {}, std::chrono::hours(24)),
      std::move(made.key_pem)};
}

}  // namespace raykeep::control
