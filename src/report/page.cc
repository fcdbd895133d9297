#include "report/page.h"

#include <fmt/format.h>

#include "report/sections.h"
#include "report/style.h"

namespace raykeep::report {
namespace {

struct Part {
  const char* anchor;
  const char* title;
  void (*put)(Html& page, const doc::Object& model);
  const char* needs;  // the list or object of the model without which there is no part
};

constexpr Part parts[] = {
    {"findings", "Findings", put_findings, "findings"},
    {"exceptions", "Exceptions asked for", put_exceptions, "exceptions"},
    {"runs", "What runs", put_running, "groups"},
    {"diagram", "Flow diagram", put_picture, "flows"},
    {"flows", "Flows", put_flows, "flows"},
    {"strangers", "Who must not get through", put_pairs, "verified"},
    {"rights", "Rights", put_rights, "pods"},
    {"pods", "Pods' security settings", put_pods, "pods"},
    {"images", "Images", put_images, "images"},
    {"secrets", "Secrets", put_secrets, "secrets"},
    {"certificates", "Certificates", put_certificates, "flows"},
    {"objects", "Kubernetes objects", put_objects, "objects"},
};

bool is_there(const doc::Object& model, const Part& part) {
  const doc::Value& value = model.at(part.needs);
  if (value.is_array()) return !value.get_array().empty();
  return value.is_object();
}

void put_head(Html& page, const doc::Object& model) {
  page.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
  // Should a value ever become markup, it could still not run or fetch anything.
  page.raw(
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n");
  page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
  page.raw("<meta name=\"referrer\" content=\"no-referrer\">\n");
  page.element("title", fmt::format("{} in {}: security report",
                                    doc::find_string(model, {"cluster", "name"}),
                                    doc::find_string(model, {"cluster", "namespace"})));
  page.raw("\n<style>").raw(style_sheet).raw("</style>\n</head>\n<body>\n");
}

void put_contents(Html& page, const doc::Object& model) {
  page.open("nav", {{"aria-label", "Contents"}}).open("ul");
  for (const Part& part : parts) {
    if (is_there(model, part)) page.open("li").link(part.anchor, part.title).close();
  }
  page.close().close().newline();
}

}  // namespace

std::string page(const doc::Object& model) {
  Html out;
  put_head(out, model);
  out.open("div", {{"class", "skip"}}).link("content", "Skip to the content").close().newline();
  out.open("header");
  put_header(out, model);
  put_contents(out, model);
  out.close().newline();
  out.open("main", {{"id", "content"}});
  put_summary(out, model);
  for (const Part& part : parts) {
    if (!is_there(model, part)) continue;
    out.open("section", {{"aria-labelledby", part.anchor}});
    out.element("h2", {{"id", part.anchor}}, part.title).newline();
    part.put(out, model);
    out.close().newline();
  }
  out.close().newline();
  out.element(
      "footer",
      fmt::format("Made by raykeep {} from {}. This file holds all that it shows: it fetches "
                  "nothing and runs nothing. raykeep report -o json has the same for "
                  "programs, flow by flow.",
                  doc::find_string(model, {"program"}),
                  doc::find_string(model, {"source"}) == "cluster" ? "what was found in the cluster"
                                                                   : "files"));
  out.raw("\n</body>\n</html>\n");
  return out.take();
}

}  // namespace raykeep::report
