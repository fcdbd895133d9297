#include "control/signer.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "control/authority_record.h"
#include "control/fields.h"
#include "control/inventory.h"
#include "control/signing.h"
#include "control/stored_document.h"
#include "flow/ports.h"
#include "net/certificate.h"
#include "net/event.h"
#include "plan/names.h"

namespace raykeep::control {
namespace {

using namespace std::chrono_literals;

constexpr Duration between_looks = 5s;
constexpr Duration soon = 1s;  // while there is no authority yet
constexpr auto own_lifetime = std::chrono::hours(24 * 7);

net::Response json(int status, doc::Object body) {
  return {status, "", {{"Content-Type", "application/json"}}, doc::write_json(body) + "\n"};
}

/// "10.0.0.7" of "10.0.0.7:41234", "fd00::7" of "[fd00::7]:41234".
std::string address_in(const std::string& peer) {
  const std::size_t colon = peer.rfind(':');
  std::string_view host = std::string_view(peer).substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return std::string(host);
}

/// Not signed, and why.
struct Refusal {
  int status;
  std::string reason;
};

}  // namespace

struct Signer::State {
  // --- the authority

  kube::Ref secret_ref() const {
    return {kinds::secret, options.ns, std::string(plan::authority_name)};
  }

  awaitable<void> look() {
    std::optional<doc::Value> secret = co_await access.client.find(secret_ref(), access.request());
    if (!secret && lease.is_ours()) {
      co_await access.client.create(new_authority(options.ns, options.authority_lifetime),
                                    access.request());
      log(false, "authority_made", {{"secret", plan::authority_name}});
      secret = co_await access.client.find(secret_ref(), access.request());
    }
    if (!secret)
      throw Failure(Failure::Kind::disconnected,
                    fmt::format("Secret {} is not there yet", plan::authority_name));
    Result<AuthorityRecord> read = read_authority(*secret);
    if (!read) throw Failure(Failure::Kind::invalid, read.error().text);
    take(std::move(*read));
    if (!lease.is_ours()) co_return;
    co_await publish();
    co_await rotate();
  }

  void take(AuthorityRecord read) {
    const bool is_news = !record || record->current.certificate_pem != read.current.certificate_pem;
    record = std::move(read);
    if (is_news || wall_now() > own_due) identify();
  }

  /// A certificate for ourselves. Its key lives in this process alone.
  void identify() {
    const std::string host = fmt::format("{}.{}.svc", plan::signer_name, options.ns);
    const pki::Names names{.dns = {std::string(plan::signer_name), host}, .ip = {}};
    const pki::KeyAndRequest made = pki::make_request(host, names);
    own = std::make_shared<net::TlsServerContext>(net::TlsServerOptions{
        .certificate_pem = pki::sign(record->current, made.request_pem, host, names, own_lifetime),
        .key_pem = made.key_pem});
    own_due = wall_now() + own_lifetime / 2;
  }

  /// What nodes trust, where every pod may mount it; put back when somebody took it away.
  awaitable<void> publish() {
    const std::string trusted = record->trusted();
    std::optional<doc::Value> there = co_await access.client.find(
        {kinds::config_map, options.ns, std::string(plan::authority_name)}, access.request());
    if (there && doc::find_string(*there, {"data", plan::authority_key}) == trusted) co_return;
    doc::Object made{
        {"apiVersion", "v1"},
        {"kind", "ConfigMap"},
        {"metadata",
         doc::Object{{"name", plan::authority_name},
                     {"namespace", options.ns},
                     {"labels", doc::Object{{plan::managed_by_label, plan::managed_by}}}}},
        {"data", doc::Object{{plan::authority_key, trusted}}}};
    co_await access.client.apply(std::move(made),
                                 {.field_manager = std::string(plan::field_manager), .force = true},
                                 access.request());
  }

