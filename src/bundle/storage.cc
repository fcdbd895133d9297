#include "bundle/storage.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "oci/digest.h"

namespace raykeep::bundle {
namespace {

constexpr std::size_t most_parts = 999;
constexpr std::size_t copy_size = 1u << 20;

Failure failed(std::string_view doing, const std::string& path, int number) {
  std::string why = std::strerror(number);
  if (number == ENOSPC || number == EDQUOT) why += "; free some space and run it again";
  return Failure(Failure::Kind::invalid,
                 fmt::format("{} {}: {}", doing, raykeep::quoted(path), why));
}

std::uint64_t size_of(const Handle& file, const std::string& path) {
  struct stat seen{};
  if (fstat(file.get(), &seen) != 0) throw failed("look at", path, errno);
  if (!S_ISREG(seen.st_mode))
    throw Failure(Failure::Kind::invalid,
                  fmt::format("{} is no plain file", raykeep::quoted(path)));
  return static_cast<std::uint64_t>(seen.st_size);
}

void read_all(int file, std::uint64_t offset, char* data, std::size_t size,
              const std::string& path) {
  while (size > 0) {
    const ssize_t count = pread(file, data, size, static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      throw Failure(Failure::Kind::disconnected,
                    fmt::format("read {} at byte {}: {}", raykeep::quoted(path), offset,
                                count == 0 ? "it has become shorter" : std::strerror(errno)));
    }
    data += count;
    offset += static_cast<std::uint64_t>(count);
    size -= static_cast<std::size_t>(count);
  }
}

void write_all(int file, std::uint64_t offset, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t count = pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw failed("write", path, errno);
    offset += static_cast<std::uint64_t>(count);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::string part_name(const std::string& path, std::size_t number) {
  return fmt::format("{}.{:03}", path, number);
}

void rename_to(const std::string& from, const std::string& to) {
  if (rename(from.c_str(), to.c_str()) != 0) throw failed("rename to", to, errno);
}

/// The names in a folder are on the disk, too.
void sync_folder_of(const std::string& path) {
  const std::string folder = std::filesystem::absolute(path).parent_path();
  const Handle handle(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (handle.get() >= 0) fsync(handle.get());
}

}  // namespace

Handle::~Handle() {
  if (descriptor_ >= 0) close(descriptor_);
}
Handle::Handle(Handle&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
Handle& Handle::operator=(Handle&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

Source::Source(const std::string& path) : path_(path) {
  auto add = [&](const std::string& part) {
    Handle file(open(part.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.get() < 0) return false;
    const std::uint64_t size = size_of(file, part);
    parts_.push_back({part, std::move(file), size_, size});
    size_ += size;
    return true;
  };
  if (path_.ends_with(".001")) path_.resize(path_.size() - 4);
  if (path_ == path && add(path_)) return;
  const int why = errno;
  for (std::size_t number = 1; number <= most_parts && add(part_name(path_, number)); ++number) {
  }
  if (parts_.empty()) throw failed("open", path, why);
}

const Source::Part& Source::part_of(std::uint64_t offset) const {
  auto after = std::ranges::upper_bound(parts_, offset, {}, &Part::first);
  return after == parts_.begin() ? *after : *std::prev(after);
}

void Source::read(std::uint64_t offset, char* data, std::size_t size) const {
  while (size > 0) {
    const Part& part = part_of(offset);
    const std::uint64_t within = offset - part.first;
    const std::uint64_t rest = part.size > within ? part.size - within : 0;
    if (rest == 0) {
      throw Failure(Failure::Kind::disconnected,
                    fmt::format("read {}: it ends at byte {}", raykeep::quoted(path_), size_));
    }
    const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(rest, size));
    read_all(part.file.get(), within, data, count, part.path);
    data += count;
    offset += count;
    size -= count;
  }
}

std::string Source::read(std::uint64_t offset, std::size_t size) const {
  std::string bytes(size, '\0');
  read(offset, bytes.data(), size);
  return bytes;
}

std::string Source::place_of(std::uint64_t offset) const {
  if (parts_.size() == 1) return fmt::format("byte {}", offset);
  const Part& part = part_of(offset);
  return fmt::format("{}, byte {}", std::filesystem::path(part.path).filename().string(),
                     offset - part.first);
}

Target::Target(std::string path, std::uint64_t size)
    : path_(std::move(path)), partial_(path_ + ".partial") {
  file_ = Handle(open(partial_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (file_.get() < 0) throw failed("make", partial_, errno);
  if (flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
    throw Failure(Failure::Kind::invalid,
                  fmt::format("{} is being written by another run", raykeep::quoted(partial_)));
  }
  struct stat seen{};
  struct statvfs disk{};
  if (fstat(file_.get(), &seen) != 0 || fstatvfs(file_.get(), &disk) != 0)
    throw failed("look at", partial_, errno);
  const std::uint64_t there = static_cast<std::uint64_t>(seen.st_blocks) * 512;
  const std::uint64_t free = disk.f_bavail * disk.f_frsize;
  if (size > there && size - there > free) {
    throw Failure(Failure::Kind::invalid,
                  fmt::format("make {}: it takes {} MiB more, and the disk has {} MiB free",
                              raykeep::quoted(path_), (size - there) >> 20, free >> 20));
  }
}

void Target::write(std::uint64_t offset, std::string_view bytes) {
  write_all(file_.get(), offset, bytes, partial_);
}

void Target::read(std::uint64_t offset, char* data, std::size_t size) const {
  read_all(file_.get(), offset, data, size, partial_);
}

std::uint64_t Target::written_from(std::uint64_t offset, std::uint64_t size) const {
  // Blocks that nobody has written are holes. The last block before a hole may be half full.
  constexpr std::uint64_t block = 4096;
  struct stat seen{};
  if (fstat(file_.get(), &seen) != 0) return 0;
  const auto end = static_cast<std::uint64_t>(seen.st_size);
  if (offset >= end) return 0;
  const off_t hole = lseek(file_.get(), static_cast<off_t>(offset), SEEK_HOLE);
  if (hole < 0) return 0;
  const auto first_hole = static_cast<std::uint64_t>(hole);
  if (first_hole >= offset + size) return size;
  if (first_hole == end) return end - offset;  // what was written last
  const std::uint64_t sure = first_hole / block * block;
  return sure < offset + block ? 0 : sure - block - offset;
}

std::vector<std::string> Target::split(std::uint64_t size, std::uint64_t part_size) {
  std::vector<std::string> paths;
  std::string sums, buffer(copy_size, '\0');
  for (std::uint64_t at = 0; at < size;) {
    const std::string path = part_name(path_, paths.size() + 1);
    if (paths.size() == most_parts)
      throw Failure(Failure::Kind::invalid, "the parts are too many: choose a larger --split");
    const Handle part(open((path + ".partial").c_str(),
                           O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666));
    if (part.get() < 0) throw failed("make", path, errno);
    oci::Hasher hasher;
    const std::uint64_t end = std::min(size, at + part_size);
    for (std::uint64_t from = at; at < end;) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(copy_size, end - at));
      read(at, buffer.data(), count);
      hasher.add({buffer.data(), count});
      write_all(part.get(), at - from, {buffer.data(), count}, path);
      at += count;
    }
    if (fsync(part.get()) != 0) throw failed("write", path, errno);
    const std::string name = std::filesystem::path(path).filename();
    sums += fmt::format("{}  {}\n", hasher.finish().hex(), name);
    paths.push_back(path);
  }
  for (const std::string& path : paths) rename_to(path + ".partial", path);
  const std::string list = path_ + ".sha256";
  const Handle file(open(list.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (file.get() < 0) throw failed("make", list, errno);
  write_all(file.get(), 0, sums, list);
  paths.push_back(list);
  unlink(partial_.c_str());
  return paths;
}

std::vector<std::string> Target::finish(std::uint64_t size, std::uint64_t part_size) {
  if (ftruncate(file_.get(), static_cast<off_t>(size)) != 0 || fsync(file_.get()) != 0)
    throw failed("write", partial_, errno);
  std::vector<std::string> paths;
  if (part_size > 0 && size > part_size) {
    paths = split(size, part_size);
  } else {
    rename_to(partial_, path_);
    paths = {path_};
  }
  sync_folder_of(path_);
  return paths;
}

}  // namespace raykeep::bundle
