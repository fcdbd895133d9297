// Much to do, some of it at a time.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>

#include <boost/asio/awaitable.hpp>

namespace raykeep::net {

using Job = std::function<boost::asio::awaitable<void>()>;

/// Does all of them in turn, `at_once` beside each other. They say by themselves what went wrong.
/// When the caller is cancelled, so are they, and are waited for. Throws Failure::cancelled then.
boost::asio::awaitable<void> do_all(std::deque<Job> jobs, std::size_t at_once);

}  // namespace raykeep::net
