#include "verify/tls_verdict.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "control/fields.h"
#include "flow/https.h"
#include "net/chain.h"

namespace raykeep::verify {
namespace {

using net::Reception;
using net::TlsAttempt;

/// What it means that an offer is let in which must not be.
struct Rule {
  Offer offer;
  std::string_view code;
  std::string_view what;
};
constexpr Rule mutual_rules[] = {
    {Offer::plaintext, code::plaintext, "plaintext was answered"},
    {Offer::no_certificate, code::no_certificate, "a client without a certificate was let in"},
    {Offer::foreign, code::foreign_certificate,
     "a client with a certificate of an unknown authority was let in"},
    {Offer::expired, code::expired_certificate, "a client with an expired certificate was let in"},
    {Offer::old_1_0, code::old_tls, "TLS 1.0 was agreed to"},
    {Offer::old_1_1, code::old_tls, "TLS 1.1 was agreed to"},
};

constexpr std::string_view no_authority_remedy =
    "is the controller running, which publishes it? raykeep controller install";

const TlsAttempt* find(const Offers& offers, Offer offer) {
  auto at = offers.find(offer);
  return at == offers.end() ? nullptr : &at->second;
}

/// Must it be refused?
bool is_forbidden(const TlsTry& tried, Offer offer) {
  if (tried.within_mesh) return false;
  switch (offer) {
    case Offer::plaintext:
    case Offer::old_1_0:
    case Offer::old_1_1:
      return true;
    case Offer::no_certificate:
    case Offer::foreign:
    case Offer::expired:
      return tried.guard == Guard::mutual || tried.guard == Guard::mesh;
    case Offer::own:
      break;
  }
  return false;
}

/// The head's Service, by which workers find it.
std::string head_service(const plan::Plan& plan) {
  for (const doc::Value& object : plan.objects) {
    if (control::kind_of(object) == "StatefulSet" &&
        control::name_of(object) == plan::head_name(plan.cluster))
      return std::string(doc::find_string(object, {"spec", "serviceName"}));
  }
  return "";
}

class Judge {
 public:
  Judge(const TlsJudgeInput& input, Verification& result)
      : input_(input), result_(result), head_service_(head_service(input.plan)) {}

  void run() {
    for (std::size_t i = 0; i < input_.matrix.tries.size(); ++i) judge(i);
    for (const Untried& each : input_.matrix.untried)
      result_.tls.push_back({.flows = {each.flow}, .result = "untested", .note = each.why});
    judge_clear();
    if (needs_authority_ && !input_.authority_pem)
      fault(code::no_authority, Severity::warning,
            fmt::format("ConfigMap {}", plan::authority_name),
            "it could not be read, so whose certificates the servers showed is not known",
            no_authority_remedy);
  }

 private:
  void fault(std::string_view code, Severity severity, std::string object, std::string what,
             std::string_view remedy) {
    result_.faults.push_back({.code = std::string(code),
                              .severity = severity,
                              .object = std::move(object),
                              .what = std::move(what),
                              .remedy = std::string(remedy)});
  }

  /// A fault of the port that is being judged, which is then not good.
  void blame(std::string_view code, std::string what, std::string_view remedy) {
    fault(code, Severity::error, tls_name(*row_), what, remedy);
    row_->good = false;
    if (!row_->note.empty()) row_->note += "; ";
    row_->note += what;
  }

  std::string origin(const TlsTry& tried) const {
    const Place& from = input_.places[tried.from];
    return fmt::format("from {}{}", from.pod, from.stand_in ? " (a short-lived pod)" : "");
  }

  void judge(std::size_t index) {
    const TlsTry& tried = input_.matrix.tries[index];
    TlsResult made{.pod = input_.places[tried.to].pod,
                   .port_name = tried.port_name,
                   .ports = std::to_string(tried.target.port),
                   .encryption = tried.encryption,
                   .flows = tried.flows,
                   .result = "untested"};
    if (tried.within_mesh) made.port_name += " (within the mesh)";
    row_ = &made;
    auto outcome = input_.outcomes.find(index);
    if (outcome == input_.outcomes.end()) {
      auto why = input_.not_run.find(tried.from);
      made.note = why == input_.not_run.end() ? "it was not tried" : why->second;
    } else {
      judge_offers(tried, outcome->second);
    }
    result_.tls.push_back(std::move(made));
  }

