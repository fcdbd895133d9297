#include "ray/raw_server.h"

#include <cstdlib>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace raykeep::ray::testing {

RawServer::RawServer(Manner manner, std::string text)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 100) != 0 ||
      ::getsockname(listener_, generic, &size) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  if (manner != Manner::never_accepts) {
    thread_ = std::thread([this, manner, text = std::move(text)] { serve(manner, text); });
  }
}

RawServer::~RawServer() {
  ::shutdown(listener_, SHUT_RDWR);  // ends accept()
  if (thread_.joinable()) thread_.join();
  ::close(listener_);
}

void RawServer::serve(Manner manner, const std::string& text) {
  std::vector<int> held;
  for (;;) {
    int peer = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (peer < 0) break;
    (void)::send(peer, text.data(), text.size(), MSG_NOSIGNAL);
    if (manner == Manner::closes) {
      ::close(peer);
    } else {
      held.push_back(peer);
    }
  }
  for (int peer : held) ::close(peer);
}

}  // namespace raykeep::ray::testing
