// A small bundle for tests: one image of two layers, one file.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include <unistd.h>

#include <fmt/format.h>

#include "bundle/contents.h"
#include "bundle/key.h"
#include "bundle/layout.h"

namespace raykeep::bundle::testing {

using Bytes = std::map<oci::Digest, std::string>;

inline std::string described(const std::string& type, const std::string& content) {
  return fmt::format(R"({{"mediaType":"{}","digest":"{}","size":{}}})", type,
                     oci::Digest::of(content).text(), content.size());
}

struct Example {
  Contents contents;
  Bytes bytes;

  Blob add(const std::string& content) {
    const Blob blob{oci::Digest::of(content), content.size()};
    bytes.emplace(blob.digest, content);
    contents.blobs.push_back(blob);
    return blob;
  }
};

inline constexpr char manifest_type[] = "application/vnd.oci.image.manifest.v1+json";
inline constexpr char layer_type[] = "application/vnd.oci.image.layer.v1.tar";

inline Example example() {
  Example made;
  made.contents.made_by = "raykeep test";
  made.contents.created = "2026-01-01T00:00:00Z";
  const std::string config = R"({"architecture":"amd64","os":"linux"})";
  const std::string one(3000, 'a'), two = "the second layer";
  for (const std::string& each : {config, one, two}) made.add(each);
  const std::string manifest =
      fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","config":{},"layers":[{},{}]}})",
                  manifest_type, described("application/vnd.oci.image.config.v1+json", config),
                  described(layer_type, one), described(layer_type, two));
  const Blob root = made.add(manifest);
  made.contents.images.push_back({.reference = "a/b:1",
                                  .source = "docker.io/a/b:1",
                                  .digest = root.digest,
                                  .media_type = manifest_type,
                                  .size = root.size,
                                  .platforms = {"linux/amd64"}});
  const Blob site = made.add("kind: Site\n");
  made.contents.files.push_back({File::Kind::site, "site.yaml", site.digest, site.size});
  normalise(made.contents);
  return made;
}

/// All bytes of the bundle.
inline std::string written(const Example& example, const PrivateKey* key) {
  const std::string list = write_contents(example.contents);
  std::string made;
  for (const Piece& piece :
       layout_of(example.contents, list, key == nullptr ? "" : key->sign(list)).pieces) {
    const Blob* blob = std::get_if<Blob>(&piece.what);
    made += blob == nullptr ? std::get<std::string>(piece.what) : example.bytes.at(blob->digest);
  }
  return made;
}

/// A folder of its own, gone at the end.
class Folder {
 public:
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "bundle-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name, const std::string& bytes) const {
    const std::string path = path_ / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace raykeep::bundle::testing
