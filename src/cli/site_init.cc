// raykeep site init: a commented Site of what the namespace's account can find out.
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>

#include "cli/exit_code.h"
#include "cli/session.h"
#include "cli/site_actions.h"
#include "preflight/site_init.h"

namespace raykeep::cli {
namespace {

using control::Access;
using control::awaitable;

/// "x": a file that is there is somebody's work.
void write_new_file(const std::string& path, const std::string& text) {
  std::FILE* file = std::fopen(path.c_str(), "wxe");
  if (file == nullptr) {
    throw Failure(Failure::Kind::invalid,
                  errno == EEXIST
                      ? fmt::format("{} is there already and is left as it is; choose another name "
                                    "for -o, or remove it",
                                    path)
                      : fmt::format("{}: {}", path, std::strerror(errno)));
  }
  bool good = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  good = std::fclose(file) == 0 && good;
  if (!good)
    throw Failure(Failure::Kind::invalid, fmt::format("{}: {}", path, std::strerror(errno)));
}

awaitable<int> init(const Access& access, std::string ns, std::string path) {
  preflight::SiteFacts facts = co_await preflight::look_around(access, std::move(ns));
  const std::string text = preflight::site_text(facts);
  if (path.empty()) {
    fmt::print("{}", text);
  } else {
    write_new_file(path, text);
    fmt::print(stderr,
               "wrote {}; next: fill in its TODO(you), then raykeep site preflight -f "
               "DOCUMENT --site {}\n",
               path, path);
  }
  co_return ExitCode::done;
}

}  // namespace

int site_init(const SiteArguments& arguments) {
  kube::Config config = connection_config(arguments.connection);
  return run_session(
      config, arguments.connection.request_timeout,
      [&](const Access& access) { return init(access, config.ns, arguments.output_word); },
      "nothing was written");
}

}  // namespace raykeep::cli
