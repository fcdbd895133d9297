// For tests: runs one coroutine to its end on an event loop, and gives what it gave.
#pragma once

#include <exception>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/clock.h"
#include "base/error.h"

namespace raykeep::net::testing {

/// What `work` returned; what it threw is thrown.
template <class T>
T run_until_done(boost::asio::io_context& loop, boost::asio::awaitable<T> work) {
  std::exception_ptr problem;
  std::optional<T> result;
  bool done = false;
  boost::asio::co_spawn(loop, std::move(work), [&](std::exception_ptr thrown, T value) {
    problem = thrown;
    result.emplace(std::move(value));
    done = true;
  });
  loop.restart();
  while (!done && loop.run_one() > 0) {
  }
  if (problem) std::rethrow_exception(problem);
  return std::move(*result);
}

inline void run_until_done(boost::asio::io_context& loop, boost::asio::awaitable<void> work) {
  std::exception_ptr problem;
  bool done = false;
  boost::asio::co_spawn(loop, std::move(work), [&](std::exception_ptr thrown) {
    problem = thrown;
    done = true;
  });
  loop.restart();
  while (!done && loop.run_one() > 0) {
  }
  if (problem) std::rethrow_exception(problem);
}

/// The Failure that `work` ends with; one of kind bug when it does not fail.
template <class T>
Failure failure_of(boost::asio::io_context& loop, boost::asio::awaitable<T> work) {
  try {
    run_until_done(loop, std::move(work));
  } catch (const Failure& failure) {
    return failure;
  }
  return Failure(Failure::Kind::bug, "it did not fail");
}

/// Far enough that only a hanging test meets it.
inline Deadline ample(const Clock& clock) {
  return Deadline::after(clock, std::chrono::seconds(30));
}

/// So near that waiting for silence costs a test nothing.
inline Deadline near(const Clock& clock) {
  return Deadline::after(clock, std::chrono::milliseconds(20));
}

}  // namespace raykeep::net::testing
