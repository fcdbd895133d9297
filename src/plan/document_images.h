// Which images a document names, whatever its kind: for what must be carried into a Site before
// anything runs there.
#pragma once

#include <set>
#include <string>

#include "doc/json.h"
#include "spec/site.h"

namespace raykeep::plan {

/// Adds every image that `document` names, as it is written there: of containers of all sorts,
/// wherever a pod template stands (RayCluster, RayService, RayJob, RayCronJob, Deployment, a List),
/// of KubeRay's autoscaler, and of image volumes.
void add_document_images(const doc::Value& document, std::set<std::string>& images);

/// What Raykeep adds of its own: the agent's image, and that of a managed Redis where the Site has
/// one.
void add_site_images(const spec::Site& site, std::set<std::string>& images);

}  // namespace raykeep::plan
