#include "control/authority_record.h"

#include <algorithm>

#include <fmt/format.h>

#include "control/fields.h"
#include "doc/base64.h"
#include "net/certificate.h"
#include "plan/names.h"

namespace raykeep::control {
namespace {

/// Clocks of nodes and of this program differ by some.
constexpr auto skew = std::chrono::seconds(30);

/// Callers outside of the cluster mount the ConfigMap, and a kubelet takes a minute and some to
/// show a new one.
constexpr auto for_clients = std::chrono::minutes(3);

std::string data_at(const doc::Value& secret, std::string_view key) {
  auto decoded = doc::decode_base64(doc::find_string(secret, {"data", key}));
  return decoded ? std::move(*decoded) : std::string();
}

std::string with_newline(std::string pem) {
  if (!pem.empty() && !pem.ends_with('\n')) pem += '\n';
  return pem;
}

/// Its name tells when it was made, so that two of them are told apart.
pki::Authority make_one(WallTime now, std::chrono::seconds validity) {
  return pki::make_authority(fmt::format("raykeep {}", time_text(now)), validity);
}

void put(doc::Object& data, const pki::Authority& authority, std::string_view certificate_key,
         std::string_view private_key_key) {
  data[certificate_key] = doc::encode_base64(authority.certificate_pem);
  data[private_key_key] = doc::encode_base64(authority.key_pem.reveal());
}

}  // namespace

std::string AuthorityRecord::trusted() const {
  if (!ours && !roots.empty()) return roots;
  std::string all = with_newline(current.certificate_pem);
  if (next) all += with_newline(next->certificate_pem);
  return all + with_newline(previous);
}

std::optional<WallTime> AuthorityRecord::stage_counts_from() const {
  if (!stage_since) return std::nullopt;
  return *stage_since + skew;
}

Result<AuthorityRecord> read_authority(const doc::Value& secret) {
  AuthorityRecord record;
  record.resource_version = resource_version_of(secret);
  record.ours = label_of(secret, plan::managed_by_label) == plan::managed_by;
  record.current = {data_at(secret, plan::certificate_key),
                    Secret(data_at(secret, plan::private_key_key))};
  if (auto fault = pki::fault_of(record.current))
    return error(
        fmt::format("the authority in Secret {} cannot be used: {}", plan::authority_name, *fault));
  if (!record.ours) {
    record.roots = data_at(secret, plan::authority_key);
    return record;
  }
  pki::Authority next{data_at(secret, next_certificate_key),
                      Secret(data_at(secret, next_private_key_key))};
  if (!next.certificate_pem.empty() && !pki::fault_of(next)) record.next = std::move(next);
  record.previous = data_at(secret, previous_certificate_key);
  record.stage_since =
      parse_time(doc::find_string(secret, {"metadata", "annotations", stage_annotation}));
  record.hurry = !doc::find_string(secret, {"metadata", "annotations", rotate_annotation}).empty();
  return record;
}

doc::Value new_authority(const std::string& ns, std::chrono::seconds validity) {
  doc::Object data;
  put(data, make_one(wall_now(), validity), plan::certificate_key, plan::private_key_key);
  return doc::Object{
      {"apiVersion", "v1"},
      {"kind", "Secret"},
      {"metadata",
       doc::Object{{"name", plan::authority_name},
                   {"namespace", ns},
                   {"labels", doc::Object{{plan::managed_by_label, plan::managed_by}}}}},
      {"type", "kubernetes.io/tls"},
      {"data", std::move(data)}};
}

std::string_view to_string(Rotation step) {
  switch (step) {
    case Rotation::none:
      return "none";
    case Rotation::begin:
      return "begin";
    case Rotation::promote:
      return "promote";
    case Rotation::finish:
      return "finish";
  }
  return "";
}

Rotation due_rotation(const AuthorityRecord& record, const RotationFacts& facts) {
  if (!record.ours) return Rotation::none;
  if (record.next || !record.previous.empty()) {  // one is under way
    const std::optional<WallTime> from = record.stage_counts_from();
    const bool all_began_since =
        from && facts.now > *from &&
        std::ranges::all_of(facts.nodes_began, [&](WallTime began) { return began >= *from; });
    if (!all_began_since) return Rotation::none;
    if (!record.next) return Rotation::finish;
    return facts.now - *record.stage_since >= for_clients ? Rotation::promote : Rotation::none;
  }
  const bool ends_soon = facts.current_ends - facts.now < 3 * facts.lifetime;
  return ends_soon || record.hurry ? Rotation::begin : Rotation::none;
}

doc::Value rotation_patch(const AuthorityRecord& record, Rotation step, WallTime now,
                          std::chrono::seconds validity) {
  doc::Object data;
  doc::Object annotations{{stage_annotation, time_text(now)}};
  if (step == Rotation::begin) {
    put(data, make_one(now, validity), next_certificate_key, next_private_key_key);
  } else if (step == Rotation::promote) {
    put(data, *record.next, plan::certificate_key, plan::private_key_key);
    data[previous_certificate_key] = doc::encode_base64(record.current.certificate_pem);
    data[next_certificate_key] = nullptr;
    data[next_private_key_key] = nullptr;
  } else {
    data[previous_certificate_key] = nullptr;
    annotations[stage_annotation] = nullptr;
    annotations[rotate_annotation] = nullptr;
  }
  return doc::Object{{"metadata", doc::Object{{"resourceVersion", record.resource_version},
                                              {"annotations", std::move(annotations)}}},
                     {"data", std::move(data)}};
}

}  // namespace raykeep::control
