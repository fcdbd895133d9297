#include "cli/input.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/codes.h"
#include "doc/document.h"
#include "spec/images_lock.h"
#include "spec/runtime_env.h"

namespace raykeep::cli {
namespace {

bool is_ray_kind(std::string_view api_version) { return api_version.starts_with("ray.io/"); }

Finding finding_at(const doc::Document& document, std::string_view pointer, Severity severity,
                   std::string_view code, std::string what, std::string remedy) {
  std::string path = pointer.empty() ? "" : std::string(pointer.substr(1));
  std::ranges::replace(path, '/', '.');
  return {severity, std::string(code), document.place(pointer),
          path,     std::move(what),   std::move(remedy)};
}

void append(Findings& to, Findings&& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

/// Two documents of one name would overwrite each other's objects.
void refuse_double(const doc::Document& document, const std::string& ns, const std::string& name,
                   Input& input) {
  bool taken = std::ranges::any_of(input.clusters, [&](const spec::RayCluster& earlier) {
    return earlier.ns == ns && earlier.name == name;
  });
  taken |= std::ranges::any_of(input.services, [&](const ServiceInput& earlier) {
    return earlier.service.ns == ns && earlier.service.name == name;
  });
  if (!taken) return;
  input.findings.push_back(
      finding_at(document, "/metadata/name", Severity::error, codes::double_name,
                 fmt::format("an earlier document is named {}, too", quoted(name)),
                 "give each cluster and RayService a name of its own"));
}

void take_document(doc::Document document, Input& input) {
  std::string_view api_version = doc::find_string(document.value, {"apiVersion"});
  std::string_view kind = doc::find_string(document.value, {"kind"});
  if (kind.empty() || api_version.empty()) {
    input.findings.push_back(finding_at(
        document, "", Severity::error, codes::no_kind, "the document has no apiVersion and kind",
        "begin it with \"apiVersion: ray.io/v1\" and \"kind: RayCluster\""));
  } else if (is_ray_kind(api_version) && kind == "RayCluster") {
    spec::ParsedRayCluster parsed = spec::parse_ray_cluster(document);
    bool sound = !has_errors(parsed.findings);
    append(input.findings, std::move(parsed.findings));
    if (!sound || !parsed.cluster) return;
    refuse_double(document, parsed.cluster->ns, parsed.cluster->name, input);
    input.clusters.push_back(std::move(*parsed.cluster));
    input.documents.push_back(std::move(document));
  } else if (is_ray_kind(api_version) && kind == spec::ray_service_kind) {
    if (input.site.air_gapped) append(input.findings, spec::runtime_env_findings(document));
    spec::ParsedRayService parsed = spec::parse_ray_service(document);
    bool sound = !has_errors(parsed.findings);
    append(input.findings, std::move(parsed.findings));
    if (!sound || !parsed.service) return;
    refuse_double(document, parsed.service->ns, parsed.service->name, input);
    input.services.push_back({std::move(*parsed.service), std::move(document)});
  } else if (is_ray_kind(api_version)) {
    if (input.site.air_gapped) append(input.findings, spec::runtime_env_findings(document));
    input.findings.push_back(finding_at(
        document, "/kind", Severity::error, codes::kind_to_come,
        fmt::format("Raykeep does not run a {} yet", kind),
        "write a RayCluster or a RayService, and leave this document to KubeRay until then"));
  } else if (kind == "Site" && api_version.starts_with("raykeep.io/")) {
    input.findings.push_back(
        finding_at(document, "/kind", Severity::error, codes::site_among_documents,
                   "a Site is not a document to run", "give its file with --site"));
  } else {
    input.findings.push_back(finding_at(document, "/kind", Severity::notice, codes::foreign_kind,
                                        fmt::format("Raykeep passes this {} by", kind),
                                        "apply it with kubectl if the cluster needs it"));
  }
}

/// The one document of a file of `kind`.
std::optional<doc::Document> one_document(const std::string& file, std::string_view kind,
                                          Findings& findings) {
  doc::ReadResult read = doc::read_file(file);
  const bool sound = !has_errors(read.findings);
  append(findings, std::move(read.findings));
  if (read.documents.size() == 1) return std::move(read.documents[0]);
  if (sound) {
    findings.push_back({Severity::error,
                        std::string(codes::not_one_site),
                        {file, 1, 1},
                        "",
                        fmt::format("a file of kind {} holds one document, this one {}", kind,
                                    read.documents.size()),
                        fmt::format("give a file with one document of kind {}", kind)});
  }
  return std::nullopt;
}

/// The digests of images.lock, written into the Site's document.
void take_lock(const std::string& file, doc::Document& site, Findings& findings) {
  std::optional<doc::Document> document = one_document(file, "ImagesLock", findings);
  if (!document) return;
  spec::ParsedImagesLock parsed = spec::parse_images_lock(*document);
  const bool sound = !has_errors(parsed.findings);
  append(findings, std::move(parsed.findings));
  if (sound) append(findings, spec::lock_site(parsed.lock, file, site));
}

void take_site(const InputArguments& arguments, Input& input) {
  std::optional<doc::Document> document = one_document(arguments.site, "Site", input.findings);
  if (!document) return;
  if (!arguments.images_lock.empty()) take_lock(arguments.images_lock, *document, input.findings);
  spec::ParsedSite parsed = spec::parse_site(*document);
  append(input.findings, std::move(parsed.findings));
  if (parsed.site) input.site = std::move(*parsed.site);
}

}  // namespace

Input read_input(const InputArguments& arguments) {
  Input input;
  input.site = spec::default_site();
  if (!arguments.site.empty()) {
    take_site(arguments, input);
  } else if (!arguments.images_lock.empty()) {
    input.findings.push_back({Severity::error,
                              std::string(codes::lock_without_site),
                              {arguments.images_lock, 0, 0},
                              "",
                              "images.lock belongs to a Site, and no Site is given",
                              "give its file with --site"});
  }
  bool any_ray = false;
  for (const std::string& file : arguments.files) {
    doc::ReadResult read = doc::read_file(file);
    append(input.findings, std::move(read.findings));
    for (doc::Document& document : read.documents) {
      any_ray |= is_ray_kind(doc::find_string(document.value, {"apiVersion"}));
      take_document(std::move(document), input);
    }
  }
  if (!any_ray && !has_errors(input.findings) && !arguments.files.empty()) {
    input.findings.push_back({Severity::error,
                              std::string(codes::nothing_to_run),
                              {arguments.files[0], 1, 1},
                              "",
                              "there is no RayCluster or RayService here",
                              "give a file with a document of one of these kinds"});
  }
  sort_by_place(input.findings);
  return input;
}

std::vector<plan::Plan> plans_of(Input& input, const std::string& ns, const std::string& fallback,
                                 plan::PlanOptions options) {
  std::vector<plan::Plan> plans;
  auto choose = [&](const std::string& of_document) {
    options.ns = !ns.empty() ? ns : of_document.empty() ? fallback : "";
  };
  for (const ServiceInput& each : input.services) {
    choose(each.service.ns);
    const std::string name = plan::cluster_name(each.service, input.site, options);
    input.clusters.push_back(spec::cluster_named(each.service, name));
    input.documents.push_back(spec::cluster_document(each.document, name));
  }
  for (const spec::RayCluster& cluster : input.clusters) {
    choose(cluster.ns);
    plans.push_back(plan::plan(cluster, input.site, options));
    Findings found = plans.back().findings;
    append(input.findings, std::move(found));
  }
  sort_by_place(input.findings);
  return plans;
}

std::vector<plan::ServicePlan> service_plans_of(const Input& input, const std::string& ns,
                                                const std::string& fallback) {
  std::vector<plan::ServicePlan> plans;
  for (const ServiceInput& each : input.services) {
    const std::string chosen = !ns.empty() ? ns : each.service.ns.empty() ? fallback : "";
    plans.push_back(plan::plan_service(each.service, input.site,
                                       {.ns = chosen, .generation = "", .token = ""}));
  }
  return plans;
}

}  // namespace raykeep::cli
