// raykeep schema: the JSON Schema of what Raykeep reads.
#include <cctype>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "spec/schema.h"

namespace raykeep::cli {

int run(const SchemaArguments& arguments) {
  bool site = std::tolower(static_cast<unsigned char>(arguments.kind.at(0))) == 's';
  fmt::print("{}", doc::write_json_pretty(spec::schema(site ? "Site" : "RayCluster")));
  return ExitCode::done;
}

}  // namespace raykeep::cli
