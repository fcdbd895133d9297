#include "verify/result.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace raykeep::verify {
namespace {

/// Text between tags or in a quoted attribute. XML 1.0 has no way to say control characters.
std::string xml(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? ' ' : c;
    }
  }
  return out;
}

doc::Array texts(const std::vector<std::string>& list) {
  doc::Array made;
  for (const std::string& each : list) made.emplace_back(each);
  return made;
}

std::string test_case(std::string_view group, std::string_view name, bool skipped, bool good,
                      std::string_view message) {
  std::string inside;
  if (skipped) {
    inside = fmt::format("<skipped message=\"{}\"/>", xml(message));
  } else if (!good) {
    inside = fmt::format("<failure message=\"{}\"/>", xml(message));
  }
  return fmt::format("  <testcase classname=\"{}\" name=\"{}\">{}</testcase>\n", xml(group),
                     xml(name), inside);
}

}  // namespace

const std::vector<CodeInfo> code_infos = {
    {code::policy_gone,
     "a NetworkPolicy of the plan is not in the namespace. Run raykeep up; find out who removes "
     "it."},
    {code::rule_missing,
     "a rule of the plan does not permit what it should. Somebody changed the policy: raykeep diff "
     "shows how, raykeep up puts it back."},
    {code::hole,
     "a policy permits what the flow table does not have. If the flow is needed, write it into the "
     "Site (peers, egress); else remove the rule."},
    {code::unguarded,
     "no policy isolates these pods: everybody may talk to them or they to everybody. Run raykeep "
     "up, and ask for a default-deny policy in the namespace."},
    {code::pod_unselected,
     "a pod lacks the labels by which its policy finds it. Pods are not relabelled by hand: delete "
     "it, its controller makes another."},
    {code::dropped,
     "the policies of this namespace permit it, and yet nothing came back. The far side's own "
     "policies, a policy of another kind (Cilium, Calico, AdminNetworkPolicy), a firewall or a "
     "wrong address stands in between."},
    {code::passes,
     "it gets through although no NetworkPolicy of this namespace permits it. A policy of another "
     "kind permits it, or the enforcer does not enforce here."},
    {code::not_enforced,
     "nothing that the policies forbid was blocked: this cluster's network does not enforce "
     "NetworkPolicies. Ask who runs it; all of Raykeep's policies are without effect until then."},
    {code::not_proven,
     "the short-lived pods could not reach each other although their own policies are open, so "
     "that "
     "their silence towards Ray's pods proves nothing."},
    {code::plaintext,
     "a port took plaintext although the Site says that its traffic is encrypted."},
    {code::reset,
     "the connection was taken and then closed without a word: a mesh or TLS stands there, and the "
     "Site does not say so."},
    {code::unknown_flow,
     "Ray was seen to use a flow that the table lacks. If the application needs it, write it into "
     "the "
     "Site's egress; if Ray itself does it, please report it: the table is wrong."},
    {code::unused_flow, "a flow of the table that was not used while the cluster was watched."},
    {code::unanswered,
     "a pod tried to reach somebody and nothing came back: what a policy drops looks like this."},
    {code::not_understood,
     "a NetworkPolicy has a part that this version does not know, so what it permits is not "
     "known."},
    {code::left_behind,
     "short-lived objects could not be removed; Kubernetes removes them within "
     "five minutes."},
    {code::no_certificate,
     "a port that is to be mutual TLS let in a client without a certificate: whoever reaches it "
     "may "
     "use it. Ray's own servers always ask for one: find out what answers there."},
    {code::foreign_certificate,
     "a port let in a client whose certificate an unknown authority signed. The server trusts "
     "somebody other than the namespace's authority: compare its ca.crt with ConfigMap "
     "raykeep-ca."},
    {code::expired_certificate,
     "a port let in a client whose certificate is over. Its server does not look at times, or its "
     "clock is wrong."},
    {code::old_tls,
     "a port agreed to TLS 1.0 or 1.1, which RFC 8996 forbids. Ray and Raykeep speak 1.2 and "
     "newer: "
     "find out what answers there."},
    {code::untrusted_server,
     "the certificate that a port showed is not of the namespace's authority. The pod started "
     "before the authority was replaced, or something else answers: delete the pod, its controller "
     "makes another with a certificate of today."},
    {code::wrong_name,
     "the certificate that a port showed is not for that pod: it lacks its address, or the names "
     "of "
     "the head's Service. Peers refuse it, or take one pod for another."},
    {code::server_expired,
     "the certificate that a port showed is over, or not valid yet. Peers refuse it. Is the "
     "controller running, which renews certificates, and are the nodes' clocks right?"},
    {code::server_ends_soon,
     "less than a sixth of the time of a certificate is left; the controller renews at a third. "
     "raykeep status says what keeps it."},
    {code::weak_key, "the key of a server's certificate is too short (RSA below 2048 bits)."},
    {code::own_refused,
     "what must be let in was refused: a node with its own certificate, or TLS was not spoken at "
     "all. Ray's nodes cannot talk to this port either."},
    {code::tls_silent,
     "a port took the connection and then said nothing: neither let in nor refused, so nothing is "
     "proven. Its server may hang: raykeep status."},
    {code::unencrypted,
     "flows between pods that nobody encrypts. Write tls.mode into the Site: native or mesh, or "
     "none where it is meant so."},
    {code::mesh_refuses,
     "a pod within the mesh was refused. Is its proxy running, and does an AuthorizationPolicy or "
     "ServerAuthorization leave this port out?"},
    {code::no_authority,
     "what the nodes trust could not be read (ConfigMap raykeep-ca), so that the servers' "
     "certificates could not be judged. Is the controller installed, which publishes it?"},
};

