// One blob into one repository. The way that every registry is tested with, docker's: POST begins a
// session, one PATCH carries the bytes, PUT names the digest. When a connection breaks, the session
// is asked how far it came (GET, Range), and goes on there; where the registry does not know it any
// more (distribution 2.x after half a request), from the beginning in a new one. What is believed
// at the end is the digest alone.
#pragma once

#include "oci/registry.h"

namespace raykeep::oci {

class Upload {
 public:
  struct What {
    std::string repository;
    Digest digest;
    std::uint64_t size;
    BlobReader reader;
    UploadOptions options;
  };

  Upload(Session& session, What what);
  ~Upload();

  /// Gives the bytes that were sent in vain.
  awaitable<std::uint64_t> run();

 private:
  class Body;
  enum class Step { done, goes_on, broken, begin_again };

  Call call_for(std::string_view doing, std::string method, std::string target) const;
  awaitable<void> begin();
  awaitable<std::optional<net::Response>> send(Call call, Body& body);
  awaitable<Step> send_next();
  awaitable<Step> send_whole();
  awaitable<void> find_place();
  awaitable<Step> complete();
  Step judge(const Call& call, const net::Response& response, std::uint64_t from);
  std::string with_digest() const;

  Session& session_;
  What what_;
  std::string location_;      // where the session goes on; empty: there is none
  std::uint64_t offset_ = 0;  // bytes that the registry has
  std::uint64_t sent_ = 0;    // bytes that went out in all
  Hasher hasher_;             // of each byte, the first time that it went out
  std::uint64_t hashed_ = 0;
  std::uint64_t chunk_;
  bool in_one_put_ = false;  // it knows no PATCH
  net::Headers last_headers_;
  std::string last_problem_;
};

}  // namespace raykeep::oci
