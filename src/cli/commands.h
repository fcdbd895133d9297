// The subcommands: each takes its arguments as a value and returns the exit code. Failures are
// thrown and printed by main.
#pragma once

#include "cli/arguments.h"

namespace raykeep::cli {

int run(const CheckArguments& arguments);
int run(const RenderArguments& arguments);
int run(const DiffArguments& arguments);
int run(const UpArguments& arguments);
int run(const StatusArguments& arguments);
int run(const ServeArguments& arguments);
int run(const DownArguments& arguments);
int run(const ConnectArguments& arguments);
int run(const ControllerArguments& arguments);
int run(const DrillArguments& arguments);
int run(const VerifyArguments& arguments);
int run(const ReportArguments& arguments);
int run(const SchemaArguments& arguments);
int run(const SiteArguments& arguments);
int run(const BundleArguments& arguments);
int run(const CompletionArguments& arguments);
int run(const VersionArguments& arguments);
int run(const NodeArguments& arguments);
int run(const ProbeArguments& arguments);

}  // namespace raykeep::cli
