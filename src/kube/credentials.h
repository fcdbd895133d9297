// Who we are, at this moment: the headers and the client certificate to send. Tokens in files are
// read again before they are a minute old, and what a plugin gave is used until it expires or the
// server refuses it.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "kube/config.h"
#include "net/event.h"
#include "net/http.h"

namespace raykeep::kube {

/// One identity. Immutable: a new one is made when something changed, so a pointer tells whether it
/// did.
struct Identity {
  net::Headers headers;  // Authorization and Impersonate-*
  std::string certificate_pem;
  Secret<std::string> key_pem;
};

class Credentials {
 public:
  /// `config` and `clock` must outlive it.
  Credentials(boost::asio::any_io_executor executor, const Config& config, const Clock& clock);

  /// Throws Failure::denied when a plugin fails or a token file cannot be read. Puts `until` off by
  /// the time that a plugin took.
  boost::asio::awaitable<std::shared_ptr<const Identity>> current(Deadline& until);

  /// The server refused `identity`. True when asking again may give another one.
  bool forget(const std::shared_ptr<const Identity>& identity);

 private:
  std::shared_ptr<const Identity> from_files();
  std::shared_ptr<const Identity> with_token(const std::string& token) const;

  boost::asio::any_io_executor executor_;
  const Config& config_;
  const Clock& clock_;
  std::shared_ptr<const Identity> cached_;
  Instant read_at_{};  // of the token file
  std::chrono::system_clock::time_point expires_ = std::chrono::system_clock::time_point::max();
  bool plugin_runs_ = false;  // it may ask a person: never two at once
  net::Event plugin_done_;
};

}  // namespace raykeep::kube
