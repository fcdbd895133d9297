// Talking with one registry: who we are (Basic, or tokens of a token server), answers that send us
// elsewhere, and patience with what passes. Registry (registry.h) says what is talked about.
//
// Credentials go to the registry itself and to the token server that it names, never to where a
// redirect or an upload's Location leads.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "net/http_client.h"
#include "net/proxy.h"
#include "oci/challenge.h"
#include "oci/logins.h"

namespace raykeep::oci {

using boost::asio::awaitable;

struct RegistryOptions {
  std::string host = {};    // as references have it: "registry.bank.example:5000"
  bool plain_http = false;  // without TLS
  net::TlsOptions tls = {};
  net::ProxySettings proxy = {};
  Login login = {};
  Duration patience = std::chrono::seconds(60);  // for an answer, and for each piece of a body
  int tries = 6;                                 // of what passes by itself
  Duration first_pause = std::chrono::milliseconds(500);  // doubled with each try
  std::size_t connections = 16;                           // kept for the next request
};

struct Call {
  std::string doing = {};  // for messages: "look for blob sha256:..."
  std::string method = "GET";
  std::string target = {};  // a path of the registry's, or an absolute URL that it gave
  net::Headers headers = {};
  std::string body = {};
  std::string scope = {};  // "repository:a/b:pull", several with a space between
};

class Session {
 public:
  /// `clock` must outlive it. Throws Failure::invalid for options that cannot be.
  Session(boost::asio::any_io_executor executor, RegistryOptions options, const Clock& clock);

  /// The whole answer, of any status but those that pass: 408, 429 and 5xx are tried again, with
  /// pauses, as broken connections are; then a Failure says what the last one was.
  awaitable<net::Response> ask(Call call, std::size_t most = 1u << 20);

  /// The head of an answer, its body to be read; redirects are followed.
  awaitable<std::unique_ptr<net::Answer>> open(Call call);

  /// With a body in pieces, once. A 401 is returned like any other; the next call has a new token.
  awaitable<net::Response> send(Call call, net::BodySource& body);

  /// Waits before try number `tried` + 1, or as long as the server asked for.
  awaitable<void> pause(int tried, const net::Headers& headers = {});

  /// What a status means, as a Failure whose text begins with what was being done.
  Failure explain(const Call& call, const net::Response& response) const;

  const RegistryOptions& options() const { return options_; }
  const Clock& clock() const { return clock_; }
  /// What the registry has warned of (Warning: 299), each once.
  const std::set<std::string>& warnings() const { return warnings_; }

 private:
  struct Place {
    std::string origin;  // "https://host:443"
    std::string target;
  };
  struct Held {
    Secret<std::string> text;
    Instant until;
  };

  Place place_of(const Call& call, const std::string& target) const;
  net::HttpClient& client_of(const std::string& origin);
  net::Request request_for(const Call& call, const Place& place) const;
  std::string authorization(const std::string& scope) const;
  awaitable<bool> introduce(net::Headers headers, std::string scope, std::string sent);
  awaitable<void> fetch_token(Challenge challenge, std::string scope);
  awaitable<std::unique_ptr<net::Answer>> open_once(const Call& call);
  void note_warnings(const net::Headers& headers);
  std::string named(const Call& call) const;

  boost::asio::any_io_executor executor_;
  RegistryOptions options_;
  const Clock& clock_;
  std::string own_origin_;
  std::map<std::string, std::unique_ptr<net::HttpClient>> clients_;
  bool basic_ = false;  // it has asked for user and password
  std::map<std::string, Held> tokens_;
  std::set<std::string> warnings_;
};

/// Whether a status may be another one when the same is asked again.
bool passes(int status);

}  // namespace raykeep::oci
