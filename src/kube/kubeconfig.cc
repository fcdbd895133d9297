#include "kube/kubeconfig.h"

#include <fmt/format.h>

#include "base/text.h"
#include "doc/base64.h"
#include "doc/document.h"
#include "net/url.h"

namespace raykeep::kube {
namespace {

std::string text_at(const doc::Value& value, std::string_view key) {
  return std::string(doc::find_string(value, {key}));
}

bool true_at(const doc::Value& value, std::string_view key) {
  auto found = doc::find(value, {key});
  return found && found->is_bool() && found->get_bool();
}

Result<void> add_entries(std::vector<Entry>& entries, const doc::Document& document,
                         std::string_view list, std::string_view member) {
  auto value = doc::find(document.value, {list});
  if (!value || value->is_null()) return {};
  auto pointer = fmt::format("/{}", list);
  auto here = [&](const std::string& at) {
    auto place = document.place(at);
    return fmt::format("{}:{}:{}", place.file, place.line, place.column);
  };
  if (!value->is_array()) return error(fmt::format("{}: {} is not a list", here(pointer), list));
  std::size_t index = 0;
  for (const auto& item : value->get_array()) {
    auto place = here(fmt::format("{}/{}", pointer, index++));
    auto name = item.is_object() ? text_at(item, "name") : "";
    if (!item.is_object())
      return error(fmt::format("{}: this entry of {} is not a map", place, list));
    auto body = doc::find(item, {member});
    bool known = false;
    for (const auto& entry : entries) known = known || entry.name == name;
    if (known) continue;
    entries.push_back({name, body && body->is_object() ? *body : doc::Value(doc::Object()),
                       document.file, place});
  }
  return {};
}

const Entry* find_entry(const std::vector<Entry>& entries, const std::string& name) {
  for (const auto& entry : entries) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

Error unknown(const std::vector<Entry>& entries, std::string_view what, const std::string& name,
              const std::string& where) {
  std::vector<std::string> names;
  for (const auto& entry : entries) names.push_back(entry.name);
  auto text = fmt::format("{}: there is no {} {}", where, what, quoted(name));
  if (auto meant = nearest(name, names); !meant.empty()) {
    text += fmt::format("; did you mean {}?", quoted(meant));
  } else if (names.empty()) {
    text += fmt::format("; it has no {} at all", what);
  } else {
    text += fmt::format("; there are: {}", quoted(join(names, ", "), 300));
  }
  return Error{text};
}

std::string resolved(const std::string& path, const std::string& file) {
  auto slash = file.rfind('/');
  if (path.starts_with('/') || slash == file.npos) return path;
  return file.substr(0, slash + 1) + path;
}

/// The bytes of `key`-data, or of the file named by `key`: data wins, as in client-go. Empty when
/// neither is there.
Result<std::string> material(const Entry& entry, std::string_view what, const std::string& key,
                             const FileReader& read_file) {
  auto data = text_at(entry.body, key + "-data");
  if (!data.empty()) {
    auto bytes = doc::decode_base64(data);
    if (!bytes) {
      return error(fmt::format("{}: {}-data of {} {} is not base64", entry.place, key, what,
                               quoted(entry.name)));
    }
    return *bytes;
  }
  auto path = text_at(entry.body, key);
  if (path.empty()) return "";
  auto full = resolved(path, entry.file);
  auto bytes = read_file(full);
  if (!bytes) {
    return error(fmt::format("{}: {} of {} {}: {}: {}", entry.place, key, what, quoted(entry.name),
                             full, bytes.error().text));
  }
  return *bytes;
}

Result<void> read_cluster(Config& config, const Entry& entry, const FileReader& read_file) {
  config.cluster = entry.name;
  config.server = text_at(entry.body, "server");
  if (config.server.empty()) {
    return error(fmt::format("{}: cluster {} has no server", entry.place, quoted(entry.name)));
  }
  config.tls_server_name = text_at(entry.body, "tls-server-name");
  config.insecure_skip_tls_verify = true_at(entry.body, "insecure-skip-tls-verify");
  config.proxy_url = text_at(entry.body, "proxy-url");
  if (!config.proxy_url.empty()) {
    if (auto proxy = net::parse_url(config.proxy_url); !proxy) {
      return error(fmt::format("{}: proxy-url of cluster {}: {}", entry.place, quoted(entry.name),
                               proxy.error().text));
    }
  }
  auto ca = material(entry, "cluster", "certificate-authority", read_file);
  if (!ca) return std::unexpected(ca.error());
  if (config.insecure_skip_tls_verify && !ca->empty()) {
    return error(fmt::format(
        "{}: cluster {} has both a certificate-authority and insecure-skip-tls-verify; remove one",
        entry.place, quoted(entry.name)));
  }
  config.ca_pem = *ca;
  config.ca_origin =
      fmt::format("certificate-authority of cluster {} ({})", quoted(entry.name), entry.place);
  return {};
}

/// A server without a scheme has TLS when anything of it is configured (client-go's
/// DefaultServerUrlFor). Requires: cluster and user have been read.
Result<void> complete_server(Config& config, const Entry& cluster) {
  if (!config.server.contains("://")) {
    bool tls = !config.ca_pem.empty() || config.insecure_skip_tls_verify ||
               !config.client_certificate_pem.empty();
    config.server = (tls ? "https://" : "http://") + config.server;
  }
  auto url = net::parse_url(config.server);
  if (url) return {};
  return error(fmt::format("{}: server of cluster {}: {}", cluster.place, quoted(cluster.name),
                           url.error().text));
}

Result<ExecPlugin> read_exec(const Entry& entry, const doc::Value& exec) {
  auto at = fmt::format("{}: exec of user {}", entry.place, quoted(entry.name));
  ExecPlugin plugin{.api_version = text_at(exec, "apiVersion"),
                    .command = text_at(exec, "command"),
                    .install_hint = text_at(exec, "installHint"),
                    .provide_cluster_info = true_at(exec, "provideClusterInfo")};
  if (plugin.command.empty()) return error(at + " has no command");
  if (plugin.api_version != "client.authentication.k8s.io/v1" &&
      plugin.api_version != "client.authentication.k8s.io/v1beta1") {
    return error(fmt::format(
        "{}: apiVersion {} is not supported; the plugin must speak client.authentication.k8s.io/v1",
        at, quoted(plugin.api_version)));
  }
  if (plugin.command.contains('/')) plugin.command = resolved(plugin.command, entry.file);
  plugin.interactive_mode = text_at(exec, "interactiveMode");
  if (plugin.interactive_mode.empty()) plugin.interactive_mode = "IfAvailable";
  if (plugin.interactive_mode != "Never" && plugin.interactive_mode != "IfAvailable" &&
      plugin.interactive_mode != "Always") {
    return error(fmt::format("{}: interactiveMode {} is none of Never, IfAvailable, Always", at,
                             quoted(plugin.interactive_mode)));
  }
  if (auto args = doc::find_array(exec, {"args"})) {
    for (const auto& arg : *args) {
      if (!arg.is_string()) return error(at + ": args must be strings; put numbers into quotes");
      plugin.args.emplace_back(arg.get_string());
    }
  }
  if (auto env = doc::find_array(exec, {"env"})) {
    for (const auto& item : *env) {
      plugin.env.emplace_back(text_at(item, "name"), text_at(item, "value"));
      if (plugin.env.back().first.empty()) return error(at + ": an entry of env has no name");
    }
  }
  return plugin;
}

Result<void> read_user(Config& config, const Entry& entry, const FileReader& read_file) {
  config.user = entry.name;
  auto named = [&](std::string_view text) {
    return error(fmt::format("{}: user {} {}", entry.place, quoted(entry.name), text));
  };
  auto certificate = material(entry, "user", "client-certificate", read_file);
  if (!certificate) return std::unexpected(certificate.error());
  auto key = material(entry, "user", "client-key", read_file);
  if (!key) return std::unexpected(key.error());
  if (!certificate->empty() && key->empty())
    return named("has a client-certificate, but no client-key");
  config.client_certificate_pem = *certificate;
  if (!certificate->empty()) config.client_key_pem = Secret(*key);
  config.token = Secret(text_at(entry.body, "token"));
  if (auto path = text_at(entry.body, "tokenFile"); !path.empty())
    config.token_file = resolved(path, entry.file);
  config.username = text_at(entry.body, "username");
  config.password = Secret(text_at(entry.body, "password"));
  config.impersonate = text_at(entry.body, "as");
  if (auto groups = doc::find_array(entry.body, {"as-groups"})) {
    for (const auto& group : *groups) {
      if (group.is_string()) config.impersonate_groups.emplace_back(group.get_string());
    }
  }
  if (auto exec = doc::find(entry.body, {"exec"}); exec && exec->is_object()) {
    auto plugin = read_exec(entry, *exec);
    if (!plugin) return std::unexpected(plugin.error());
    config.exec = *plugin;
  }
  if (auto old = doc::find(entry.body, {"auth-provider"}); old && old->is_object()) {
    return named(
        "uses auth-provider, which Kubernetes removed in 1.26; ask for a kubeconfig with exec, a "
        "token or a "
        "certificate");
  }
  return {};
}

/// What a cluster entry tells credential plugins (client-go's clusterExtensionKey), as JSON; empty
/// when nothing.
std::string exec_extension(const Entry& cluster) {
  auto extensions = doc::find_array(cluster.body, {"extensions"});
  if (!extensions) return "";
  for (const auto& item : *extensions) {
    if (text_at(item, "name") != "client.authentication.k8s.io/exec") continue;
    auto extension = doc::find(item, {"extension"});
    if (extension) return doc::write_json(*extension);
  }
  return "";
}

}  // namespace

Result<void> add_kubeconfig(Kubeconfig& config, std::string_view text, const std::string& file) {
  auto read = doc::read_yaml(text, file);
  for (const auto& finding : read.findings) {
    if (finding.severity == Severity::error) return error(to_string(finding));
  }
  config.files.push_back(file);
  if (read.documents.empty()) return {};
  if (read.documents.size() > 1)
    return error(fmt::format("{}: has more than one YAML document; a kubeconfig is one", file));
  const auto& document = read.documents[0];
  if (document.value.is_null()) return {};
  if (!document.value.is_object())
    return error(fmt::format("{}: not a kubeconfig: it is not a map", file));
  auto kind = text_at(document.value, "kind");
  if (!kind.empty() && kind != "Config") {
    return error(fmt::format("{}: not a kubeconfig: its kind is {}", file, quoted(kind)));
  }
  if (auto added = add_entries(config.clusters, document, "clusters", "cluster"); !added)
    return added;
  if (auto added = add_entries(config.contexts, document, "contexts", "context"); !added)
    return added;
  if (auto added = add_entries(config.users, document, "users", "user"); !added) return added;
  if (config.current_context.empty())
    config.current_context = text_at(document.value, "current-context");
  return {};
}

Result<Config> resolve(const Kubeconfig& kubeconfig, const ConfigChoice& choice,
                       const FileReader& read_file) {
  Config config;
  config.origin = join(kubeconfig.files, ":");
  config.context = choice.context.empty() ? kubeconfig.current_context : choice.context;
  if (config.context.empty()) {
    std::vector<std::string> names;
    for (const auto& entry : kubeconfig.contexts) names.push_back(entry.name);
    return error(fmt::format("{}: no current-context is set; choose one with --context{}{}",
                             config.origin, names.empty() ? "" : ": ",
                             names.empty() ? "" : quoted(join(names, ", "), 300)));
  }
  auto context = find_entry(kubeconfig.contexts, config.context);
  if (!context)
    return std::unexpected(unknown(kubeconfig.contexts, "context", config.context, config.origin));
  auto cluster_name = text_at(context->body, "cluster");
  if (cluster_name.empty()) {
    return error(
        fmt::format("{}: context {} names no cluster", context->place, quoted(context->name)));
  }
  auto cluster = find_entry(kubeconfig.clusters, cluster_name);
  if (!cluster)
    return std::unexpected(unknown(kubeconfig.clusters, "cluster", cluster_name, context->place));
  if (auto read = read_cluster(config, *cluster, read_file); !read)
    return std::unexpected(read.error());
  if (auto user_name = text_at(context->body, "user"); !user_name.empty()) {
    auto user = find_entry(kubeconfig.users, user_name);
    if (!user) return std::unexpected(unknown(kubeconfig.users, "user", user_name, context->place));
    if (auto read = read_user(config, *user, read_file); !read)
      return std::unexpected(read.error());
    if (config.exec) config.exec->cluster_config = exec_extension(*cluster);
  }
  if (auto completed = complete_server(config, *cluster); !completed)
    return std::unexpected(completed.error());
  if (auto ns = text_at(context->body, "namespace"); !ns.empty()) config.ns = ns;
  if (!choice.ns.empty()) config.ns = choice.ns;
  return config;
}

}  // namespace raykeep::kube
