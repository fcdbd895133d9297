#include "endpoint.h"

#include <arpa/inet.h>

#include <stdexcept>

namespace raykeep::policies {

Address address(const std::string& text) {
  Address made;
  made.is_v6 = text.find(':') != std::string::npos;
  if (inet_pton(made.is_v6 ? AF_INET6 : AF_INET, text.c_str(), made.bytes.data()) != 1)
    throw std::logic_error("no address: " + text);
  return made;
}

Block block(const std::string& cidr) {
  const std::size_t slash = cidr.find('/');
  if (slash == std::string::npos) throw std::logic_error("no block: " + cidr);
  Block made{address(cidr.substr(0, slash)), std::stoi(cidr.substr(slash + 1))};
  if (made.prefix < 0 || made.prefix > made.first.bits())
    throw std::logic_error("no block: " + cidr);
  return made;
}

bool Block::contains(const Address& address) const {
  if (address.is_v6 != first.is_v6) return false;
  for (int bit = 0; bit < prefix; ++bit) {
    const auto of = [bit](const Address& each) {
      return each.bytes[static_cast<std::size_t>(bit / 8)] >> (7 - bit % 8) & 1;
    };
    if (of(address) != of(first)) return false;
  }
  return true;
}

}  // namespace raykeep::policies
