// Many questions to the API server at once, a few at a time.
#pragma once

#include <functional>
#include <vector>

#include "control/access.h"
#include "kube/ask.h"

namespace raykeep::preflight {

using boost::asio::awaitable;
using control::Access;

/// Runs all of them, a few at a time, and returns when the last has ended. What one throws is
/// thrown when all have ended. Throws Failure::cancelled at once when the caller is cancelled; the
/// tasks end soon after, so what they refer to must outlive the caller or be shared with them.
awaitable<void> run_all(std::vector<std::function<awaitable<void>()>> work);

/// The answers, in the order of the questions.
awaitable<std::vector<kube::Said>> ask_all(const Access& access,
                                           std::vector<kube::Question> questions);

awaitable<kube::Said> ask(const Access& access, kube::Question question);

}  // namespace raykeep::preflight
