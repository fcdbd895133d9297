#include "report/certificates.h"

#include <algorithm>

#include <fmt/format.h>

#include "plan/managed_redis.h"

namespace raykeep::report {
namespace {

std::string place_text(const CertificatePlace& place) {
  return fmt::format("{} {}, {}", place.config_map ? "ConfigMap" : "Secret", place.secret,
                     place.key);
}

doc::Object to_json(const CertificatePlace& place, const CertificateSeen* seen) {
  doc::Array names;
  const std::vector<std::string>& known =
      seen != nullptr && !seen->names.empty() ? seen->names : place.names;
  for (const std::string& each : known) names.emplace_back(each);
  doc::Object made{{"what", place.what},
                   {"place", place_text(place)},
                   {"madeBy", place.made_by},
                   {"names", std::move(names)}};
  if (seen == nullptr) {
    made["problem"] = "not looked at";
    return made;
  }
  made["subject"] = seen->subject;
  made["issuer"] = seen->issuer;
  made["expires"] = seen->not_after;
  made["daysLeft"] = seen->days_left;
  made["problem"] = seen->problem;
  return made;
}

}  // namespace

std::vector<CertificatePlace> certificate_places(const plan::Plan& plan, const spec::Site& site) {
  using Backend = spec::Storage::Backend;
  std::vector<CertificatePlace> places;
  auto add = [&places](std::string secret, std::string_view key, std::string what,
                       std::string made_by, std::vector<std::string> names = {}) {
    places.push_back({std::move(secret), std::string(key), std::move(what), std::move(made_by),
                      false, std::move(names)});
  };
  if (site.tls_mode == spec::TlsMode::native) {
    add(std::string(plan::authority_name), plan::authority_key,
        "the authority of Ray's nodes, which they trust",
        "the controller, which renews it; or you, where its Secret was there before");
    places.back().config_map = true;
    if (!site.tls_http_secret.empty())
      add(site.tls_http_secret, plan::certificate_key,
          "the certificate of the dashboard's and Serve's TLS ports", "you: the Site names it");
  }
  if (plan.storage.backend == Backend::managed_redis && site.redis.managed->tls) {
    const std::string& own = site.redis.managed->certificate_secret;
    std::vector<std::string> names;
    for (const plan::PlannedSecret& each : plan.secrets) {
      if (!each.server_names.empty()) names = each.server_names;
    }
    const std::string secret = own.empty() ? plan::redis_name(plan.cluster) : own;
    const std::string by = own.empty() ? "raykeep up, once, with an authority whose key is thrown "
                                         "away"
                                       : "you: the Site names it";
    add(secret, plan::certificate_key, "the certificate of the cluster's Redis", by, names);
    add(secret, plan::authority_key, "the authority of it, which the head trusts", by);
  }
  if (plan.storage.backend != Backend::redis) return places;
  const spec::RedisTls& tls = plan.storage.tls;
  if (tls.enabled && tls.ca) {
    add(tls.ca->name, tls.ca->key, "the authority of Redis' certificate", "you: the Site names it");
    places.back().config_map = tls.ca->config_map;
  }
  if (tls.enabled && !tls.certificate_secret.empty())
    add(tls.certificate_secret, plan::certificate_key, "the head's certificate for Redis",
        "you: the Site names it");
  return places;
}

doc::Array certificates(const Input& input) {
  doc::Array made;
  for (const CertificatePlace& place : certificate_places(input.plan, input.site)) {
    auto seen = std::ranges::find_if(input.certificates, [&place](const CertificateSeen& each) {
      return each.secret == place.secret && each.key == place.key;
    });
    made.push_back(to_json(place, seen == input.certificates.end() ? nullptr : &*seen));
  }
  const spec::RedisTlsFiles& files = input.plan.storage.tls_files;
  for (const std::string& file : {files.ca, files.certificate}) {
    if (file.empty()) continue;
    made.push_back(doc::Object{{"what", "for Redis, as the document has it"},
                               {"place", "file " + file + " in the head's pod"},
                               {"madeBy", "you"},
                               {"names", doc::Array{}},
                               {"problem", "a file of the image or of a volume: not looked at"}});
  }
  if (input.site.tls_mode == spec::TlsMode::native) {
    made.push_back(
        doc::Object{{"what", "a certificate for each Ray node"},
                    {"place", "the pod's memory, with its key"},
                    {"madeBy", "the agent, signed by the controller for this pod alone"},
                    {"names", doc::Array{}},
                    {"problem", "in the pods: raykeep status and verify --tls look at it"}});
  }
  if (input.site.tls_mode == spec::TlsMode::mesh) {
    made.push_back(doc::Object{{"what", "the certificates of the pods' mesh"},
                               {"place", "the mesh's proxies"},
                               {"madeBy", "the mesh, which renews them itself"},
                               {"names", doc::Array{}},
                               {"problem", "not in this namespace: not looked at"}});
  }
  return made;
}

}  // namespace raykeep::report
