#include "spec/serve_config.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "spec/reader.h"
#include "spec/shape.h"

namespace raykeep::spec {
namespace {

constexpr const char* pointer = "/spec/serveConfigV2";
constexpr const char* default_name = "default";

/// module.sub:app, or module.sub.app (ServeApplicationSchema.import_path_format_valid).
bool is_import_path(std::string_view path) {
  const char separator = path.contains(':') ? ':' : '.';
  const std::size_t at = path.rfind(separator);
  if (at == std::string_view::npos || at == 0 || at + 1 == path.size()) return false;
  return separator != ':' || path.find(':') == at;
}

std::string wrong_with_route(std::string_view route) {
  if (!route.starts_with('/')) return "does not begin with /";
  if (route.size() > 1 && route.ends_with('/')) return "ends with /";
  if (route.find_first_of("{}") != std::string_view::npos) return "has braces, which mean nothing";
  return "";
}

/// Serve has its code loaded on every node, so a folder of the submitter's means nothing.
void check_runtime_env(const Cursor& at) {
  auto check = [](const Cursor& uri) {
    const std::string text = uri.text();
    if (!uri || text.empty() || text.contains("://")) return;
    uri.report("RK2614", fmt::format("{} is no URI", quoted(text)),
               "write local:///folder/of/the/image, or a URI that the nodes can load");
  };
  check(at["working_dir"]);
  for (const Cursor& each : at["py_modules"].items()) check(each);
}

void check_port(const Cursor& at) {
  const std::optional<std::int64_t> port = at.integer();
  if (port && (*port < 1 || *port > 65535))
    at.report("RK2605", fmt::format("{} is not a port", *port), "write one between 1 and 65535");
}

void check_percent(const Cursor& at, bool above_zero) {
  if (!at || !at.value().is_number()) return;
  const double value = at.value().to_number<double>();
  if (value > 100 || (above_zero && value == 0))
    at.report("RK2605", fmt::format("{} is not between {} and 100", value, above_zero ? 1 : 0));
}

void check_positive(const Cursor& at) {
  if (at && at.value().is_number() && at.value().to_number<double>() <= 0)
    at.report("RK2605", "it is not above 0");
}

void check_autoscaling(const Cursor& at) {
  if (!at) return;
  const std::int64_t least = at["min_replicas"].integer().value_or(1);
  const std::int64_t most = at["max_replicas"].integer().value_or(std::max<std::int64_t>(least, 1));
  check_positive(at["max_replicas"]);
  for (const char* key : {"target_ongoing_requests", "metrics_interval_s", "look_back_period_s"})
    check_positive(at[key]);
  if (at["max_replicas"] && most < least)
    at["max_replicas"].report("RK2613",
                              fmt::format("{} is less than min_replicas, {}", most, least));
  const std::optional<std::int64_t> first = at["initial_replicas"].integer();
  if (first && (*first < least || *first > most)) {
    at["initial_replicas"].report(
        "RK2613", fmt::format("{} is not between min_replicas and max_replicas ({} to {})", *first,
                              least, most));
  }
}

bool scales_itself(const Cursor& deployment) {
  return deployment["num_replicas"].text() == "auto" ||
         static_cast<bool>(deployment["autoscaling_config"]);
}

void check_replicas(const Cursor& deployment) {
  const Cursor replicas = deployment["num_replicas"];
  const Cursor scaling = deployment["autoscaling_config"];
  check_autoscaling(scaling);
  if (!replicas || replicas.text() == "auto") return;
  const std::optional<std::int64_t> count = replicas.integer();
  if (!count) {
    replicas.report("RK2602", "takes a whole number or auto",
                    "write auto where autoscaling_config says how many");
  } else if (*count < 1) {
    replicas.report("RK2605", fmt::format("{} replicas serve nothing", *count), "write 1 or more");
  } else if (scaling) {
    replicas.report("RK2613", "a fixed number does not go with autoscaling_config",
                    "write auto, or remove autoscaling_config");
  }
}

void check_deployment(const Cursor& at) {
  check_replicas(at);
  check_positive(at["max_ongoing_requests"]);
  const std::optional<std::int64_t> queued = at["max_queued_requests"].integer();
  if (queued && *queued < 1 && *queued != -1)
    at["max_queued_requests"].report("RK2605", fmt::format("{} is no limit", *queued),
                                     "write -1 for none, or 1 and more");
  for (const char* key :
       {"health_check_period_s", "health_check_timeout_s", "max_replicas_per_node"})
    check_positive(at[key]);
  check_percent(at["max_surge_percent"], false);
  check_percent(at["rolling_update_percentage"], true);
  check_runtime_env(at.at({"ray_actor_options", "runtime_env"}));
  auto exclude = [&](const char* one, const char* other, const char* instead) {
    if (at[one] && at[other])
      at[one].report_key("RK2615", fmt::format("it does not go with {}", other), instead);
  };
  exclude("max_replicas_per_node", "placement_group_bundles", "remove one of them");
  exclude("max_replicas_per_node", "gang_scheduling_config", "remove one of them");
  exclude("placement_group_strategy", "gang_scheduling_config",
          "write gang_scheduling_config.gang_placement_strategy");
  if (at["placement_group_bundle_label_selector"] && !at["placement_group_bundles"])
    at["placement_group_bundle_label_selector"].report_key(
        "RK2615", "there are no placement_group_bundles that it could select for", "write them");
}

void check_application(const Cursor& at) {
  const Cursor path = at["import_path"];
  if (path && path.value().is_string() && !is_import_path(path.text())) {
    path.report("RK2612", fmt::format("{} is no import path", quoted(path.text())),
                "write it as in module.submodule:application");
  }
  const Cursor route = at["route_prefix"];
  if (std::string wrong = wrong_with_route(route.text("/")); !wrong.empty())
    route.report("RK2611", fmt::format("the route {} {}", quoted(route.text()), wrong));
  check_port(at["port"]);
  check_runtime_env(at["runtime_env"]);
  std::set<std::string> names;
  for (const Cursor& deployment : at["deployments"].items()) {
    check_deployment(deployment);
    const std::string name = deployment["name"].text();
    if (!name.empty() && !names.insert(name).second)
      deployment["name"].report("RK2610",
                                fmt::format("the deployment {} is named twice", quoted(name)));
    if (at["external_scaler_enabled"].boolean() && scales_itself(deployment))
      deployment.report("RK2615", "an external scaler does not go with autoscaling",
                        "give num_replicas a number");
  }
}

void check_config(const Cursor& root) {
  std::set<std::string> names, routes;
  const std::vector<Cursor> applications = root["applications"].items();
  for (const Cursor& each : applications) {
    check_application(each);
    const std::string name = each["name"].text(default_name);
    if (!names.insert(name).second)
      (each["name"] ? each["name"] : each)
          .report("RK2610", fmt::format("the application {} is named twice", quoted(name)),
                  "give each a name of its own");
    // null: no route at all.
    const bool has_route =
        each["route_prefix"] || each.value().get_object().count("route_prefix") == 0;
    const std::string route = each["route_prefix"].text("/");
    if (has_route && !routes.insert(route).second)
      (each["route_prefix"] ? each["route_prefix"] : each)
          .report("RK2611", fmt::format("two applications have the route {}", quoted(route)),
                  "give each a route_prefix of its own");
  }
  if (root["applications"] && root["applications"].value().is_array() && applications.empty())
    root["applications"].report("RK2617", "there is no application, so nothing is served");
  const Cursor http = root["http_options"];
  check_port(http["port"]);
  check_port(root.at({"grpc_options", "port"}));
  check_percent(root["target_capacity"], false);
  const std::string host = http["host"].text("0.0.0.0");
  if (host == "127.0.0.1" || host == "localhost" || host == "::1")
    http["host"].report("RK2616", "a proxy there is reached by nobody outside of its pod",
                        "write 0.0.0.0");
  if (static_cast<bool>(http["ssl_certfile"]) != static_cast<bool>(http["ssl_keyfile"]))
    http.report("RK2615", "ssl_certfile and ssl_keyfile go together only", "write both, or none");
}

/// A finding of the text inside, as one of the file around it.
Finding outer(Finding finding, const doc::Document& document) {
  const Place inner = finding.place;
  finding.place = document.place_inside(pointer, inner.line, inner.column);
  const bool exact = finding.place.line != document.place(pointer).line || inner.line == 0;
  if (!exact && inner.line > 0)
    finding.what =
        fmt::format("line {}, column {} of it: {}", inner.line, inner.column, finding.what);
  finding.path =
      finding.path.empty() ? "spec.serveConfigV2" : "spec.serveConfigV2: " + finding.path;
  return finding;
}

}  // namespace

Findings serve_config_findings(const doc::Document& ray_service) {
  Findings findings;
  const Cursor root(ray_service, findings);
  const Cursor written = root.at({"spec", "serveConfigV2"});
  if (!written) return findings;
  if (!written.value().is_string()) {
    written.report("RK2600", "it is not text", "write \"serveConfigV2: |\" and the YAML below it");
    return findings;
  }
  doc::ReadResult read = doc::read_yaml(written.text(), ray_service.file);
  Findings inner = std::move(read.findings);
  if (read.documents.size() == 1 && read.documents[0].value.is_object()) {
    const Cursor config(read.documents[0], inner);
    check_shape(config, "ServeConfig", kServeShape);
    check_config(config);
  } else if (inner.empty()) {
    written.report("RK2600", "it holds no map of Serve's options", "begin it with applications:");
  }
  for (Finding& each : inner) findings.push_back(outer(std::move(each), ray_service));
  return findings;
}

}  // namespace raykeep::spec
