#include "cli/codes.h"

#include <fmt/format.h>

#include "spec/codes.h"

namespace raykeep::cli::codes {
namespace {

struct Meaning {
  std::string_view code;
  std::string_view text;
};

constexpr Meaning meanings[] = {
    {no_kind,
     "no kind. Kubernetes' documents say with apiVersion and kind what they are; this one does "
     "not."},
    {kind_to_come, "a kind of ray.io that Raykeep does not run yet. It runs RayCluster."},
    {foreign_kind, "passed by. The document is not Ray's; Raykeep neither needs nor applies it."},
    {site_among_documents,
     "a Site given with -f. A Site describes the place, not the workload; it is given with "
     "--site."},
    {not_one_site,
     "not one Site. The file given with --site must hold exactly one document, of kind Site."},
    {nothing_to_run, "nothing to run. None of the files holds a document of ray.io."},
    {double_name,
     "a name twice. Two clusters of one name in one namespace would write over each other's "
     "objects."},
};

std::string_view word_of(Severity severity) {
  return severity == Severity::error     ? "error"
         : severity == Severity::warning ? "warning"
                                         : "notice";
}

}  // namespace

std::string explain(std::string_view code) {
  for (const Meaning& meaning : meanings) {
    if (meaning.code == code) return std::string(meaning.text);
  }
  if (const spec::CodeInfo* info = spec::find_code(code))
    return fmt::format("{} ({}). {}", info->title, word_of(info->severity), info->meaning);
  return "";
}

}  // namespace raykeep::cli::codes
