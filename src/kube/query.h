// The query part of a URL, encoded as it grows.
#pragma once

#include <string>
#include <string_view>

#include "net/url.h"

namespace raykeep::kube {

class Query {
 public:
  Query& add(std::string_view name, std::string_view value) {
    text_ += text_.empty() ? '?' : '&';
    text_ += net::percent_encode(name);
    text_ += '=';
    text_ += net::percent_encode(value);
    return *this;
  }
  Query& add_unless_empty(std::string_view name, std::string_view value) {
    return value.empty() ? *this : add(name, value);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace raykeep::kube
