#include "control/secrets.h"

#include <algorithm>

#include <fmt/format.h>

#include "control/fields.h"
#include "control/inventory.h"
#include "control/redis_acl.h"
#include "control/token.h"
#include "doc/base64.h"
#include "pki/server_identity.h"
#include "plan/managed_redis.h"
#include "plan/names.h"

namespace raykeep::control {
namespace {

using Kind = plan::PlannedSecret::Kind;

kube::Ref ref_to(const plan::Plan& plan, const std::string& name) {
  return {kinds::secret, plan.ns, name};
}

doc::Object secret_object(const plan::Plan& plan, const plan::PlannedSecret& planned,
                          const SecretValues& values, const doc::Value& owner) {
  doc::Object metadata{{"name", planned.name},
                       {"namespace", plan.ns},
                       {"labels", doc::Object{{plan::managed_by_label, plan::managed_by},
                                              {plan::cluster_label, plan.cluster}}}};
  if (owner.is_object()) metadata["ownerReferences"] = doc::Array{owner};
  doc::Object data;
  for (const auto& [key, value] : values) data[key] = doc::encode_base64(value.reveal());
  return {{"apiVersion", "v1"},
          {"kind", "Secret"},
          {"metadata", std::move(metadata)},
          {"type", "Opaque"},
          {"data", std::move(data)}};
}

/// What a living Secret holds; nothing when there is none.
SecretValues values_of(const std::optional<doc::Value>& secret) {
  SecretValues values;
  const doc::Object* data = secret ? doc::find_object(*secret, {"data"}) : nullptr;
  if (data == nullptr) return values;
  for (const auto& member : *data) {
    if (!member.value().is_string()) continue;
    std::optional<std::string> value = doc::decode_base64(member.value().get_string());
    if (value) values.emplace(member.key(), Secret(std::move(*value)));
  }
  return values;
}

bool has(const SecretValues& values, std::string_view key) {
  auto at = values.find(key);
  return at != values.end() && !at->second.empty();
}

/// Ten years: Redis reads its certificate when it starts, and its clients trust nobody else's.
constexpr std::chrono::days certificate_validity(3650);

/// A certificate stays as it is once it was made, all three parts of it.
void add_certificate(const std::vector<std::string>& names, const SecretValues& before,
                     SecretValues& values) {
  if (has(before, plan::certificate_key) && has(before, plan::private_key_key) &&
      has(before, plan::authority_key)) {
    for (auto key : {plan::certificate_key, plan::private_key_key, plan::authority_key}) {
      values.insert(*before.find(key));
    }
    return;
  }
  pki::ServerIdentity made = pki::make_server_identity(names, certificate_validity);
  values.emplace(plan::certificate_key, Secret(made.certificate_pem));
  values.emplace(plan::private_key_key, made.key_pem);
  values.emplace(plan::authority_key, Secret(made.authority_pem));
}

void refuse(const std::optional<doc::Value>& found, const plan::Plan& plan,
            const plan::PlannedSecret& planned) {
  if (found && !is_ours(*found, plan.cluster)) {
    throw Failure(Failure::Kind::invalid,
                  fmt::format("in namespace {} there already is Secret {} (of {}): nothing was "
                              "touched; rename the cluster, or remove it",
                              plan.ns, planned.name, belongs_to(*found)));
  }
  if (planned.kind == Kind::document_password && planned.password.empty() &&
      !has(values_of(found), plan::managed_password_key)) {
    throw Failure(
        Failure::Kind::invalid,
        fmt::format(
            "Secret {}/{} holds no Redis password, and the stored document no longer has it: "
            "nothing was touched; run raykeep up -f with the document itself",
            plan.ns, planned.name));
  }
}

}  // namespace

SecretValues secret_values(const plan::PlannedSecret& planned, const SecretValues& before) {
  SecretValues values;
  Secret<std::string> password = planned.password;
  if (password.empty() && has(before, plan::managed_password_key)) {
    password = before.find(plan::managed_password_key)->second;
  }
  if (password.empty()) password = make_token();
  values.emplace(plan::managed_password_key, password);
  if (planned.kind == Kind::managed_redis) {
    values.emplace(plan::managed_acl_key, managed_redis_acl(password));
  }
  if (!planned.server_names.empty()) add_certificate(planned.server_names, before, values);
  return values;
}

awaitable<void> check_secrets(const Access& access, const plan::Plan& plan) {
  for (const plan::PlannedSecret& planned : plan.secrets) {
    std::optional<doc::Value> found =
        co_await access.client.find(ref_to(plan, planned.name), access.request());
    refuse(found, plan, planned);
  }
}

awaitable<bool> ensure_secrets(const Access& access, const plan::Plan& plan, doc::Value owner,
                               bool dry_run, const Report& report) {
  bool any = false;
  for (const plan::PlannedSecret& planned : plan.secrets) {
    std::optional<doc::Value> found =
        co_await access.client.find(ref_to(plan, planned.name), access.request());
    refuse(found, plan, planned);
    bool made = false;
    if (!found && !dry_run) {
      // Who creates it first decides the password and the certificate, also for a second writer.
      found = co_await access.client.create(
          secret_object(plan, planned, secret_values(planned, {}), owner), access.request());
      made = found.has_value();
      if (!made) found = co_await access.client.find(ref_to(plan, planned.name), access.request());
      refuse(found, plan, planned);
    }
    kube::Applied applied = co_await access.client.apply(
        secret_object(plan, planned, secret_values(planned, values_of(found)), owner),
        {.field_manager = std::string(plan::field_manager), .force = true, .dry_run = dry_run},
        access.request());
    Done::What what = made || !found ? Done::What::created
                      : resource_version_of(applied.object) == resource_version_of(*found)
                          ? Done::What::unchanged
                          : Done::What::changed;
    report(Done{what, "Secret " + planned.name, dry_run});
    any |= what != Done::What::unchanged;
  }
  co_return any;
}

awaitable<bool> prune_secrets(const Access& access, const plan::Plan& plan, bool dry_run,
                              const Report& report) {
  bool any = false;
  for (const std::string& name : secret_names(plan.cluster)) {
    bool wanted = name == plan.token_secret ||
                  std::ranges::any_of(plan.secrets, [&](const plan::PlannedSecret& planned) {
                    return planned.name == name;
                  });
    if (wanted) continue;
    std::optional<doc::Value> found =
        co_await access.client.find(ref_to(plan, name), access.request());
    if (!found || !is_ours(*found, plan.cluster)) continue;
    if (!dry_run)
      co_await access.client.remove(ref_to(plan, name), {.uid = std::string(uid_of(*found))},
                                    access.request());
    report(Done{Done::What::removed, "Secret " + name, dry_run});
    any = true;
  }
  co_return any;
}

std::vector<std::string> secret_names(const std::string& cluster) {
  return {cluster, plan::gcs_redis_name(cluster), plan::redis_name(cluster)};
}

}  // namespace raykeep::control
