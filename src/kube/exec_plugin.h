// Credential plugins: programs that print a token or a certificate (KEP-541,
// client.authentication.k8s.io). This is the only place where Raykeep starts a process.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "kube/config.h"

namespace raykeep::kube {

struct ExecCredential {
  Secret<std::string> token;
  std::string certificate_pem;
  Secret<std::string> key_pem;
  std::optional<std::chrono::system_clock::time_point> expires;
};

/// Runs config.exec as kubectl does: no shell, its environment plus ours, KUBERNETES_EXEC_INFO,
/// standard error passed through. With a person at the terminal it may take five minutes (a login
/// in a browser), otherwise until the deadline. Throws Failure::denied when it cannot be started,
/// fails, or prints something else.
boost::asio::awaitable<ExecCredential> run_plugin(boost::asio::any_io_executor executor,
                                                  const Config& config, Deadline until,
                                                  const Clock& clock);

/// Reads what a plugin printed.
Result<ExecCredential> parse_exec_credential(std::string_view text, const std::string& api_version);

/// The value of KUBERNETES_EXEC_INFO.
std::string exec_info(const Config& config, bool interactive);

/// "2025-03-01T12:00:00Z" with optional fraction and offset (RFC 3339).
std::optional<std::chrono::system_clock::time_point> parse_time(std::string_view text);

}  // namespace raykeep::kube