  awaitable<void> rotate() {
    const auto facts = net::read_certificate(record->current.certificate_pem);
    if (!view.is_complete() || !facts) co_return;
    const Rotation step = due_rotation(
        *record,
        {.now = wall_now(),
         .current_ends = std::chrono::time_point_cast<std::chrono::seconds>(facts->not_after),
         .lifetime = options.lifetime,
         .nodes_began = nodes_began()});
    if (step == Rotation::none) co_return;
    // What is to be trusted is published before anybody is signed by it: the ConfigMap follows
    // within a look, and each answer carries it, too.
    std::optional<doc::Value> patched = co_await access.client.merge_patch(
        secret_ref(), rotation_patch(*record, step, wall_now(), options.authority_lifetime),
        access.request());
    if (!patched) co_return;  // somebody changed it meanwhile: the next look sees
    log(false, "authority_rotation", {{"step", to_string(step)}});
    if (Result<AuthorityRecord> read = read_authority(*patched)) take(std::move(*read));
    co_await publish();
  }

  std::vector<WallTime> nodes_began() const {
    std::vector<WallTime> all;
    for (const std::shared_ptr<const doc::Value>& pod : view.pods()) {
      if (auto began = node_began(*pod)) all.push_back(*began);
    }
    return all;
  }

  // --- signing

  /// Who the API server says that this token is.
  awaitable<doc::Value> review(Secret<std::string> token) {
    const kube::Config& ours = access.client.config();
    kube::Config as_caller;  // nothing of our own credentials
    as_caller.server = ours.server;
    as_caller.ca_pem = ours.ca_pem;
    as_caller.ca_origin = ours.ca_origin;
    as_caller.tls_server_name = ours.tls_server_name;
    as_caller.insecure_skip_tls_verify = ours.insecure_skip_tls_verify;
    as_caller.proxy_url = ours.proxy_url;
    as_caller.token = std::move(token);
    as_caller.ns = options.ns;
    as_caller.context = "a node's token";
    as_caller.cluster = ours.cluster;
    as_caller.user = "a node";
    as_caller.origin = ours.origin;
    kube::Client client(co_await boost::asio::this_coro::executor, std::move(as_caller),
                        access.clock);
    std::optional<doc::Value> told = co_await client.create(
        doc::Object{{"apiVersion", "authentication.k8s.io/v1"}, {"kind", "SelfSubjectReview"}},
        Deadline::after(access.clock, 5s));
    co_return told ? std::move(*told) : doc::Value();
  }

  awaitable<std::expected<Caller, Refusal>> identify_caller(const net::Request& request) {
    constexpr std::string_view scheme = "Bearer ";
    std::string_view header = net::find_header(request.headers, "Authorization");
    if (!header.starts_with(scheme) || header.size() == scheme.size())
      co_return std::unexpected(Refusal{401, "there is no token"});
    doc::Value told;
    try {
      told = co_await review(Secret(std::string(trim(header.substr(scheme.size())))));
    } catch (const Failure& failure) {
      if (failure.kind() == Failure::Kind::denied)
        co_return std::unexpected(Refusal{401, "the API server does not know the token"});
      throw;
    }
    Result<Caller> caller = caller_of(told, options.ns);
    if (!caller) co_return std::unexpected(Refusal{403, caller.error().text});
    co_return *caller;
  }

  /// The Services by which the node is found, and the cluster's domain.
  Result<std::pair<std::vector<std::string>, std::string>> services(const doc::Value& pod) const {
    const std::string cluster(label_of(pod, plan::cluster_label));
    const Observed observed = view.cluster(cluster);
    const doc::Value* owner = observed.owner();
    if (owner == nullptr)
      return error(fmt::format("the document of cluster {} is not seen yet", quoted(cluster)));
    Result<StoredDocument> stored = stored_document(*owner, cluster);
    if (!stored) return error(stored.error().text);
    std::vector<std::string> names;
    if (label_of(pod, plan::ray_node_type_label) == "head")
      names.push_back(plan::head_service_name(stored->cluster));
    if (stored->site.tls_http && flow::has_serve_service(stored->cluster))
      names.push_back(plan::serve_service_name(cluster));
    if (const std::string& service = stored->cluster.service; !service.empty()) {
      if (stored->site.tls_http) names.push_back(plan::serve_service_name(service));
      if (label_of(pod, plan::ray_node_type_label) == "head")
        names.push_back(plan::head_service_name(service));
    }
    return std::pair(std::move(names), stored->site.cluster_domain);
  }

