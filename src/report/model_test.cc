#include "report/model.h"

#include <gtest/gtest.h>

#include "report/page.h"
#include "report/testing.h"

namespace raykeep::report {
namespace {

/// One line for each element of a list: the texts of these members, by " | ".
std::string lines_of(const doc::Object& model, std::string_view list,
                     std::vector<std::string_view> keys) {
  std::string lines;
  for (const doc::Value& each : model.at(list).as_array()) {
    std::string line;
    for (std::string_view key : keys)
      line += (line.empty() ? "" : " | ") + std::string(doc::find_string(each, {key}));
    lines += line + '\n';
  }
  return lines;
}

TEST(Model, CountsWhatAReviewerAsksFor) {
  Sample sample(kTwoGroups, kBankSite);
  doc::Object made = model(sample.input());
  const doc::Value& sum = made.at("summary");
  EXPECT_EQ(sum.at("flows"), static_cast<std::int64_t>(sample.plan.flows.size()));
  EXPECT_EQ(sum.at("encrypted"), 0);
  EXPECT_EQ(sum.at("application"), 3);  // head and two groups to the models
  EXPECT_EQ(sum.at("unencrypted"), static_cast<std::int64_t>(sample.plan.flows.size()) - 3);
  EXPECT_EQ(sum.at("tested"), 0);
  EXPECT_EQ(sum.at("images"), 4);
  EXPECT_EQ(sum.at("imagesByDigest"), 1);
  EXPECT_EQ(sum.at("deviations"), 0);
  EXPECT_EQ(sum.at("policiesExact"), true);
  EXPECT_EQ(sum.at("noTokens"), true);
  EXPECT_EQ(made.at("source"), "files");
}

TEST(Model, TellsOfExceptionsWithWhoAskedAndWhy) {
  doc::Object made = model(Sample(kTwoGroups, kBankSite).input());
  EXPECT_EQ(
      lines_of(made, "exceptions", {"what", "askedBy", "why", "weight"}),
      "Ray's traffic is not encrypted | Site spec.tls.mode | mode: none is written out | high\n"
      "every Ray pod may reach 10.20.0.0/16 except 10.20.1.0/24 on 443/TCP | "
      "Site spec.egress (models) | model weights are read from the object store | normal\n"
      "every pod in namespace ingress may call Serve | Site spec.peers.ingress (gateway) |  | "
      "normal\n"
      "every pod in namespaces with team=science may open Ray Client sessions, which run any "
      "code in the cluster | Site spec.peers.clients (notebooks) |  | normal\n"
      "pods run as service account workload; they do not hold its token | "
      "Site spec.pods.serviceAccountName |  | note\n");
}

/// The page for that `tls` of the Site, without its style.
std::string page_with(std::string_view tls) {
  const std::string site = spec::replaced(kBankSite, "{mode: none}", tls);
  std::string text = page(model(Sample(kTwoGroups, site).input()));
  return text.substr(text.find("<main"));
}

TEST(Model, ShowsInRedThatNothingIsEncrypted) {
  const std::string banner = R"(<div class="banner" role="note">)";
  EXPECT_TRUE(page_with("{mode: none}").contains(banner));
  EXPECT_TRUE(page_with("{}").contains(banner));
  EXPECT_FALSE(page_with("{mode: mesh, mesh: linkerd}").contains(banner));
}

TEST(Model, TellsWhatGoesPastAMeshsProxy) {
  const std::string redis =
      "  redis: {addresses: [\"redis.data.svc:6380\"], peers: [{namespace: data}], tls: {enabled: ";
  auto exceptions = [&](std::string_view mesh, const std::string& rest) {
    const std::string site =
        spec::replaced(kBankSite, "{mode: none}", "{mode: mesh, mesh: " + std::string(mesh) + "}") +
        rest;
    return lines_of(model(Sample(kTwoGroups, site).input()), "exceptions", {"what"});
  };
  const std::string past = "go past the mesh's proxy", clear = "in the clear";
  EXPECT_TRUE(exceptions("istio-sidecar", redis + "true}}\n").contains(past));
  EXPECT_FALSE(exceptions("istio-ambient", redis + "true}}\n").contains(past));
  EXPECT_TRUE(exceptions("istio-sidecar", redis + "false}}\n").contains(clear));
  EXPECT_FALSE(exceptions("istio-sidecar", redis + "false}, inMesh: true}\n").contains(clear));
  EXPECT_FALSE(exceptions("linkerd", "  redis: {managed: {tls: false}}\n").contains(clear));
}

TEST(Model, TellsWhoReadsWhichSecretAndNeverWhatIsInIt) {
  doc::Object made = model(Sample(kTwoGroups, kManagedSite).input());
  EXPECT_EQ(lines_of(made, "secrets", {"name", "madeBy"}),
            "demo | raykeep up, once; never written over\n"
            "demo-redis | raykeep up, once; never written over\n");
  const doc::Array& readers = made.at("secrets").at(1).at("readers").as_array();
  std::string text = doc::write_json(readers);
  EXPECT_TRUE(text.contains(R"("objects":["StatefulSet demo-head"],"container":"ray-head",)"
                            R"("how":"files in /var/run/secrets/raykeep-redis",)"
                            R"("keys":["password","ca.crt"])"))
      << text;
  EXPECT_TRUE(text.contains("Raykeep's controller")) << text;
  // Both groups read the token in the same way: that is one reader.
  EXPECT_EQ(made.at("secrets").at(0).at("readers").as_array().size(), 2u);
}

TEST(Model, TellsWhenCertificatesExpire) {
  Sample sample(kTwoGroups, kManagedSite);
  Input input = sample.input();
  EXPECT_EQ(lines_of(model(input), "certificates", {"what", "place", "problem"}),
            "the certificate of the cluster's Redis | Secret demo-redis, tls.crt | not looked at\n"
            "the authority of it, which the head trusts | Secret demo-redis, ca.crt | not looked "
            "at\n");
  input.certificates = {{.secret = "demo-redis",
                         .key = "tls.crt",
                         .subject = "CN=demo",
                         .issuer = "CN=authority",
                         .not_after = "2036-11-24T04:00:44Z",
                         .names = {"demo-redis.ray.svc"},
                         .days_left = 3650,
                         .problem = ""}};
  EXPECT_EQ(model(input).at("certificates").at(0).at("expires"), "2036-11-24T04:00:44Z");
}

TEST(Model, NoticesASettingThatIsLaxerThanRestricted) {
  Sample sample(kTwoGroups, kBankSite);
  for (doc::Value& object : sample.plan.objects) {
    if (doc::find_string(object, {"metadata", "name"}) != "demo-head") continue;
    doc::Object* spec =
        const_cast<doc::Object*>(doc::find_object(object, {"spec", "template", "spec"}));
    if (spec == nullptr) continue;
    (*spec)["hostNetwork"] = true;
    (*spec)["automountServiceAccountToken"] = true;
    spec->at("containers").at(0).as_object()["securityContext"] = doc::Object{{"privileged", true}};
  }
  doc::Object made = model(sample.input());
  EXPECT_EQ(made.at("summary").at("noTokens"), false);
  EXPECT_EQ(
      made.at("pods").at(0).at("deviations"),
      (doc::Array{"the pod has hostNetwork", "the pod holds its service account's token",
                  "container ray-head: may write to its root filesystem",
                  "container ray-head: may gain privileges", "container ray-head: is privileged",
                  "container ray-head: keeps capabilities"}));
  EXPECT_TRUE(lines_of(made, "exceptions", {"what"})
                  .contains("StatefulSet demo-head: container ray-head: is privileged"));
}

TEST(Model, OfWhatRunsTellsOfWhatIsThereAndNotOfThePlan) {
  Sample sample(kTwoGroups, kBankSite);
  Input input = sample.input();
  input.running = Running{.state = "ready",
                          .keeper = true,
                          .groups = {{.name = "head", .desired = 1, .ready = 1}},
                          .troubles = {},
                          .warnings = {},
                          .objects = sample.plan.objects,
                          .pods = {},
                          .other_policies = {}};
  EXPECT_EQ(model(input).at("summary").at("errors"), 0);
  std::erase_if(input.running->objects, [](const doc::Value& object) {
    return doc::find_string(object, {"metadata", "name"}) == "demo-worker-gpu" &&
           doc::find_string(object, {"kind"}) == "NetworkPolicy";
  });
  doc::Object made = model(input);
  EXPECT_EQ(made.at("summary").at("policiesExact"), false);
  std::string found = lines_of(made, "findings", {"severity", "object", "what"});
  EXPECT_TRUE(found.contains("error | NetworkPolicy demo-worker-gpu | is planned and not there"))
      << found;
  EXPECT_TRUE(found.contains("no policy lets it through, or none guards its pods")) << found;
}

TEST(Model, WarnsOfAVerificationOfAnotherDocument) {
  Sample sample(kTwoGroups, kBankSite);
  Input input = sample.input();
  input.verified.emplace();
  input.verified->flows = {
      {"worker(gone)->head gcs-server", {.result = "open", .how = "", .note = "", .good = true}}};
  EXPECT_TRUE(lines_of(model(input), "findings", {"severity", "what"})
                  .contains("warning | tells of flows that the cluster does not have: 1"));
}

TEST(Model, SeesATokenThatADocumentProjects) {
  Sample sample(kTwoGroups, kBankSite);
  for (doc::Value& object : sample.plan.objects) {
    if (doc::find_string(object, {"kind"}) != "StatefulSet") continue;
    doc::Value volume = doc::parse_json(R"({"name": "token", "projected": {"sources": [
        {"serviceAccountToken": {"path": "token"}}]}})")
                            .value();
    object.at("spec").at("template").at("spec").at("volumes").as_array().push_back(volume);
  }
  EXPECT_EQ(model(sample.input()).at("summary").at("noTokens"), false);
}

