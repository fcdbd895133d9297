// For tests: a listener on the loopback which does not speak. Unlike net's ScriptedServer it waits
// for no request in HTTP, so it can play what is broken below gRPC.
#pragma once

#include <string>
#include <thread>

namespace raykeep::ray::testing {

class RawServer {
 public:
  enum class Manner {
    never_accepts,  // as a stopped process: the kernel alone takes the connection
    holds,          // sends its text and keeps the connection open
    closes,         // sends its text and closes
  };

  explicit RawServer(Manner manner, std::string text = "");
  ~RawServer();
  RawServer(const RawServer&) = delete;

  int port() const { return port_; }

 private:
  void serve(Manner manner, const std::string& text);

  int listener_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace raykeep::ray::testing
