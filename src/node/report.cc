#include "node/report.h"

#include <fmt/format.h>

#include "net/certificate.h"

namespace raykeep::node {
namespace {

double seconds_of(Duration duration) { return std::chrono::duration<double>(duration).count(); }

/// Writes metrics family by family.
class Exposition {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = fmt::format("raykeep_node_{}", name);
    text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name_, help, name_, type);
  }
  template <class Number>
  void value(Number number, std::string_view labels = "") {
    text_ += labels.empty() ? fmt::format("{} {}\n", name_, number)
                            : fmt::format("{}{{{}}} {}\n", name_, labels, number);
  }
  template <class Number>
  void gauge(std::string_view name, std::string_view help, Number number) {
    family(name, "gauge", help);
    value(number);
  }
  template <class Number>
  void counter(std::string_view name, std::string_view help, Number number) {
    family(name, "counter", help);
    value(number);
  }
  /// A metric that every exporter has, without our prefix.
  template <class Number>
  void process(std::string_view name, std::string_view type, std::string_view help, Number number) {
    text_ += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, help, type, number);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::string name_;
};

std::string label(std::string_view name, std::string_view value) {
  std::string out;
  for (char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return fmt::format("{}=\"{}\"", name, out);
}

std::string_view name_of(Role role) { return role == Role::head ? "head" : "worker"; }

template <class Get>
void per_daemon(Exposition& out, const Report& report, Get get) {
  for (Daemon daemon : all_daemons) {
    if (!report.memory.of(daemon).wanted) continue;
    out.value(get(static_cast<std::size_t>(daemon)), label("process", name_of(daemon)));
  }
}

void add_daemons(Exposition& out, const Report& report) {
  const auto& counters = report.counters;
  out.family("process_up", "gauge", "Whether a process of Ray that belongs here runs.");
  per_daemon(out, report, [&](std::size_t i) { return report.seen.daemons[i].there ? 1 : 0; });
  out.family("process_good", "gauge", "Whether it has answered since it was started.");
  per_daemon(out, report, [&](std::size_t i) {
    return report.memory.daemons[i].good_since.has_value() ? 1 : 0;
  });
  out.family("process_restarts_total", "counter", "Restarts of one process alone, in place.");
  per_daemon(out, report, [&](std::size_t i) { return counters.restarts[i]; });
  out.family("process_hangs_total", "counter", "Processes that hung and were killed.");
  per_daemon(out, report, [&](std::size_t i) { return counters.hangs[i]; });
  out.family("process_outages_total", "counter", "Outages of a process that ended well.");
  per_daemon(out, report, [&](std::size_t i) { return counters.outages[i]; });
  out.family("process_outage_seconds_total", "counter", "Time from each loss to good again.");
  per_daemon(out, report, [&](std::size_t i) { return seconds_of(counters.outage_all[i]); });
  out.family("process_last_outage_seconds", "gauge", "How long the latest outage was.");
  per_daemon(out, report, [&](std::size_t i) { return seconds_of(counters.outage_last[i]); });
}

void add_probes(Exposition& out, const Report& report) {
  if (report.probes == nullptr) return;
  auto each = [&](auto get) {
    for (Question question : all_questions) {
      const auto& counters = report.probes->counters(question);
      if (counters.asked > 0) out.value(get(counters), label("probe", name_of(question)));
    }
  };
  out.family("probes_total", "counter", "Questions put to Ray's processes.");
  each([](const ProbeCounters& c) { return c.asked; });
  out.family("probes_not_good_total", "counter", "Questions without a good answer.");
  each([](const ProbeCounters& c) { return c.not_good; });
  out.family("probe_seconds_total", "counter", "Time that answers took.");
  each([](const ProbeCounters& c) { return seconds_of(c.took_all); });
  out.family("probe_last_seconds", "gauge", "Time that the latest answer took.");
  each([](const ProbeCounters& c) { return seconds_of(c.took); });
}

void add_road(Exposition& out, const Report& report) {
  if (!report.road) return;
  const auto& road = *report.road;
  const auto& counters = road.counters;
  Duration away = road.away_since ? report.now - *road.away_since : Duration::zero();
  out.gauge("storage_connected", "Whether Redis answers.", road.connected ? 1 : 0);
  out.gauge("storage_away_seconds", "Since when Redis does not answer.", seconds_of(away));
  out.gauge("storage_lost", "Redis came back without our data.", road.storage_lost ? 1 : 0);
  out.family("storage_concern", "gauge", "What a person should mend in Redis.");
  for (const redis::Concern& each : road.concerns) out.value(1, label("concern", each.name));
  out.gauge("storage_refusing", "Redis is away for longer than the hold.", road.refusing ? 1 : 0);
  out.gauge("lease_held", "Whether the head's lease is ours.", road.lease.held ? 1 : 0);
  out.gauge("lease_epoch", "Our number in the succession of heads.", road.lease.epoch);
  out.gauge("fenced", "Another head holds the store.", road.fenced ? 1 : 0);
  out.family("fence_info", "gauge", "How writes are fenced.");
  out.value(1, label("mode", redis::to_string(road.fence_mode)));
  out.gauge("road_connections", "Ray's connections to its storage.", road.connections);
  out.counter("road_forwarded_total", "Requests sent to Redis.", counters.forwarded);
  out.counter("road_answered_total", "Requests answered here.", counters.answered);
  out.counter("road_held_total", "Requests that waited for Redis.", counters.held);
  out.counter("road_repeated_total", "Requests sent again.", counters.repeated);
  out.counter("road_refused_total", "Connections closed or refused.", counters.refused);
  out.counter("road_reconnects_total", "Connections to Redis after the first.",
              counters.reconnects);
}

double unix_seconds(std::chrono::system_clock::time_point time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

void add_certificate(Exposition& out, const Report& report) {
  if (!report.identity) return;
  const IdentityState& identity = *report.identity;
  out.gauge("certificate_held", "Whether the node has a valid certificate.", identity.held ? 1 : 0);
  if (identity.ends)
    out.gauge("certificate_ends_timestamp_seconds", "When the node's certificate ends.",
              unix_seconds(*identity.ends));
  if (identity.ray_ends)
    out.gauge("ray_certificate_ends_timestamp_seconds",
              "When the certificate ends that Ray has read.", unix_seconds(*identity.ray_ends));
  out.counter("certificates_signed_total", "Certificates that were got.", identity.signed_times);
  out.counter("certificates_refused_total", "Requests that were refused.", identity.refused_times);
}

doc::Value certificate_status(const IdentityState& identity) {
  doc::Object made{{"held", identity.held}};
  if (identity.ends) made["ends"] = net::to_date(*identity.ends);
  if (identity.ray_ends) made["rayEnds"] = net::to_date(*identity.ray_ends);
  if (!identity.problem.empty()) made["problem"] = identity.problem;
  return made;
}

void add_tls(Exposition& out, const Report& report) {
  if (report.tls.empty()) return;
  auto each = [&](auto get) {
    for (const TlsPortState& state : report.tls)
      out.value(get(state), fmt::format("port=\"{}\"", state.port.port));
  };
  out.family("tls_connections", "gauge", "Connections to a TLS port.");
  each([](const TlsPortState& s) { return s.open; });
  out.family("tls_accepted_total", "counter", "Connections that were taken.");
  each([](const TlsPortState& s) { return s.accepted; });
  out.family("tls_full_total", "counter", "Connections refused because all places were taken.");
  each([](const TlsPortState& s) { return s.full; });
  out.family("tls_failed_handshakes_total", "counter", "Handshakes that came to nothing.");
  each([](const TlsPortState& s) { return s.handshakes; });
  out.family("tls_bad_heads_total", "counter", "Requests too long, too slow or not whole.");
  each([](const TlsPortState& s) { return s.heads; });
  out.family("tls_unreachable_total", "counter", "Requests for which Ray did not answer.");
  each([](const TlsPortState& s) { return s.unreachable; });
  out.family("tls_idle_total", "counter", "Connections closed because nothing moved.");
  each([](const TlsPortState& s) { return s.idle; });
  out.family("tls_to_server_bytes_total", "counter", "Bytes of connections that ended.");
  each([](const TlsPortState& s) { return s.to_server; });
  out.family("tls_to_client_bytes_total", "counter", "Bytes of connections that ended.");
  each([](const TlsPortState& s) { return s.to_client; });
  out.family("tls_certificate_ends_timestamp_seconds", "gauge",
             "When the shown certificate ends; 0: there is none.");
  each([](const TlsPortState& s) {
    return s.certificate ? unix_seconds(s.certificate->not_after) : 0;
  });
}

doc::Array tell_tls(const Report& report) {
  doc::Array out;
  for (const TlsPortState& state : report.tls) {
    doc::Object told{{"port", state.port.port},
                     {"plainPort", state.port.plain},
                     {"connections", state.open},
                     {"failedHandshakes", state.handshakes}};
    if (state.certificate) told["certificateEnds"] = net::to_date(state.certificate->not_after);
    if (!state.problem.empty()) told["lastProblem"] = state.problem;
    out.push_back(std::move(told));
  }
  return out;
}

}  // namespace

std::string metrics(const Report& report) {
  Exposition out;
  out.family("info", "gauge", "This agent.");
  out.value(1, fmt::format("{},{},{}", label("version", report.version),
                           label("role", name_of(report.options.role)),
                           label("ray_version", report.options.ray_version)));
  out.gauge("ready", "Whether /readyz says yes.", report.ready.ready ? 1 : 0);
  out.family("phase", "gauge", "Where the node's Ray is in its life; 1 for the present phase.");
  for (Phase phase : {Phase::waiting, Phase::starting, Phase::running, Phase::clearing,
                      Phase::draining, Phase::ending, Phase::ended}) {
    out.value(report.memory.phase == phase ? 1 : 0, label("phase", name_of(phase)));
  }
  out.counter("ray_starts_total", "Starts of all of the node's Ray.", report.counters.ray_starts);
  out.counter("reaped_total", "Processes that ended below the agent.", report.counters.reaped);
  out.gauge("processes", "Processes below the agent.", report.seen.processes);
  out.gauge("gcs_lists_node", "Whether the GCS takes this node for alive; -1 when it did not say.",
            report.seen.opinion == Opinion::alive  ? 1
            : report.seen.opinion == Opinion::dead ? 0
                                                   : -1);
  add_daemons(out, report);
  add_probes(out, report);
  add_road(out, report);
  add_certificate(out, report);
  add_tls(out, report);
  out.process("process_cpu_seconds_total", "counter", "CPU time of the agent itself.",
              report.cost.cpu_seconds);
  out.process("process_resident_memory_bytes", "gauge", "Memory of the agent itself.",
              report.cost.resident_bytes);
  out.gauge("uptime_seconds", "How long the agent runs.", seconds_of(report.now - report.began));
  return out.take();
}

doc::Value status(const Report& report) {
  doc::Object processes;
  for (Daemon daemon : all_daemons) {
    auto i = static_cast<std::size_t>(daemon);
    const auto& memory = report.memory.of(daemon);
    if (!memory.wanted) continue;
    processes[name_of(daemon)] =
        doc::Object{{"up", report.seen.of(daemon).there},
                    {"good", memory.good_since.has_value()},
                    {"restarts", report.counters.restarts[i]},
                    {"hangs", report.counters.hangs[i]},
                    {"lastOutageSeconds", seconds_of(report.counters.outage_last[i])}};
  }
  doc::Object out{{"version", report.version},
                  {"role", name_of(report.options.role)},
                  {"rayVersion", report.options.ray_version},
                  {"phase", name_of(report.memory.phase)},
                  {"ready", report.ready.ready},
                  {"reason", report.ready.why},
                  {"rayStarts", report.counters.ray_starts},
                  {"storage", name_of(report.seen.storage)},
                  {"processes", std::move(processes)}};
  if (report.identity) out["certificate"] = certificate_status(*report.identity);
  if (report.road) {
    const auto& road = *report.road;
    doc::Object told{{"connected", road.connected},
                     {"leaseHeld", road.lease.held},
                     {"leaseHolder", road.lease.holder},
                     {"epoch", road.lease.epoch},
                     {"fence", redis::to_string(road.fence_mode)},
                     {"fenced", road.fenced},
                     {"storageLost", road.storage_lost.has_value()},
                     {"refusing", road.refusing},
                     {"server", road.server}};
    if (road.away_since) told["awaySeconds"] = seconds_of(report.now - *road.away_since);
    if (!road.last_error.empty()) {
      told["lastError"] = road.last_error;
      told["needsMending"] = road.needs_mending;
    }
    doc::Array concerns;
    for (const redis::Concern& each : road.concerns)
      concerns.push_back(
          doc::Object{{"name", each.name}, {"what", each.what}, {"remedy", each.remedy}});
    if (!concerns.empty()) told["concerns"] = std::move(concerns);
    out["redis"] = std::move(told);
  }
  if (!report.tls.empty()) out["tls"] = tell_tls(report);
  return out;
}

}  // namespace raykeep::node
