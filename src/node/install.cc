#include "node/install.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include <fmt/format.h>

#include "base/error.h"

namespace raykeep::node {
namespace {

class File {
 public:
  File(const std::string& path, int flags, mode_t mode = 0)
      : fd_(open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  File(const File&) = delete;
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

[[noreturn]] void fail(const std::string& target) {
  throw Failure(Failure::Kind::invalid,
                fmt::format("install {}: {}", target, std::strerror(errno)));
}

void copy(int from, int to, const std::string& target) {
  struct stat facts{};
  if (fstat(from, &facts) != 0) fail(target);
  for (off_t at = 0; at < facts.st_size;) {
    auto count = sendfile(to, from, &at, static_cast<std::size_t>(facts.st_size - at));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) fail(target);
  }
}

}  // namespace

void install(const std::string& folder) {
  auto target = folder + "/raykeep";
  auto part = fmt::format("{}/.raykeep.{}", folder, getpid());
  File from("/proc/self/exe", O_RDONLY);
  if (from.fd() < 0) fail(target);
  unlink(part.c_str());
  try {
    File to(part, O_WRONLY | O_CREAT | O_EXCL, 0700);
    if (to.fd() < 0) fail(target);
    copy(from.fd(), to.fd(), target);
    // Not by open's mode: the umask would take from it.
    if (fchmod(to.fd(), 0755) != 0 || fsync(to.fd()) != 0) fail(target);
    if (rename(part.c_str(), target.c_str()) != 0) fail(target);
  } catch (...) {
    unlink(part.c_str());
    throw;
  }
}

}  // namespace raykeep::node
