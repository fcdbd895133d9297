#include "preflight/site_facts.h"

#include "control/fields.h"
#include "preflight/asking.h"
#include "preflight/rights.h"

namespace raykeep::preflight {
namespace {

struct Elsewhere {
  kube::Question may;
  kube::Question look;
  std::optional<kube::Said> SiteFacts::* into;
};

std::vector<Elsewhere> elsewhere() {
  return {
      {may_question("", "storage.k8s.io", "storageclasses", "list"),
       kube::look_at({"storage.k8s.io/v1", "StorageClass"}, ""), &SiteFacts::storage_classes},
      {may_question("", "scheduling.k8s.io", "priorityclasses", "list"),
       kube::look_at({"scheduling.k8s.io/v1", "PriorityClass"}, ""), &SiteFacts::priority_classes},
      {may_question("default", "discovery.k8s.io", "endpointslices", "get", "kubernetes"),
       kube::look_at({"discovery.k8s.io/v1", "EndpointSlice"}, "default", "kubernetes"),
       &SiteFacts::api_endpoints},
      {may_question("kube-system", "", "services", "get", "kube-dns"),
       kube::look_at({"v1", "Service"}, "kube-system", "kube-dns"), &SiteFacts::dns_service},
  };
}

}  // namespace

awaitable<SiteFacts> look_around(const control::Access& access, std::string ns) {
  SiteFacts facts{.ns = ns, .server = access.client.config().server};
  std::vector<Elsewhere> others = elsewhere();
  std::vector<kube::Question> questions = {
      {"GET", "/version"},
      {"GET", "/apis"},
      kube::look_at({"v1", "Namespace"}, "", ns),
      kube::look_at({"networking.k8s.io/v1", "NetworkPolicy"}, ns),
      kube::look_at({"v1", "ResourceQuota"}, ns),
      kube::look_at({"v1", "LimitRange"}, ns),
      kube::look_at({"v1", "Pod"}, ns),
      kube::look_at({"v1", "Service"}, ns),
      kube::look_at({"v1", "ServiceAccount"}, ns),
  };
  const std::size_t own = questions.size();
  for (const Elsewhere& each : others) questions.push_back(each.may);
  std::vector<kube::Said> said = co_await ask_all(access, std::move(questions));
  if (said[0].code == 0 || said[0].code == 401)
    throw Failure(Failure::Kind::disconnected, said[0].message);
  facts.version = doc::find_string(said[0].body, {"gitVersion"});
  for (const doc::Value& group : control::list_at(said[1].body, {"groups"}))
    facts.groups.insert(std::string(doc::find_string(group, {"name"})));
  facts.ns_object = std::move(said[2]);
  facts.policies = std::move(said[3]);
  facts.quotas = std::move(said[4]);
  facts.limit_ranges = std::move(said[5]);
  facts.pods = std::move(said[6]);
  facts.services = std::move(said[7]);
  facts.service_accounts = std::move(said[8]);
  for (std::size_t i = 0; i < others.size(); ++i) {
    if (!is_allowed(said[own + i])) continue;
    kube::Said answer = co_await ask(access, others[i].look);
    facts.*others[i].into = std::move(answer);
  }
  co_return facts;
}

}  // namespace raykeep::preflight
