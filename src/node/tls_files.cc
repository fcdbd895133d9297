#include "node/tls_files.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"

namespace raykeep::node {
namespace {

using namespace std::chrono_literals;

constexpr Duration pace = 2s;

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf()))
    throw Failure(Failure::Kind::invalid, fmt::format("{}: {}", path, std::strerror(errno)));
  return std::move(text).str();
}

}  // namespace

TlsFiles::TlsFiles(std::string folder, bool http2, const Clock& clock)
    : certificate_file_(folder + "/tls.crt"),
      key_file_(folder + "/tls.key"),
      http2_(http2),
      clock_(clock) {}

TlsFiles::Stamp TlsFiles::stamp(const std::string& path) {
  struct stat facts{};
  if (stat(path.c_str(), &facts) != 0) return {};
  return {facts.st_ino, facts.st_size,
          facts.st_mtim.tv_sec * 1'000'000'000LL + facts.st_mtim.tv_nsec};
}

std::shared_ptr<const net::TlsServerContext> TlsFiles::newest() {
  Instant now = clock_.now();
  if (looked_ && now - *looked_ < pace) return context_;
  looked_ = now;
  auto certificate = stamp(certificate_file_), key = stamp(key_file_);
  bool same = certificate == certificate_stamp_ && key == key_stamp_;
  if (same && context_) return context_;
  try {
    context_ = std::make_shared<const net::TlsServerContext>(
        net::TlsServerOptions{.certificate_pem = read(certificate_file_),
                              .key_pem = Secret(read(key_file_)),
                              .http2 = http2_});
    certificate_stamp_ = certificate;
    key_stamp_ = key;
    problem_.clear();
  } catch (const Failure& failure) {
    problem_ = failure.what();
  }
  return context_;
}

}  // namespace raykeep::node
