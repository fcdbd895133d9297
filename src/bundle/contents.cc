#include "bundle/contents.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "doc/json.h"

namespace raykeep::bundle {
namespace {

constexpr std::array<std::pair<File::Kind, std::string_view>, 4> kinds{{
    {File::Kind::document, "document"},
    {File::Kind::site, "site"},
    {File::Kind::program, "program"},
    {File::Kind::file, "file"},
}};
constexpr std::size_t longest_text = 512;
constexpr std::uint64_t largest_blob = std::uint64_t{1} << 42;  // 4 TiB

doc::Object blob_object(const Blob& blob) {
  return {{"digest", blob.digest.text()}, {"size", blob.size}};
}

doc::Array blob_array(const std::vector<Blob>& blobs) {
  doc::Array made;
  for (const Blob& each : blobs) made.push_back(blob_object(each));
  return made;
}

doc::Object image_object(const Image& image) {
  doc::Object made{{"reference", image.reference},
                   {"source", image.source},
                   {"digest", image.digest.text()},
                   {"mediaType", image.media_type},
                   {"size", image.size},
                   {"platforms", doc::Array(image.platforms.begin(), image.platforms.end())}};
  doc::Array bills;
  for (const Bill& each : image.bills) {
    bills.push_back(doc::Object{{"platform", each.platform},
                                {"spdx", each.spdx.text()},
                                {"cyclonedx", each.cyclonedx.text()}});
  }
  made["bills"] = std::move(bills);
  return made;
}

/// Reads members of one object, and remembers the first thing that is wrong.
class Members {
 public:
  Members(const doc::Value& value, std::string& wrong) : wrong_(wrong) {
    object_ = value.if_object();
    if (object_ == nullptr) fail("an entry is no object");
  }

  std::string text(std::string_view key) {
    const doc::Value* value = member(key);
    const boost::json::string* text = value == nullptr ? nullptr : value->if_string();
    if (text == nullptr) return fail(fmt::format("{} is missing", key)), "";
    std::string made(*text);
    const bool plain = std::ranges::all_of(made, [](unsigned char c) { return c >= 0x20; });
    if (made.empty() || made.size() > longest_text || !plain || !is_valid_utf8(made))
      fail(fmt::format("{} is empty, too long or has control characters", key));
    return made;
  }
  oci::Digest digest(std::string_view key) {
    Result<oci::Digest> made = oci::Digest::parse(text(key));
    if (!made) fail(fmt::format("{} {}", key, made.error().text));
    return made.value_or(oci::Digest::of({}));
  }
  std::optional<oci::Digest> digest_if_any(std::string_view key) {
    if (member(key) == nullptr) return std::nullopt;
    return digest(key);
  }
  std::uint64_t size(std::string_view key) {
    const doc::Value* value = member(key);
    const bool whole = value != nullptr && value->is_int64() && value->get_int64() >= 0;
    if (!whole || static_cast<std::uint64_t>(value->get_int64()) > largest_blob)
      return fail(fmt::format("{} is no size", key)), 0;
    return static_cast<std::uint64_t>(value->get_int64());
  }
  const doc::Array& list(std::string_view key) {
    static const doc::Array none;
    const doc::Value* value = member(key);
    if (value == nullptr || !value->is_array())
      return fail(fmt::format("{} is no list", key)), none;
    return value->get_array();
  }
  const doc::Value* member(std::string_view key) const {
    return object_ == nullptr ? nullptr : object_->if_contains(key);
  }

 private:
  void fail(std::string why) {
    if (wrong_.empty()) wrong_ = std::move(why);
  }