  void judge_offers(const TlsTry& tried, const Offers& offers) {
    for (const auto& [offer, attempt] : offers)
      row_->offers.emplace_back(to_string(offer), net::to_string(attempt.response));
    const bool reached = std::ranges::any_of(
        offers, [](const auto& each) { return each.second.response != Reception::no_connection; });
    if (!reached) {
      row_->note = offers.empty() ? "nothing was offered" : offers.begin()->second.detail;
      return;
    }
    const bool clear = is_taken(offers, Offer::plaintext);
    for (const Rule& rule : mutual_rules) apply(rule, tried, offers);
    judge_silence(tried, offers);
    if (tried.within_mesh) {
      judge_within_mesh(tried, offers);
    } else if (tried.guard != Guard::mesh && !clear) {
      judge_welcome(tried, offers);
      judge_certificate(tried, offers);
    }
    row_->result = row_->good ? "encrypted" : "faulty";
    if (row_->good && tried.guard == Guard::mutual && !offers.contains(Offer::expired))
      row_->note = fmt::format("no expired certificate was offered: {}",
                               input_.no_expired.empty()
                                   ? "through a forwarded port not even a valid one was let in"
                                   : input_.no_expired);
  }

  static bool is_taken(const Offers& offers, Offer offer) {
    const TlsAttempt* attempt = find(offers, offer);
    return attempt != nullptr && attempt->response == Reception::taken;
  }

  void apply(const Rule& rule, const TlsTry& tried, const Offers& offers) {
    if (!is_forbidden(tried, rule.offer) || !is_taken(offers, rule.offer)) return;
    // Who asks for no certificate looks at none: that is one fault.
    const bool looks_at_none = is_taken(offers, Offer::no_certificate) &&
                               (rule.offer == Offer::foreign || rule.offer == Offer::expired);
    if (looks_at_none) return;
    blame(rule.code, fmt::format("{}, {}", rule.what, origin(tried)),
          rule.offer == Offer::plaintext && tried.guard == Guard::mesh
              ? "is the mesh STRICT for this namespace, and does the pod have its proxy?"
              : "find out what answers there: raykeep status; a pod that started before the Site "
                "asked for encryption is replaced by raykeep up");
  }

  /// Silence is no refusal: a server that waits for more may let in what comes.
  void judge_silence(const TlsTry& tried, const Offers& offers) {
    std::vector<std::string_view> silent;
    for (const auto& [offer, attempt] : offers) {
      if (attempt.response == Reception::silent &&
          (is_forbidden(tried, offer) || offer == Offer::own))
        silent.push_back(to_string(offer));
    }
    if (silent.empty()) return;
    blame(code::tls_silent,
          fmt::format("nothing came back to: {}; {}", fmt::join(silent, ", "), origin(tried)),
          "it may hang: raykeep status; on a busy node try again with --timeout 5s");
  }

  void judge_within_mesh(const TlsTry& tried, const Offers& offers) {
    const TlsAttempt* plain = find(offers, Offer::plaintext);
    if (plain == nullptr || plain->response != Reception::refused) return;
    blame(code::mesh_refuses,
          fmt::format("a pod within the mesh was refused ({}), {}", plain->detail, origin(tried)),
          "does the mesh let this pair and port pass? Are both proxies running?");
  }

  /// Who must be let in: a node with its own certificate, or anybody where only the server shows
  /// one. The latter is let in when the handshake is done: what lies behind may be down.
  void judge_welcome(const TlsTry& tried, const Offers& offers) {
    const bool mutual = tried.guard == Guard::mutual;
    const TlsAttempt* welcome = find(offers, mutual ? Offer::own : Offer::no_certificate);
    if (welcome == nullptr || welcome->response == Reception::silent) return;
    if (welcome->response == Reception::taken || (!mutual && welcome->shaken)) return;
    blame(code::own_refused,
          fmt::format("{} was not let in: {} ({}), {}",
                      mutual ? "a node with its own certificate" : "a client of TLS 1.2 and newer",
                      net::to_string(welcome->response), welcome->detail, origin(tried)),
          "do the node and this server trust the same authority? raykeep status");
  }

