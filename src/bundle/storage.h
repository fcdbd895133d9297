// A bundle's bytes on disk: one file, or parts of it on several media (NAME.001, NAME.002, ...),
// seen as one. Not for more than one thread, but for read(), which any number may call.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace raykeep::bundle {

/// An open file descriptor.
class Handle {
 public:
  Handle() = default;
  explicit Handle(int descriptor) : descriptor_(descriptor) {}
  ~Handle();
  Handle(Handle&& other) noexcept;
  Handle& operator=(Handle&& other) noexcept;
  int get() const { return descriptor_; }

 private:
  int descriptor_ = -1;
};

class Source {
 public:
  /// `path` is a bundle, or the first of its parts. Throws Failure::invalid when it cannot be
  /// opened, is no plain file, or a part is missing.
  explicit Source(const std::string& path);

  std::uint64_t size() const { return size_; }

  /// Reads exactly `size` bytes. Throws Failure::disconnected, which names the part and the place,
  /// where the medium does not give them.
  void read(std::uint64_t offset, char* data, std::size_t size) const;
  std::string read(std::uint64_t offset, std::size_t size) const;

  /// "byte 1024", or with parts "x.002, byte 12".
  std::string place_of(std::uint64_t offset) const;
  const std::string& path() const { return path_; }

 private:
  struct Part {
    std::string path;
    Handle file;
    std::uint64_t first = 0;
    std::uint64_t size = 0;
  };
  const Part& part_of(std::uint64_t offset) const;

  std::string path_;
  std::vector<Part> parts_;
  std::uint64_t size_ = 0;
};

/// A bundle that is being made: NAME.partial, which becomes NAME when it is whole. What an earlier
/// run has written is there again.
class Target {
 public:
  /// Throws Failure::invalid where the file cannot be made, or the disk has no room for `size`
  /// bytes, or another run writes it.
  Target(std::string path, std::uint64_t size);

  void write(std::uint64_t offset, std::string_view bytes);
  void read(std::uint64_t offset, char* data, std::size_t size) const;

  /// How many bytes from `offset` on, at most `size`, an earlier run has surely written, as far as
  /// the file system tells (it may be too many: digests decide).
  std::uint64_t written_from(std::uint64_t offset, std::uint64_t size) const;

  /// Cuts to `size` bytes, brings all to the disk, and gives it its name; or, with `part_size`,
  /// the names of its parts, with NAME.sha256 for sha256sum -c. Gives the paths.
  std::vector<std::string> finish(std::uint64_t size, std::uint64_t part_size);

 private:
  std::vector<std::string> split(std::uint64_t size, std::uint64_t part_size);

  std::string path_;
  std::string partial_;
  Handle file_;
};

}  // namespace raykeep::bundle
