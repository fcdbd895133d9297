// What a Ray runtime environment loads when a job or an application starts (Ray's
// python/ray/runtime_env/runtime_env.py), for Sites where there is nothing to load it from.
#pragma once

#include <string>
#include <vector>

#include "base/finding.h"
#include "doc/document.h"

namespace raykeep::spec {

/// One thing that is loaded.
struct RuntimeDownload {
  std::string field;   // "pip", "working_dir", "py_modules[1]"
  std::string what;    // "packages", "https://..."
  std::string remedy;  // the way round
};

/// Everything that `runtime_env` (a map, as Ray's API takes it) would load over the network.
/// Folders and files of the image are none of it, nor what a submitter has uploaded to the head
/// (gcs://).
std::vector<RuntimeDownload> runtime_downloads(const doc::Object& runtime_env);

/// RK2500 for each of them in a RayService's or a RayJob's document, for a Site with no way out;
/// and for models that Ray Serve LLM would load from a hub.
Findings runtime_env_findings(const doc::Document& document);

}  // namespace raykeep::spec
