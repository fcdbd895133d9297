// The actions of `raykeep site` that ask a cluster.
#pragma once

#include "cli/arguments.h"

namespace raykeep::cli {

int site_init(const SiteArguments& arguments);
int site_preflight(const SiteArguments& arguments);

}  // namespace raykeep::cli