bool Verification::good() const {
  return std::ranges::none_of(
             faults, [](const Fault& fault) { return fault.severity == Severity::error; }) &&
         std::ranges::all_of(flows, &FlowResult::good) &&
         std::ranges::all_of(pairs, &PairResult::good) &&
         std::ranges::all_of(tls, &TlsResult::good);
}

doc::Object to_json(const Verification& result) {
  doc::Array flows, pairs, tls, findings;
  for (const FlowResult& flow : result.flows) {
    flows.push_back(doc::Object{{"id", flow.id},
                                {"from", flow.from},
                                {"to", flow.to},
                                {"ports", flow.ports},
                                {"protocol", flow.protocol},
                                {"result", flow.result},
                                {"good", flow.good},
                                {"how", flow.how},
                                {"permittedBy", texts(flow.permitted_by)},
                                {"note", flow.note}});
  }
  for (const PairResult& pair : result.pairs) {
    pairs.push_back(doc::Object{{"from", pair.from},
                                {"to", pair.to},
                                {"tried", pair.tried},
                                {"blocked", pair.blocked},
                                {"untried", pair.untried},
                                {"good", pair.good},
                                {"note", pair.note}});
  }
  for (const TlsResult& port : result.tls) {
    doc::Object offers;
    for (const auto& [offer, response] : port.offers) offers[offer] = response;
    tls.push_back(doc::Object{{"pod", port.pod},
                              {"portName", port.port_name},
                              {"ports", port.ports},
                              {"encryption", port.encryption},
                              {"flows", texts(port.flows)},
                              {"result", port.result},
                              {"good", port.good},
                              {"offers", std::move(offers)},
                              {"certificate", port.certificate},
                              {"note", port.note}});
  }
  for (const Fault& fault : result.faults) {
    findings.push_back(doc::Object{{"code", fault.code},
                                   {"severity", to_string(fault.severity)},
                                   {"object", fault.object},
                                   {"what", fault.what},
                                   {"remedy", fault.remedy}});
  }
  return {{"apiVersion", "raykeep.io/v1"},
          {"kind", "VerifyResult"},
          {"cluster", result.cluster},
          {"namespace", result.ns},
          {"at", result.at},
          {"program", result.program},
          {"good", result.good()},
          {"seconds", result.seconds},
          {"flows", std::move(flows)},
          {"pairs", std::move(pairs)},
          {"tls", std::move(tls)},
          {"findings", std::move(findings)}};
}