  awaitable<std::expected<net::Response, Refusal>> sign(const net::Request& request,
                                                        const std::string& peer,
                                                        std::string& about) {
    auto refuse = [](int status, std::string reason) {
      return std::unexpected(Refusal{status, std::move(reason)});
    };
    if (!record) co_return refuse(503, "there is no authority yet: " + trouble);
    std::expected<Caller, Refusal> caller = co_await identify_caller(request);
    if (!caller) co_return std::unexpected(caller.error());
    about = caller->pod;
    Result<pki::Requested> requested = pki::read_request(request.body);
    if (!requested) co_return refuse(400, "the request is refused: " + requested.error().text);
    std::optional<doc::Value> pod =
        co_await access.client.find({kinds::pod, options.ns, caller->pod}, access.request());
    if (!pod) co_return refuse(403, fmt::format("pod {} is not there", quoted(caller->pod)));
    if (auto why = refusal_of(*caller, *pod, address_in(peer))) co_return refuse(403, *why);
    auto found_by = services(*pod);
    if (!found_by) co_return refuse(503, found_by.error().text);
    const pki::Names names = control::names_of(*pod, found_by->first, found_by->second);
    if (auto why = excess_of(*requested, caller->pod, names)) co_return refuse(403, *why);
    const std::string certificate =
        pki::sign(record->current, request.body, caller->pod, names, options.lifetime);
    co_return json(200, {{"certificate", certificate}, {"authority", record->trusted()}});
  }

  const Access& access;
  const NamespaceView& view;
  const kube::Lease& lease;
  const SignerOptions options;
  const ControllerLog& log;
  std::optional<AuthorityRecord> record;
  std::shared_ptr<const net::TlsServerContext> own;
  WallTime own_due;
  std::string trouble;
  std::uint64_t signed_ones = 0;
  std::uint64_t refused_ones = 0;
};

Signer::Signer(const Access& access, const NamespaceView& view, const kube::Lease& lease,
               SignerOptions options, const ControllerLog& log)
    : state_(std::make_unique<State>(access, view, lease, std::move(options), log)) {}

Signer::~Signer() = default;

std::shared_ptr<const net::TlsServerContext> Signer::tls() const { return state_->own; }
std::uint64_t Signer::signed_times() const { return state_->signed_ones; }
std::uint64_t Signer::refused_times() const { return state_->refused_ones; }
std::string Signer::problem() const { return state_->trouble; }

CertificateTimes Signer::times() const {
  CertificateTimes made{.lifetime = state_->options.lifetime, .renew_before = {}};
  if (!state_->record || !state_->record->hurry) return made;
  // Not earlier: a node that began too early to count would have to be started again once more.
  const std::optional<WallTime> from = state_->record->stage_counts_from();
  if (from && wall_now() > *from) made.renew_before = from;
  return made;
}

awaitable<void> Signer::run() {
  State& state = *state_;
  for (;;) {
    std::string trouble;
    try {
      co_await state.look();
    } catch (const Failure& failure) {
      if (failure.kind() == Failure::Kind::cancelled) throw;
      trouble = failure.what();
    }
    if (!trouble.empty() && trouble != state.trouble)
      state.log(true, "authority", {{"error", trouble}});
    state.trouble = std::move(trouble);
    co_await net::pause(state.record ? between_looks : soon);
  }
}

awaitable<net::Response> Signer::answer(net::Call call) {
  State& state = *state_;
  const net::Request& request = call.request;
  const std::string& peer = call.peer;
  if (request.method != "POST" || request.target != "/v1/sign")
    co_return json(404, {{"error", "there is POST /v1/sign"}});
  std::string about;
  Refusal refusal;
  try {
    auto made = co_await state.sign(request, peer, about);
    if (made) {
      ++state.signed_ones;
      state.log(false, "signed", {{"pod", about}, {"peer", peer}});
      co_return std::move(*made);
    }
    refusal = std::move(made.error());
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) throw;
    refusal = {503, failure.what()};
  }
  ++state.refused_ones;
  state.log(true, "not_signed", {{"pod", about}, {"peer", peer}, {"reason", refusal.reason}});
  co_return json(refusal.status, {{"error", refusal.reason}});
}

}  // namespace raykeep::control