  void judge_certificate(const TlsTry& tried, const Offers& offers) {
    const std::string authority = input_.authority_pem.value_or("");
    std::optional<net::ChainFacts> shown;
    for (const auto& [offer, attempt] : offers) {
      if (!shown) shown = net::read_chain(attempt.chain_pem, authority);
    }
    if (!shown) return;
    const net::CertificateFacts& leaf = shown->leaf;
    row_->certificate =
        fmt::format("{}, by {}, until {}", shown->key, leaf.issuer, net::to_date(leaf.not_after));
    constexpr std::string_view renew =
        "delete the pod, its controller makes another; does raykeep status say why it was not "
        "renewed?";
    if (shown->weak)
      blame(code::weak_key, fmt::format("its certificate's key is {}", shown->key), renew);
    if (leaf.not_after < input_.now) {
      blame(code::server_expired,
            fmt::format("its certificate was over on {}", net::to_date(leaf.not_after)), renew);
    } else if (input_.now < leaf.not_before) {
      blame(code::server_expired,
            fmt::format("its certificate is valid from {} only", net::to_date(leaf.not_before)),
            "compare the clocks of the nodes");
    } else if ((leaf.not_after - input_.now) * 6 < leaf.not_after - leaf.not_before) {
      fault(code::server_ends_soon, Severity::warning, tls_name(*row_),
            fmt::format("its certificate ends on {}", net::to_date(leaf.not_after)),
            "raykeep status says why the controller did not renew it");
    }
    if (is_anothers(tried)) return;
    needs_authority_ = true;
    if (input_.authority_pem && !shown->untrusted.empty())
      blame(code::untrusted_server,
            fmt::format("the namespace's authority does not vouch for its certificate, by {}: {}",
                        leaf.issuer, shown->untrusted),
            renew);
    judge_names(tried, leaf.names);
  }

  /// Whose certificate somebody else's authority may have signed, for names of its own: Redis', and
  /// what the Site's tls.httpSecret holds.
  bool is_anothers(const TlsTry& tried) const {
    return tried.encryption.ends_with("(Redis)") ||
           (flow::HttpsPort::is_for_users(tried.port_name) && !input_.site.tls_http_secret.empty());
  }

  /// Only alternative names count, as for all clients of today (RFC 9525).
  void judge_names(const TlsTry& tried, const std::vector<std::string>& names) {
    std::vector<std::string> lacking;
    for (std::string& name : names_for(tried)) {
      if (std::ranges::find(names, name) == names.end()) lacking.push_back(std::move(name));
    }
    if (lacking.empty()) return;
    blame(code::wrong_name,
          fmt::format("its certificate lacks {}; it is for {}", fmt::join(lacking, ", "),
                      names.empty() ? "nobody" : fmt::format("{}", fmt::join(names, ", "))),
          "delete the pod, its controller makes another with a certificate of its own");
  }

  /// By what its peers call it.
  std::vector<std::string> names_for(const TlsTry& tried) const {
    const Place& place = input_.places[tried.to];
    if (place.end.role == flow::Role::controller)
      return {fmt::format("{}.{}.svc", plan::signer_name, input_.plan.ns)};
    std::vector<std::string> names = {place.ip};
    if (place.end.role == flow::Role::head && !head_service_.empty()) {
      names.push_back(fmt::format("{}.{}.svc", head_service_, input_.plan.ns));
      names.push_back(
          fmt::format("{}.{}.svc.{}", head_service_, input_.plan.ns, input_.site.cluster_domain));
    }
    return names;
  }

  void judge_clear() {
    for (const flow::Flow* flow : input_.matrix.clear)
      result_.tls.push_back({.ports = to_string(flow->ports),
                             .encryption = flow->encryption,
                             .flows = {flow->id()},
                             .result = "in the clear"});
    if (input_.matrix.clear.empty()) return;
    const bool meant = input_.site.tls_mode != spec::TlsMode::none || input_.site.tls_mode_written;
    fault(code::unencrypted, meant ? Severity::notice : Severity::error,
          fmt::format("{} flows", input_.matrix.clear.size()),
          input_.site.tls_mode == spec::TlsMode::none
              ? "the Site's tls.mode is none: nothing between the pods is encrypted"
              : "they are not encrypted: their rows say which",
          meant ? "" : "write tls.mode into the Site: native, mesh, or none where it is meant so");
  }

  const TlsJudgeInput& input_;
  Verification& result_;
  const std::string head_service_;
  TlsResult* row_ = nullptr;
  bool needs_authority_ = false;
};

}  // namespace

void judge_tls(const TlsJudgeInput& input, Verification& result) { Judge(input, result).run(); }

}  // namespace raykeep::verify
