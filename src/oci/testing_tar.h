// Tars for tests, written by hand: what no tool would write can be written too.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace raykeep::oci::testing {

struct Entry {
  std::string_view path = {};
  std::string_view content = {};
  char type = '0';
  std::string_view target = {};
  unsigned mode = 0644;
};

inline std::string padded(std::string_view content) {
  std::string made(content);
  made.resize((made.size() + 511) / 512 * 512, '\0');
  return made;
}

/// One entry, with ustar's header. Requires: names of at most 100 bytes.
inline std::string tar_entry(const Entry& entry) {
  std::string header(512, '\0');
  auto put = [&](std::size_t at, std::string_view text) { header.replace(at, text.size(), text); };
  auto put_octal = [&](std::size_t at, std::size_t width, std::uint64_t value) {
    for (std::size_t i = width; i-- > 0; value >>= 3) {
      header[at + i] = static_cast<char>('0' + (value & 7));
    }
  };
  put(0, entry.path);
  put_octal(100, 7, entry.mode);
  put_octal(108, 7, 0);
  put_octal(116, 7, 0);
  put_octal(124, 11, entry.content.size());
  put_octal(136, 11, 0);
  header[156] = entry.type;
  put(157, entry.target);
  put(257, std::string_view("ustar\0"
                            "00",
                            8));
  put(148, "        ");
  std::uint64_t sum = 0;
  for (char c : header) sum += static_cast<unsigned char>(c);
  put_octal(148, 6, sum);
  header[154] = '\0';
  return header + padded(entry.content);
}

inline std::string tar_of(std::initializer_list<Entry> entries) {
  std::string made;
  for (const Entry& each : entries) made += tar_entry(each);
  return made.append(1024, '\0');
}

/// A pax header's record.
inline std::string pax(std::string_view key, std::string_view value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t length = rest + 1;
  while (std::to_string(length).size() + rest != length) ++length;
  return std::to_string(length) + ' ' + std::string(key) + '=' + std::string(value) + '\n';
}

}  // namespace raykeep::oci::testing