TEST(Model, SeesWhichDigestRunsUnderATag) {
  Sample sample(kTwoGroups, kBankSite);
  Input input = sample.input();
  input.running = Running{.state = "ready",
                          .groups = {},
                          .troubles = {},
                          .warnings = {},
                          .objects = sample.plan.objects,
                          .pods = {doc::parse_json(R"({
    "spec": {"containers": [{"name": "ray-head",
                             "image": "registry.bank.example/mirror/rayproject/ray:2.60.0"}]},
    "status": {"containerStatuses": [{"name": "ray-head", "imageID": "reg/ray@sha256:aa"}]}})")
                                       .value()},
                          .other_policies = {}};
  for (const doc::Value& image : model(input).at("images").as_array()) {
    const bool head = doc::find_string(image, {"image"}).ends_with("ray:2.60.0");
    EXPECT_EQ(image.at("running"), head ? doc::Array{"sha256:aa"} : doc::Array{});
  }
}

TEST(Model, GivesTheSameBytesEachTime) {
  Sample sample(kTwoGroups, kManagedSite);
  EXPECT_EQ(page(model(sample.input())), page(model(Sample(kTwoGroups, kManagedSite).input())));
}

TEST(Page, EscapesEveryValueOfTheModel) {
  Sample sample(kTwoGroups, kBankSite);
  sample.plan.ns = "<script>ns";
  sample.cluster.ray_version = "\"><script>version";
  sample.site.name = "</style><script>site";
  for (flow::Flow& flow : sample.plan.flows) flow.reason += "<script>reason";
  Input input = sample.input();
  input.program = "<script>program";
  input.controller_rights = {{"<script>", "<script>", {"<script>"}, "<script>", "<script>"}};
  std::string text = page(model(input));
  EXPECT_FALSE(text.contains("<script"));
  for (std::string_view part : {"ns", "version", "site", "reason", "program"})
    EXPECT_TRUE(text.contains("&lt;script&gt;" + std::string(part))) << part;
}

}  // namespace
}  // namespace raykeep::report
