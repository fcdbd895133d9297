// Reading one HTTP response from whatever pieces the network delivers. Internal to net: it shows
// Beast's parser.
#pragma once

#include <optional>
#include <string>

#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/parser.hpp>

#include "net/http.h"

namespace raykeep::net {

/// A Beast body that only appends: string_body reserves what Content-Length claims, which a liar
/// could set to anything.
struct GrowingBody {
  using value_type = std::string;
  static std::uint64_t size(const value_type& body) { return body.size(); }
  class reader {
   public:
    template <bool is_request, class Fields>
    reader(boost::beast::http::header<is_request, Fields>&, value_type& body) : body_(body) {}
    void init(const boost::optional<std::uint64_t>&, boost::system::error_code& failed) {
      failed = {};
    }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, boost::system::error_code& failed) {
      failed = {};
      std::size_t count = 0;
      for (auto buffer : boost::beast::buffers_range_ref(buffers)) {
        body_.append(static_cast<const char*>(buffer.data()), buffer.size());
        count += buffer.size();
      }
      return count;
    }
    void finish(boost::system::error_code& failed) { failed = {}; }

   private:
    value_type& body_;
  };
};

/// Parses one response. Feed it bytes as they come, take the body's pieces out as they appear.
class ResponseReader {
 public:
  /// `to_head`: the answer to a HEAD request, which has no body whatever its header says.
  explicit ResponseReader(bool to_head = false);

  /// Takes in more bytes. Throws Failure::invalid when they are not HTTP or the header is too long
  /// (64 KiB).
  void feed(std::string_view bytes);

  /// The peer ended the stream. Throws Failure::disconnected when the response is not complete
  /// without more.
  void feed_end();

  bool has_head() const { return parser_.is_header_done(); }
  bool is_done() const { return parser_.is_done(); }
  bool has_bytes() const { return got_bytes_; }

  /// True when the connection can carry another request: the response is done, asks for no close,
  /// and nothing follows.
  bool may_reuse() const;

  Response head() const;                                // Requires: has_head()
  std::string take_body();                              // what has arrived since the last call
  const std::string& rest() const { return pending_; }  // what follows the response

 private:
  boost::beast::http::response_parser<GrowingBody> parser_;
  std::string pending_;
  bool got_bytes_ = false;
};

}  // namespace raykeep::net