  const doc::Object* object_ = nullptr;
  std::string& wrong_;
};

std::vector<Blob> read_blobs(const doc::Array& list, std::string& wrong) {
  std::vector<Blob> made;
  for (const doc::Value& each : list) {
    Members members(each, wrong);
    made.push_back({members.digest("digest"), members.size("size")});
  }
  return made;
}

Image read_image(const doc::Value& value, std::string& wrong) {
  Members members(value, wrong);
  Image made{.reference = members.text("reference"),
             .source = members.text("source"),
             .digest = members.digest("digest"),
             .media_type = members.text("mediaType"),
             .size = members.size("size"),
             .platforms = {},
             .bills = {}};
  for (const doc::Value& each : members.list("bills")) {
    Members bill(each, wrong);
    made.bills.push_back({bill.text("platform"), bill.digest("spdx"), bill.digest("cyclonedx")});
  }
  for (const doc::Value& each : members.list("platforms")) {
    const boost::json::string* text = each.if_string();
    made.platforms.emplace_back(text == nullptr ? "" : std::string(*text));
  }
  return made;
}

/// A name that is safe as a file's in any folder.
bool is_safe_name(std::string_view name) {
  return name != "." && name != ".." && name.find_first_of("/\\") == std::string_view::npos;
}

File read_file(const doc::Value& value, std::string& wrong) {
  Members members(value, wrong);
  const std::string kind = members.text("kind");
  auto known = std::ranges::find(kinds, kind, &std::pair<File::Kind, std::string_view>::second);
  if (known == kinds.end() && wrong.empty()) wrong = fmt::format("{} is no kind of file", kind);
  File made{.kind = known == kinds.end() ? File::Kind::file : known->first,
            .name = members.text("name"),
            .digest = members.digest("digest"),
            .size = members.size("size")};
  if (!is_safe_name(made.name) && wrong.empty())
    wrong = fmt::format("{} is no file's name", quoted(made.name));
  return made;
}

auto key_of(const File& file) { return std::pair(file.kind, file.name); }

/// The sizes that are said twice agree, and nothing is both here and absent.
std::string contradiction_in(const Contents& contents) {
  std::uint64_t sum = 0;
  for (const std::vector<Blob>* list : {&contents.blobs, &contents.made, &contents.absent}) {
    for (const Blob& each : *list) {
      sum += each.size;
      const bool twice = (list != &contents.blobs && find_blob(contents.blobs, each.digest)) ||
                         (list == &contents.absent && find_blob(contents.made, each.digest));
      if (twice) return fmt::format("{} is listed twice", each.digest.text());
    }
  }
  if (sum > largest_blob) return "the blobs have more than 4 TiB in all";
  auto wants = [&](const oci::Digest& digest, std::optional<std::uint64_t> size,
                   bool may_be_absent) -> std::string {
    const Blob* there = find_blob(contents.blobs, digest);
    if (there == nullptr) there = find_blob(contents.made, digest);
    if (there == nullptr && may_be_absent) there = find_blob(contents.absent, digest);
    if (there == nullptr) return fmt::format("{} is named and not listed", digest.text());
    if (size && there->size != *size)
      return fmt::format("{} is listed with two sizes", digest.text());
    return "";
  };
  for (const Image& each : contents.images) {
    if (std::string wrong = wants(each.digest, each.size, true); !wrong.empty()) return wrong;
    for (const Bill& bill : each.bills) {
      for (const oci::Digest& digest : {bill.spdx, bill.cyclonedx}) {
        if (std::string wrong = wants(digest, std::nullopt, false); !wrong.empty()) return wrong;
      }
    }
  }
  for (const File& each : contents.files) {
    if (std::string wrong = wants(each.digest, each.size, false); !wrong.empty()) return wrong;
  }
  if (!contents.absent.empty() && !contents.base) return "blobs are absent, and no base is named";
  return "";
}

}  // namespace

std::string_view to_string(File::Kind kind) {
  return std::ranges::find(kinds, kind, &std::pair<File::Kind, std::string_view>::first)->second;
}

const Blob* find_blob(const std::vector<Blob>& blobs, const oci::Digest& digest) {
  auto found = std::ranges::lower_bound(blobs, digest, {}, &Blob::digest);
  return found == blobs.end() || found->digest != digest ? nullptr : &*found;
}

void normalise(Contents& contents) {
  auto tidy = [](auto& list, auto key) {
    std::ranges::sort(list, {}, key);
    auto more = std::ranges::unique(list, {}, key);
    list.erase(more.begin(), more.end());
  };
  tidy(contents.images, &Image::reference);
  for (Image& each : contents.images) tidy(each.bills, &Bill::platform);
  tidy(contents.files, key_of);
  for (std::vector<Blob>* list : {&contents.blobs, &contents.made, &contents.absent})
    tidy(*list, &Blob::digest);
}

std::string write_contents(const Contents& contents) {
  doc::Array images, files;
  for (const Image& each : contents.images) images.push_back(image_object(each));
  for (const File& each : contents.files) {
    files.push_back(doc::Object{{"kind", to_string(each.kind)},
                                {"name", each.name},
                                {"digest", each.digest.text()},
                                {"size", each.size}});
  }
  doc::Object made{{"version", 1}, {"madeBy", contents.made_by}, {"created", contents.created}};
  if (contents.base) made["base"] = contents.base->text();
  made["images"] = std::move(images);
  made["files"] = std::move(files);
  made["blobs"] = blob_array(contents.blobs);
  made["made"] = blob_array(contents.made);
  made["absent"] = blob_array(contents.absent);
  return doc::write_json(made) + '\n';
}

Result<Contents> parse_contents(std::string_view text) {
  Result<doc::Value> value =
      doc::parse_json(text, {.bytes = most_contents_bytes, .depth = 8, .nodes = 1'000'000});
  if (!value) return error("the contents list is no JSON: " + value.error().text);
  std::string wrong;
  Members members(*value, wrong);
  if (const doc::Value* version = members.member("version"); version == nullptr || *version != 1)
    return error("the contents list is not of version 1; a newer raykeep reads it");
  Contents made{.made_by = members.text("madeBy"),
                .created = members.text("created"),
                .base = members.digest_if_any("base"),
                .images = {},
                .files = {},
                .blobs = read_blobs(members.list("blobs"), wrong),
                .made = read_blobs(members.list("made"), wrong),
                .absent = read_blobs(members.list("absent"), wrong)};
  for (const doc::Value& each : members.list("images"))
    made.images.push_back(read_image(each, wrong));
  for (const doc::Value& each : members.list("files")) made.files.push_back(read_file(each, wrong));
  if (!wrong.empty()) return error("the contents list: " + wrong);
  Contents sorted = made;
  normalise(sorted);
  if (sorted != made) return error("the contents list is not sorted, or names something twice");
  // Unknown members, other spellings and white space would be bytes that nobody looks at.
  if (write_contents(made) != text) return error("the contents list is not as raykeep writes it");
  if (wrong = contradiction_in(made); !wrong.empty()) return error("the contents list: " + wrong);
  return made;
}

}  // namespace raykeep::bundle
