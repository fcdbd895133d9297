// The certificate that our TLS ports show: files that somebody renews while we run.
#pragma once

#include <sys/stat.h>

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "net/tls_server.h"

namespace raykeep::node {

class TlsFiles {
 public:
  /// tls.crt (with its chain) and tls.key in `folder`. With `http2` clients get gRPC's protocol.
  TlsFiles(std::string folder, bool http2, const Clock& clock);

  /// The certificate of now; null as long as there was none that can be used. The files are looked
  /// at when the last look is two seconds old, and read when they are others than before. What
  /// cannot be used (a new certificate whose key is not there yet) leaves the old one in place.
  std::shared_ptr<const net::TlsServerContext> newest();

  /// Why the files cannot be used now; empty when they can.
  const std::string& problem() const { return problem_; }

 private:
  /// What tells one file from its successor.
  struct Stamp {
    ino_t inode = 0;
    off_t size = 0;
    std::int64_t changed_ns = 0;
    bool operator==(const Stamp&) const = default;
  };
  static Stamp stamp(const std::string& path);

  const std::string certificate_file_;
  const std::string key_file_;
  const bool http2_;
  const Clock& clock_;
  std::optional<Instant> looked_ = {};
  Stamp certificate_stamp_ = {}, key_stamp_ = {};  // of what was read last
  std::shared_ptr<const net::TlsServerContext> context_ = {};
  std::string problem_ = "nobody looked yet";
};

}  // namespace raykeep::node
