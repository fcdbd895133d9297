// HTTP messages as values.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace raykeep::net {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// The value of the first header of that name (in any case), or empty.
std::string_view find_header(const Headers& headers, std::string_view name);

struct Request {
  std::string method = "GET";
  std::string target = {};  // path and query, already encoded: "/api/v1/pods?limit=500"
  Headers headers = {};     // Host and Content-Length are added
  std::string body = {};
  /// True when sending it twice does no harm. Only then is it sent again after an idle connection
  /// turned out dead.
  bool repeatable = true;
};

struct Response {
  int status = 0;
  std::string reason = {};
  Headers headers = {};
  std::string body = {};
};

}  // namespace raykeep::net
