#include "preflight/asking.h"

#include <algorithm>
#include <exception>
#include <memory>

#include <boost/asio/this_coro.hpp>

#include "net/event.h"
#include "net/task_group.h"

namespace raykeep::preflight {
namespace {

constexpr std::size_t most_at_once = 12;

using Work = std::vector<std::function<awaitable<void>()>>;

/// What the workers share; it outlives them, because one that is cancelled may end late.
struct Shared {
  Shared(boost::asio::any_io_executor executor, Work w) : work(std::move(w)), done(executor) {}
  Work work;
  std::size_t next = 0;
  std::size_t busy = 0;
  std::exception_ptr problem;
  net::Event done;
};

awaitable<void> work_off(std::shared_ptr<Shared> shared) {
  while (shared->next < shared->work.size()) {
    auto& task = shared->work[shared->next++];
    try {
      co_await task();
    } catch (...) {
      shared->problem = std::current_exception();
    }
  }
  if (--shared->busy == 0) shared->done.notify();
}

awaitable<void> ask_into(const Access* access, kube::Question question, kube::Said* answer) {
  kube::Said said = co_await ask(*access, std::move(question));
  *answer = std::move(said);
}

}  // namespace

awaitable<void> run_all(Work work) {
  auto executor = co_await boost::asio::this_coro::executor;
  auto shared = std::make_shared<Shared>(executor, std::move(work));
  net::TaskGroup group(executor);
  shared->busy = std::min(most_at_once, shared->work.size());
  for (std::size_t i = shared->busy; i > 0; --i) group.spawn(work_off(shared));
  const SteadyClock clock;
  while (shared->busy > 0) co_await shared->done.wait(clock);
  if (shared->problem) std::rethrow_exception(shared->problem);
}

awaitable<kube::Said> ask(const Access& access, kube::Question question) {
  kube::Said said = co_await kube::ask(access.client, std::move(question), access.request());
  co_return said;
}

awaitable<std::vector<kube::Said>> ask_all(const Access& access,
                                           std::vector<kube::Question> questions) {
  auto answers = std::make_shared<std::vector<kube::Said>>(questions.size());
  Work work;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    work.push_back([&access, question = questions[i], answers, i] {
      return ask_into(&access, question, &(*answers)[i]);
    });
  }
  co_await run_all(std::move(work));
  co_return std::move(*answers);
}

}  // namespace raykeep::preflight
