// The top of the page: what it is about, and the verdict.
#include <fmt/format.h>

#include "report/describe.h"
#include "report/sections.h"

namespace raykeep::report {
namespace {

std::string_view text_of(const doc::Object& model, std::string_view part, std::string_view key) {
  return doc::find_string(model, {part, key});
}

void put_figure(Html& page, std::string_view name, std::string figure, std::string_view kind,
                std::string_view under) {
  page.open("div").element("dt", name).open("dd");
  page.element("span", {{"class", fmt::format("figure {}", kind)}}, figure);
  page.element("span", {{"class", "under"}}, under).close().close().newline();
}

void put_figures(Html& page, const doc::Object& model) {
  const doc::Value& sum = model.at("summary");
  const std::int64_t flows = count_of(sum, "flows"), clear = count_of(sum, "unencrypted"),
                     own = count_of(sum, "application"), tested = count_of(sum, "tested"),
                     failed = tested - count_of(sum, "good"),
                     exceptions = count_of(sum, "exceptions"), images = count_of(sum, "images"),
                     pinned = count_of(sum, "imagesByDigest"), errors = count_of(sum, "errors"),
                     warnings = count_of(sum, "warnings");
  page.open("dl", {{"class", "numbers"}});
  put_figure(page, "Flows", grouped(flows), "",
             fmt::format("told in {}", counted(count_of(sum, "rows"), "row", "rows")));
  put_figure(page, "In the clear", grouped(clear), clear > 0 ? "bad" : "good",
             own > 0 ? fmt::format("and {} up to the workload", grouped(own))
                     : fmt::format("of {}", counted(flows, "flow", "flows")));
  put_figure(page, "Tested", tested == 0 ? "none" : grouped(tested),
             failed > 0    ? "bad"
             : tested == 0 ? "warn"
                           : "good",
             tested == 0  ? "see raykeep verify"
             : failed > 0 ? fmt::format("{} not as it should be", grouped(failed))
                          : "all as they should be");
  put_figure(page, "Exceptions", grouped(exceptions), exceptions > 0 ? "warn" : "good",
             exceptions > 0 ? "to be agreed to" : "nothing beyond the least");
  put_figure(page, "Images by digest", fmt::format("{} of {}", pinned, images),
             pinned == images ? "good" : "warn",
             pinned == images ? "each is what it was" : "a tag may become another image");
  put_figure(page, "Findings", grouped(errors + warnings),
             errors > 0     ? "bad"
             : warnings > 0 ? "warn"
                            : "good",
             fmt::format("{}, {}", counted(errors, "error", "errors"),
                         counted(warnings, "warning", "warnings")));
  page.close().newline();
}

void put_test_verdict(Html& page, const doc::Object& model) {
  const doc::Value& sum = model.at("summary");
  const std::int64_t tested = count_of(sum, "tested"), flows = count_of(sum, "flows"),
                     good = count_of(sum, "good");
  auto line = [&page](std::string_view kind, const std::string& text) {
    page.element("li", {{"class", std::string(kind)}}, text);
  };
  if (!model.at("verified").is_object()) {
    line("warn", fmt::format("Nothing of this was tested. raykeep verify {0} -o json > verify.json "
                             "tests it, and raykeep report {0} --verified verify.json tells of it "
                             "here.",
                             text_of(model, "cluster", "name")));
    return;
  }
  const std::string when = readable_time(text_of(model, "verified", "at"));
  const bool whole = tested == flows && good == tested;
  line(good < tested ? "bad"
       : whole       ? "good"
                     : "warn",
       fmt::format("{} of {} were tested on {}; {} as they should be.", grouped(tested),
                   counted(flows, "flow", "flows"), when,
                   good == tested ? "all are" : fmt::format("{} are", grouped(good))));
  std::int64_t bad_pairs = 0;
  const doc::Array& pairs = model.at("verified").at("pairs").as_array();
  for (const doc::Value& pair : pairs) bad_pairs += flag_of(pair, "good") ? 0 : 1;
  if (pairs.empty()) return;
  if (bad_pairs == 0) {
    line("good", "Nobody got through who must not: " +
                     counted(static_cast<std::int64_t>(pairs.size()), "pair", "pairs") +
                     " were tried.");
  } else {
    line("bad", counted(bad_pairs, "pair", "pairs") + " got through that must not.");
  }
}

/// What the findings and the pods come to, in sentences.
void put_verdict(Html& page, const doc::Object& model) {
  const doc::Value& sum = model.at("summary");
  auto line = [&page](bool good, std::string_view if_good, const std::string& if_not,
                      const char* kind = "bad") {
    page.element("li", {{"class", good ? "good" : kind}}, good ? std::string(if_good) : if_not);
  };
  page.open("ul", {{"class", "verdict"}});
  const bool exact = flag_of(sum, "policiesExact");
  line(exact,
       "Every flow is let through by a rule at each end that is this cluster's, and no rule lets "
       "through what no flow needs.",
       "NetworkPolicies and flows do not agree: see the findings.");
  const std::int64_t clear = count_of(sum, "unencrypted");
  line(clear == 0, "No flow of Raykeep's goes in the clear.",
       fmt::format("{} of {} go in the clear.", grouped(clear),
                   counted(count_of(sum, "flows"), "flow", "flows")));
  put_test_verdict(page, model);
  line(count_of(sum, "deviations") == 0,
       "Every container is restricted: no root, no privileges, no capabilities, a seccomp profile, "
       "a read-only root filesystem, limits of CPU and memory.",
       counted(count_of(sum, "deviations"), "setting of pods is", "settings of pods are") +
           " laxer than the restricted standard and what is asked beyond it.");
  line(flag_of(sum, "noTokens"), "No pod holds Kubernetes credentials.",
       "Some pods hold the token of their service account.");
  line(flag_of(model.at("cluster"), "token"),
       "Ray asks for a token: who reaches a port of it cannot use it without.",
       "Ray asks nobody for a token: who reaches a port of it runs code in the cluster.");
  page.close().newline();
}

}  // namespace

void put_header(Html& page, const doc::Object& model) {
  const bool live = text_of(model, "running", "state") != "";
  page.element(
      "p", {{"class", "kicker"}},
      live ? "Security report of a Ray cluster" : "Security report of a planned Ray cluster");
  page.element("h1", fmt::format("{} in namespace {}", text_of(model, "cluster", "name"),
                                 text_of(model, "cluster", "namespace")))
      .newline();
  page.open("ul", {{"class", "facts"}});
  std::string_view version = text_of(model, "cluster", "rayVersion");
  page.element("li",
               version.empty() ? "Ray of no written version" : fmt::format("Ray {}", version));
  page.element("li", fmt::format("Site {}", text_of(model, "site", "name")));
  page.element("li", live ? fmt::format("it is {}", text_of(model, "running", "state"))
                          : "made from files: this is what would run");
  page.element("li", readable_time(doc::find_string(model, {"at"})));
  page.element("li", fmt::format("raykeep {}", doc::find_string(model, {"program"})));
  page.close().newline();
}

void put_summary(Html& page, const doc::Object& model) {
  if (text_of(model, "site", "tls") == "none") {
    page.open("div", {{"class", "banner"}, {"role", "note"}}).open("p");
    page.element("strong", "Ray's traffic is not encrypted.");
    page.text(
        " The Site says tls.mode: none. Who can read the network between the pods reads "
        "tasks, objects, logs and Ray's token, unless the network itself encrypts.");
    page.close().close().newline();
  }
  put_figures(page, model);
  put_verdict(page, model);
}

}  // namespace raykeep::report
