#include "control/dashboard_access.h"

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include "control/facts.h"
#include "control/fields.h"
#include "control/forwarded_port.h"
#include "control/inventory.h"
#include "control/stored_document.h"
#include "control/token.h"
#include "doc/base64.h"
#include "flow/https.h"
#include "net/http_client.h"
#include "plan/names.h"
#include "plan/plan.h"

namespace raykeep::control {
namespace {

struct Dashboard {
  std::string pod;
  std::string ip;
  int port = 0;
  bool tls = false;
  std::string server_name;  // in its certificate; empty: the address
  std::string tls_secret;   // the Site's own certificate; empty: the node's
  std::string token_secret;
};

[[noreturn]] void not_there(std::string what) {
  throw Failure(Failure::Kind::disconnected, std::move(what));
}

Dashboard dashboard_of(const Observed& cluster, Road road) {
  const doc::Value* owner = cluster.owner();
  const doc::Value* head = head_pod(cluster);
  if (owner == nullptr || head == nullptr ||
      doc::find_string(*head, {"status", "phase"}) != "Running")
    not_there(fmt::format("the head of cluster {} does not run", cluster.cluster));
  Result<StoredDocument> stored = stored_document(*owner, cluster.cluster);
  if (!stored) not_there(stored.error().text);
  const spec::RayCluster& document = stored->cluster;
  Dashboard made;
  made.pod = name_of(*head);
  made.ip = doc::find_string(*head, {"status", "podIP"});
  made.port = flow::node_ports(document.head, true).dashboard;
  if (plan::uses_token(document)) made.token_secret = plan::token_secret_name(document);
  if (road == Road::forwarded) return made;
  for (const flow::HttpsPort& each :
       flow::https_ports(document, stored->site, document.head, true)) {
    if (each.plain_name != "dashboard") continue;
    made.port = each.port;
    made.tls = true;
    made.tls_secret = stored->site.tls_http_secret;
    if (!made.tls_secret.empty())
      made.server_name = plan::head_fqdn(document, cluster.ns, stored->site.cluster_domain);
  }
  return made;
}

awaitable<Secret<std::string>> token_for(const Access& access, std::string ns, std::string secret) {
  if (secret.empty()) co_return Secret<std::string>();
  co_return co_await read_token(access, ns, secret);
}

/// Whom to trust: the authority of the namespace, or that of the Site's own certificate.
awaitable<std::string> authority_for(const Access& access, std::string ns, Dashboard dashboard) {
  const bool own = !dashboard.tls_secret.empty();
  const kube::Ref ref = own ? kube::Ref{kinds::secret, ns, dashboard.tls_secret}
                            : kube::Ref{kinds::config_map, ns, std::string(plan::authority_name)};
  std::optional<doc::Value> found = co_await access.client.find(ref, access.request());
  std::string text(found ? doc::find_string(*found, {"data", plan::authority_key}) : "");
  if (own) text = doc::decode_base64(text).value_or("");
  if (text.empty())
    not_there(fmt::format("{} holds no {}: nobody knows whom to trust", kube::to_string(ref),
                          plan::authority_key));
  co_return text;
}

awaitable<net::Response> send_over_pods(const Access& access, std::string ns, Dashboard to,
                                        net::Request request, std::size_t most, Deadline until) {
  net::HttpClientOptions options{.server = {to.tls ? "https" : "http", "", {}, to.ip, to.port, ""},
                                 .idle_connections = 0};
  if (to.tls) {
    options.tls.ca_pem = co_await authority_for(access, ns, to);
    options.tls.ca_origin = "the namespace's authority";
    options.tls.server_name = to.server_name;
  }
  net::HttpClient client(co_await boost::asio::this_coro::executor, std::move(options),
                         access.clock);
  co_return co_await client.send(std::move(request), most, until);
}

/// A way to ask that lives as long as `access` does.
AskDashboard way_to(const Access& access, Road road, std::string ns, Dashboard to) {
  return [&access, road, ns, to](net::Request request, std::size_t most, Deadline until) {
    return road == Road::pods
               ? send_over_pods(access, ns, to, std::move(request), most, until)
               : send_to_pod(access, ns, to.pod, to.port, std::move(request), most, until);
  };
}

}  // namespace

awaitable<ServeStatus> look_at_serve(const Access& access, Road road, const Observed& cluster,
                                     Duration patience) {
  ServeStatus made;
  try {
    const Dashboard to = dashboard_of(cluster, road);
    const Secret<std::string> token = co_await token_for(access, cluster.ns, to.token_secret);
    made = co_await ask_serve(way_to(access, road, cluster.ns, to), token,
                              Deadline::after(access.clock, patience));
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) throw;
    made.problem = failure.what();
  }
  co_return made;
}

awaitable<std::string> deploy_serve(const Access& access, Road road, const Observed& cluster,
                                    std::string config, int capacity, Duration patience) {
  const Dashboard to = dashboard_of(cluster, road);
  const Secret<std::string> token = co_await token_for(access, cluster.ns, to.token_secret);
  co_return co_await tell_serve(way_to(access, road, cluster.ns, to), token, std::move(config),
                                capacity, Deadline::after(access.clock, patience));
}

awaitable<net::Response> ask_dashboard(const Access& access, Road road, const Observed& cluster,
                                       net::Request request, std::size_t most, Duration patience) {
  const Dashboard to = dashboard_of(cluster, road);
  const Secret<std::string> token = co_await token_for(access, cluster.ns, to.token_secret);
  if (!token.empty())
    request.headers.emplace_back("X-Ray-Authorization", "Bearer " + token.reveal());
  AskDashboard ask = way_to(access, road, cluster.ns, to);
  co_return co_await ask(std::move(request), most, Deadline::after(access.clock, patience));
}

}  // namespace raykeep::control
