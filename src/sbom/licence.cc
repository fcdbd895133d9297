#include "sbom/licence.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace raykeep::sbom {
namespace {

// Of SPDX's list of licences, 3.x. Sorted.
constexpr auto known = std::to_array<std::string_view>({"0BSD",
                                                        "AFL-2.1",
                                                        "AFL-3.0",
                                                        "AGPL-3.0-only",
                                                        "AGPL-3.0-or-later",
                                                        "Apache-1.1",
                                                        "Apache-2.0",
                                                        "Artistic-1.0",
                                                        "Artistic-1.0-Perl",
                                                        "Artistic-2.0",
                                                        "BSD-1-Clause",
                                                        "BSD-2-Clause",
                                                        "BSD-2-Clause-Patent",
                                                        "BSD-3-Clause",
                                                        "BSD-3-Clause-LBNL",
                                                        "BSD-4-Clause",
                                                        "BSL-1.0",
                                                        "CC-BY-3.0",
                                                        "CC-BY-4.0",
                                                        "CC-BY-SA-3.0",
                                                        "CC-BY-SA-4.0",
                                                        "CC0-1.0",
                                                        "CDDL-1.0",
                                                        "CNRI-Python",
                                                        "EPL-1.0",
                                                        "EPL-2.0",
                                                        "EUPL-1.2",
                                                        "FTL",
                                                        "GFDL-1.3-only",
                                                        "GFDL-1.3-or-later",
                                                        "GPL-1.0-only",
                                                        "GPL-1.0-or-later",
                                                        "GPL-2.0-only",
                                                        "GPL-2.0-or-later",
                                                        "GPL-3.0-only",
                                                        "GPL-3.0-or-later",
                                                        "HPND",
                                                        "ICU",
                                                        "IJG",
                                                        "ISC",
                                                        "JSON",
                                                        "LGPL-2.0-only",
                                                        "LGPL-2.0-or-later",
                                                        "LGPL-2.1-only",
                                                        "LGPL-2.1-or-later",
                                                        "LGPL-3.0-only",
                                                        "LGPL-3.0-or-later",
                                                        "Libpng",
                                                        "MIT",
                                                        "MIT-0",
                                                        "MIT-CMU",
                                                        "MPL-1.1",
                                                        "MPL-2.0",
                                                        "NCSA",
                                                        "OFL-1.1",
                                                        "OLDAP-2.8",
                                                        "OpenSSL",
                                                        "PHP-3.01",
                                                        "PSF-2.0",
                                                        "PostgreSQL",
                                                        "Python-2.0",
                                                        "Python-2.0.1",
                                                        "Ruby",
                                                        "SGI-B-2.0",
                                                        "SMLNJ",
                                                        "Sleepycat",
                                                        "TCL",
                                                        "UPL-1.0",
                                                        "Unicode-3.0",
                                                        "Unicode-DFS-2016",
                                                        "Unlicense",
                                                        "Vim",
                                                        "W3C",
                                                        "WTFPL",
                                                        "X11",
                                                        "ZPL-2.1",
                                                        "Zlib",
                                                        "blessing",
                                                        "bzip2-1.0.6",
                                                        "curl",
                                                        "libtiff",
                                                        "zlib-acknowledgement"});
constexpr auto exceptions = std::to_array<std::string_view>(
    {"Autoconf-exception-3.0", "Bison-exception-2.2", "Classpath-exception-2.0",
     "GCC-exception-3.1", "LLVM-exception", "Linux-syscall-note", "OpenSSL-exception"});

/// Reads by the grammar of SPDX 2.3, annex D, which has no empty parts.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) { step(); }

  bool is_expression() { return either() && token_.empty(); }

 private:
  bool either() {
    for (depth_ += 1; depth_ < 20;) {
      if (!one()) return false;
      if (token_ != "AND" && token_ != "OR") {
        depth_ -= 1;
        return true;
      }
      step();
    }
    return false;
  }

  bool one() {
    if (token_ == "(") {
      step();
      if (!either() || token_ != ")") return false;
      step();
      return true;
    }
    if (!std::ranges::binary_search(known, token_)) return false;
    step();
    if (token_ != "WITH") return true;
    step();
    if (!std::ranges::binary_search(exceptions, token_)) return false;
    step();
    return true;
  }

  void step() {
    text_.remove_prefix(std::min(text_.find_first_not_of(' '), text_.size()));
    std::size_t size = text_.find_first_of(" ()");
    if (size == 0) size = 1;
    token_ = text_.substr(0, size);
    text_.remove_prefix(token_.size());
  }

  std::string_view text_;
  std::string_view token_ = {};
  int depth_ = 0;
};

}  // namespace

std::optional<std::string> spdx_expression(std::string_view text) {
  text = trim(text);
  if (text.size() > 1000 || !Reader(text).is_expression()) return std::nullopt;
  return std::string(text);
}

}  // namespace raykeep::sbom
