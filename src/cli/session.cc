#include "cli/session.h"

#include <unistd.h>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "cli/exit_code.h"

namespace raykeep::cli {
namespace {

// Connections say goodbye.
constexpr auto for_what_is_left = std::chrono::milliseconds(1500);

/// Turns signals into a cancellation, once.
class Interrupt {
 public:
  explicit Interrupt(boost::asio::io_context& context) : signals_(context, SIGINT, SIGTERM) {
    wait();
  }

  boost::asio::cancellation_slot slot() { return cancellation_.slot(); }
  bool happened() const { return happened_; }
  /// From here on a signal does what it does to any program.
  void done() {
    signals_.cancel();
    signals_.clear();
  }

 private:
  void wait() {
    signals_.async_wait([this](const boost::system::error_code& problem, int) {
      if (problem) return;
      if (happened_) _exit(ExitCode::interrupted);
      happened_ = true;
      cancellation_.emit(boost::asio::cancellation_type::terminal);
      wait();
    });
  }

  boost::asio::signal_set signals_;
  boost::asio::cancellation_signal cancellation_;
  bool happened_ = false;
};

}  // namespace

kube::Config connection_config(const ConnectionArguments& arguments) {
  Result<kube::Config> config = kube::load_config(arguments.choice, kube::process_environment());
  if (!config) throw Failure(Failure::Kind::invalid, config.error().text);
  return std::move(*config);
}

int run_loop(const std::function<control::awaitable<int>(boost::asio::any_io_executor executor,
                                                         const Clock& clock)>& work,
             const std::string& how_to_go_on) {
  auto owned_context = std::make_unique<boost::asio::io_context>(1);
  boost::asio::io_context& context = *owned_context;
  SteadyClock clock;
  Interrupt interrupt(context);

  int exit_code = ExitCode::failed;
  bool finished = false;
  std::exception_ptr problem;
  auto finish = [&](std::exception_ptr thrown, int result) {
    problem = thrown;
    exit_code = result;
    finished = true;
    interrupt.done();
  };
  boost::asio::co_spawn(context, work(context.get_executor(), clock),
                        boost::asio::bind_cancellation_slot(interrupt.slot(), finish));
  while (!finished && context.run_one() > 0) {
  }
  context.run_for(for_what_is_left);
  // A name's look-up cannot be interrupted, and the context would wait for its thread: that one
  // ends with the process.
  if (!context.stopped()) (void)owned_context.release();

  bool stopped = interrupt.happened() && problem != nullptr;
  if (stopped && how_to_go_on.empty()) return ExitCode::done;
  if (stopped) throw Failure(Failure::Kind::cancelled, "\ninterrupted; " + how_to_go_on);
  if (problem) std::rethrow_exception(problem);
  return exit_code;
}

namespace {

control::awaitable<int> with_client(boost::asio::any_io_executor executor, const Clock& clock,
                                    const kube::Config& config, Duration request_timeout,
                                    const Work& work) {
  kube::Client client(executor, config, clock);
  control::Access access{client, clock, request_timeout};
  auto exit_code = co_await work(access);
  co_return exit_code;
}

}  // namespace

int run_session(const kube::Config& config, Duration request_timeout, const Work& work,
                const std::string& how_to_go_on) {
  auto begin = [&](boost::asio::any_io_executor executor, const Clock& clock) {
    return with_client(std::move(executor), clock, config, request_timeout, work);
  };
  return run_loop(begin, how_to_go_on);
}

}  // namespace raykeep::cli
