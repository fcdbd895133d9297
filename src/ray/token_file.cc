#include "ray/token_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <fmt/format.h>

#include "base/text.h"

namespace raykeep::ray {
namespace {

constexpr std::size_t most = 16 * 1024;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// Fails with errno's words.
Result<std::string> read_start(const std::string& path, std::size_t count) {
  std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "re"));
  if (!file) return error(std::strerror(errno));
  std::string bytes(count, '\0');
  bytes.resize(std::fread(bytes.data(), 1, count, file.get()));
  if (std::ferror(file.get())) return error(std::strerror(errno));
  return bytes;
}

}  // namespace

Result<Secret<std::string>> read_token(const std::string& path) {
  if (path.empty()) return Secret<std::string>();
  auto bytes = read_start(path, most + 1);
  if (!bytes) return error(fmt::format("read Ray's token from {}: {}", path, bytes.error().text));
  std::string_view token = trim(*bytes);
  token = trim(token.substr(0, token.find('\n')));
  if (token.empty()) return error(fmt::format("read Ray's token from {}: the file is empty", path));
  if (bytes->size() > most ||
      !std::ranges::all_of(token, [](char c) { return c > ' ' && c < 0x7f; })) {
    return error(fmt::format("read Ray's token from {}: that is not a token", path));
  }
  return Secret<std::string>(std::string(token));
}

}  // namespace raykeep::ray
