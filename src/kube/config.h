// How to reach a cluster and as whom: kubectl's kubeconfig files, or the files a pod is given.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/secret.h"

namespace raykeep::kube {

/// A credential plugin (client.authentication.k8s.io), run as kubectl runs it.
struct ExecPlugin {
  std::string api_version = {};
  std::string command;  // resolved against the kubeconfig's directory when it holds a slash
  std::vector<std::string> args = {};
  std::vector<std::pair<std::string, std::string>> env = {};
  std::string install_hint = {};
  bool provide_cluster_info = false;
  std::string interactive_mode = "IfAvailable";  // Never, Always
  std::string cluster_config =
      {};  // JSON of the cluster's extension client.authentication.k8s.io/exec
};

/// One cluster, one identity, one namespace. Files are read when the configuration is loaded,
/// except token_file, which is read again before it is a minute old.
struct Config {
  std::string server;     // "https://10.0.0.1:6443/prefix"
  std::string ca_pem;     // empty: the system's roots
  std::string ca_origin;  // where ca_pem came from, for messages
  std::string tls_server_name;
  bool insecure_skip_tls_verify = false;
  std::string proxy_url;
  std::string client_certificate_pem;
  Secret<std::string> client_key_pem;
  Secret<std::string> token;
  std::string token_file;
  std::string username;  // basic authentication
  Secret<std::string> password;
  std::optional<ExecPlugin> exec;
  std::string impersonate;  // --as
  std::vector<std::string> impersonate_groups;
  std::string ns = "default";
  std::string context;  // for messages; "in-cluster" inside a pod
  std::string cluster;  // the entries' names, for messages
  std::string user;
  std::string origin;  // the file(s) it came from, for messages
};

struct ConfigChoice {
  std::string kubeconfig;  // --kubeconfig; empty: $KUBECONFIG (a path list), then ~/.kube/config,
                           // then in-cluster
  std::string context;     // --context; empty: current-context
  std::string ns;          // -n; empty: the context's namespace
};

/// The environment is passed in, so that tests can set it.
struct Environment {
  std::string kubeconfig;    // $KUBECONFIG
  std::string home;          // $HOME
  std::string service_host;  // $KUBERNETES_SERVICE_HOST
  std::string service_port;  // $KUBERNETES_SERVICE_PORT
  std::string https_proxy;   // $HTTPS_PROXY and its like, upper case first
  std::string http_proxy;
  std::string no_proxy;
  std::string account_folder = "/var/run/secrets/kubernetes.io/serviceaccount";
};
Environment process_environment();

/// Merges files as kubectl does (the first that sets a value wins), and takes a proxy from the
/// environment when the kubeconfig has none. The error names file, entry and remedy.
Result<Config> load_config(const ConfigChoice& choice, const Environment& environment);

}  // namespace raykeep::kube
