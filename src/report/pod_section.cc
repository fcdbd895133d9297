// What runs, and what it may do: pods, their settings, rights and images.
#include <fmt/format.h>

#include "base/text.h"
#include "report/describe.h"
#include "report/sections.h"
#include "report/table.h"

namespace raykeep::report {
namespace {

constexpr std::size_t most_names = 3;
constexpr std::size_t most_pods = 100;  // of a group, by name

void put_pods_of(Html& page, const doc::Value& running, std::string_view group) {
  for (const doc::Value& each : running.at("groups").as_array()) {
    if (doc::find_string(each, {"name"}) != group) continue;
    const doc::Array& pods = each.at("pods").as_array();
    std::vector<std::string> texts;
    for (const doc::Value& pod : pods) {
      if (texts.size() == most_pods) break;
      std::string_view node = doc::find_string(pod, {"node"});
      texts.push_back(fmt::format("{}: {}{}{}", doc::find_string(pod, {"name"}),
                                  doc::find_string(pod, {"stage"}), node.empty() ? "" : " on ",
                                  node));
    }
    if (pods.size() > most_pods)
      texts.push_back(fmt::format("and {} more: see the JSON", pods.size() - most_pods));
    put_list(page, texts, most_names, "pods");
  }
}

/// With the first digits of its digest: the list of images has all of them.
std::string short_image(std::string_view image) {
  constexpr std::string_view mark = "@sha256:";
  const std::size_t at = image.find(mark);
  if (at == std::string_view::npos || image.size() <= at + mark.size() + 12)
    return std::string(image);
  return fmt::format("{}\u2026", image.substr(0, at + mark.size() + 12));
}

std::string ready_text(const doc::Value& running, std::string_view group) {
  for (const doc::Value& each : running.at("groups").as_array()) {
    if (doc::find_string(each, {"name"}) == group)
      return fmt::format("{} of {} ready", count_of(each, "ready"), count_of(each, "desired"));
  }
  return "not there";
}

std::string yes_no(bool value) { return value ? "yes" : "no"; }

/// "RuntimeDefault", "user 1000"; what is not set is said.
std::string or_unset(std::string text) { return text.empty() ? "not set" : text; }

void put_container(Html& page, Table& table, const doc::Value& container) {
  auto text = [&container](std::string_view key) {
    return std::string(doc::find_string(container, {key}));
  };
  const doc::Value& user = container.at("user");
  std::string who = user.is_null() ? "the image's" : doc::write_json(user);
  if (flag_of(container, "nonRoot")) who += ", never root";
  std::string capabilities = "drop " + or_unset(join(texts_of(container.at("drop")), ", "));
  if (!container.at("add").as_array().empty())
    capabilities += "; add " + join(texts_of(container.at("add")), ", ");
  const bool lax = flag_of(container, "escalation") || flag_of(container, "privileged");
  table.begin_row();
  table.begin_cell();
  page.open("strong").text(text("name")).close();
  page.element("span", {{"class", "small"}},
               text("kind") == "init" ? "init container" : "container");
  table.end_cell();
  table.cell(who, flag_of(container, "nonRoot") ? "" : "bad");
  table.cell(flag_of(container, "privileged") ? "privileged"
             : lax                            ? "may be gained"
                                              : "none",
             lax ? "bad" : "");
  table.cell(capabilities);
  table.cell(or_unset(text("seccomp")), text("seccomp").empty() ? "bad" : "");
  table.cell(yes_no(flag_of(container, "readOnlyRoot")),
             flag_of(container, "readOnlyRoot") ? "" : "bad");
  table.cell(or_unset(text("limits")), text("limits").empty() ? "bad" : "");
  table.end_row();
}

/// All names, in a part that opens.
void put_names(Html& page, const std::vector<std::string>& names) {
  page.open("details").element("summary", {{"class", "soft"}}, "which they are");
  page.element("p", join(names, ", ")).close();
}

}  // namespace

void put_running(Html& page, const doc::Object& model) {
  const doc::Value& running = model.at("running");
  page.element("p", fmt::format("The head's state is kept {}.",
                                doc::find_string(model, {"cluster", "state"})));
  if (running.is_object()) {
    page.element("p",
                 flag_of(running, "controller")
                     ? "Raykeep's controller keeps this cluster."
                     : "No controller of Raykeep's keeps this cluster; Kubernetes alone does.");
    for (const char* kind : {"troubles", "warnings"}) {
      for (const std::string& each : texts_of(running.at(kind)))
        page.element("p", {{"class", std::string_view(kind) == "troubles" ? "bad" : "warn"}}, each);
    }
  }
  std::vector<std::string> columns = {"Group", "Pods wanted", "Image"};
  if (running.is_object()) columns.insert(columns.end(), {"Now", "Pods"});
  Table table(page, "groups", "The head and the groups of workers", columns);
  for (const doc::Value& group : list_of(model, "groups")) {
    std::string_view name = doc::find_string(group, {"name"});
    table.begin_row();
    table.head(name);
    table.cell(grouped(count_of(group, "replicas")));
    table.cell(short_image(doc::find_string(group, {"image"})), "mono");
    if (running.is_object()) {
      table.cell(ready_text(running, name));
      table.begin_cell();
      put_pods_of(page, running, name);
      table.end_cell();
    }
    table.end_row();
  }
}

void put_rights(Html& page, const doc::Object& model) {
  page.element("h3", "Pods");
  page.element("p", flag_of(model.at("summary"), "noTokens")
                        ? "None. No pod of the cluster holds a token of Kubernetes' API server."
                        : "Some pods hold their service account's token, with whatever rights that "
                          "account has: see their settings below.");
  page.element("h3", "People");
  page.element("p",
               "Who runs raykeep needs what the ClusterRole edit grants in this namespace, and no "
               "right in the cluster as a whole. Secrets are asked for by name and never listed.");
  if (list_of(model, "rights").empty()) return;
  page.element("h3", "The controller");
  page.element("p",
               "Where raykeep controller install was used: a Role in this namespace with these "
               "rights and no others.");
  Table table(page, "rights", "Rights of the controller, each with its reason",
              {"Resource", "API group", "Verbs", "Why"});
  for (const doc::Value& right : list_of(model, "rights")) {
    std::string_view only = doc::find_string(right, {"only"}),
                     group = doc::find_string(right, {"group"});
    table.begin_row();
    table.begin_cell();
    page.open("strong").text(doc::find_string(right, {"resource"})).close();
    if (!only.empty()) page.element("span", {{"class", "small"}}, fmt::format("only {}", only));
    table.end_cell();
    table.cell(group.empty() ? "core" : group);
    table.cell(join(texts_of(right.at("verbs")), ", "));
    table.cell(doc::find_string(right, {"why"}));
    table.end_row();
  }
}

void put_pods(Html& page, const doc::Object& model) {
  for (const doc::Value& workload : list_of(model, "pods")) {
    std::vector<std::string> objects = texts_of(workload.at("objects"));
    page.element("h3", objects.size() == 1
                           ? objects.front()
                           : fmt::format("{} and {} more alike", objects.front(),
                                         grouped(static_cast<std::int64_t>(objects.size()) - 1)));
    if (objects.size() > 1) put_names(page, objects);
    page.element(
        "p", fmt::format("Service account {}, its token {}. File group {}. Volumes: {}.",
                         doc::find_string(workload, {"serviceAccount"}),
                         flag_of(workload, "tokenMounted") ? "mounted" : "not mounted",
                         workload.at("fsGroup").is_null() ? "not set"
                                                          : doc::write_json(workload.at("fsGroup")),
                         or_unset(join(texts_of(workload.at("volumes")), ", "))));
    for (const std::string& each : texts_of(workload.at("deviations")))
      page.open("p", {{"class", "bad"}}).element("strong", each).close();
    Table table(
        page, "settings", fmt::format("Containers of {}", objects.front()),
        {"Container", "User", "Privileges", "Capabilities", "Seccomp", "Read-only root", "Limits"});
    for (const doc::Value& container : workload.at("containers").as_array())
      put_container(page, table, container);
  }
}

void put_images(Html& page, const doc::Object& model) {
  Table table(page, "images", "Images by name and digest, and who uses them",
              {"Image", "Digest of its name", "Runs as", "Used by"});
  for (const doc::Value& image : list_of(model, "images")) {
    const bool pinned = flag_of(image, "pinned");
    table.begin_row();
    table.cell(doc::find_string(image, {"image"}), "mono");
    table.cell(pinned ? "yes" : "no: a tag", pinned ? "good" : "warn");
    table.begin_cell("mono");
    if (image.at("running").as_array().empty()) page.text("not known");
    put_list(page, texts_of(image.at("running")), most_names, "digests");
    table.end_cell();
    table.begin_cell();
    put_list(page, texts_of(image.at("usedBy")), most_names, "containers");
    table.end_cell();
    table.end_row();
  }
}

}  // namespace raykeep::report