std::string to_junit(const Verification& result) {
  std::string cases;
  int failures = 0, skipped = 0;
  for (const FlowResult& flow : result.flows) {
    const bool untested = flow.result == "untested";
    skipped += untested;
    failures += !flow.good;
    cases += test_case("flows", flow.id, untested, flow.good,
                       untested ? flow.note : fmt::format("{}: {}", flow.result, flow.how));
  }
  for (const PairResult& pair : result.pairs) {
    failures += !pair.good;
    skipped += pair.tried == 0;
    cases +=
        test_case("blocked", fmt::format("{}->{}", pair.from, pair.to), pair.tried == 0, pair.good,
                  fmt::format("{} of {} blocked; {}", pair.blocked, pair.tried, pair.note));
  }
  for (const TlsResult& port : result.tls) {
    const bool untested = port.result == "untested";
    skipped += untested;
    failures += !port.good;
    cases += test_case("tls", tls_name(port), untested, port.good,
                       fmt::format("{}: {}", port.result, port.note));
  }
  for (const Fault& fault : result.faults) {
    const bool bad = fault.severity == Severity::error;
    failures += bad;
    cases += test_case("findings", fmt::format("{} {}", fault.code, fault.object), false, !bad,
                       fault.what);
  }
  const std::size_t count =
      result.flows.size() + result.pairs.size() + result.tls.size() + result.faults.size();
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuite name=\"raykeep verify {}/{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\" "
      "time=\"{:.3f}\" timestamp=\"{}\">\n{}</testsuite>\n",
      xml(result.ns), xml(result.cluster), count, failures, skipped, result.seconds,
      xml(result.at.substr(0, 19)), cases);
}

std::string tls_name(const TlsResult& port) {
  const std::string where = port.pod.empty() ? "" : fmt::format("{}:", port.pod);
  return port.port_name.empty() ? fmt::format("{}", fmt::join(port.flows, ", "))
                                : fmt::format("{}{} {}", where, port.ports, port.port_name);
}

std::string summary(const Verification& result) {
  auto passing = std::ranges::count_if(
      result.flows, [](const FlowResult& flow) { return flow.good && flow.result != "untested"; });
  auto untested = std::ranges::count(result.flows, "untested", &FlowResult::result);
  int tried = 0, blocked = 0, untried = 0;
  for (const PairResult& pair : result.pairs) {
    tried += pair.tried;
    blocked += pair.blocked;
    untried += pair.untried;
  }
  auto errors = std::ranges::count(result.faults, Severity::error, &Fault::severity);
  auto encrypted = std::ranges::count(result.tls, "encrypted", &TlsResult::result);
  auto faulty = std::ranges::count(result.tls, "faulty", &TlsResult::result);
  return fmt::format(
      "{} flows: {} pass{}{}; {} attempts that must not pass: {}{}; {}{}", result.flows.size(),
      passing, untested == 0 ? "" : fmt::format(", {} not tested", untested),
      std::ranges::all_of(result.flows, &FlowResult::good)
          ? ""
          : fmt::format(", {} do not", std::ranges::count(result.flows, false, &FlowResult::good)),
      tried, blocked == tried ? "all blocked" : fmt::format("{} blocked", blocked),
      untried == 0 ? "" : fmt::format(", {} more could not be tried", untried),
      result.tls.empty() ? ""
      : faulty == 0
          ? fmt::format("{} ports encrypted; ", encrypted)
          : fmt::format("{} ports encrypted, {} are not as they should be; ", encrypted, faulty),
      errors == 0 ? "no faults" : fmt::format("{} {}", errors, errors == 1 ? "fault" : "faults"));
}

}  // namespace raykeep::verify
