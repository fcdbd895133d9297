// Findings and exceptions, Secrets and certificates, and the objects themselves.
#include <fmt/format.h>

#include "base/text.h"
#include "report/describe.h"
#include "report/sections.h"
#include "report/table.h"

namespace raykeep::report {
namespace {

constexpr std::size_t most_names = 4;

std::string_view kind_of_severity(std::string_view severity) {
  return severity == "error" ? "bad" : severity == "warning" ? "warn" : "soft";
}

std::string reader_text(const doc::Value& reader) {
  std::vector<std::string> objects = texts_of(reader.at("objects"));
  std::string text = objects.front();
  if (objects.size() > 1) text += fmt::format(" and {} more", objects.size() - 1);
  std::string_view container = doc::find_string(reader, {"container"});
  if (!container.empty()) text += fmt::format(", container {}", container);
  text += fmt::format(": {}", doc::find_string(reader, {"how"}));
  std::vector<std::string> keys = texts_of(reader.at("keys"));
  return keys.empty() ? text : fmt::format("{} ({})", text, join(keys, ", "));
}

/// When it ends, in days, and how that is to be taken.
void put_expiry(Table& table, const doc::Value& certificate) {
  if (std::string_view problem = doc::find_string(certificate, {"problem"}); !problem.empty()) {
    table.cell(fmt::format("not known: {}", problem), "soft");
    return;
  }
  const std::int64_t days = count_of(certificate, "daysLeft");
  const std::string when = readable_time(doc::find_string(certificate, {"expires"}));
  table.cell(days < 0 ? fmt::format("{}: EXPIRED", when)
                      : fmt::format("{}, in {}", when, counted(days, "day", "days")),
             days < 14   ? "bad"
             : days < 60 ? "warn"
                         : "good");
}

}  // namespace

std::string readable_time(std::string_view text) {
  if (text.size() != 20 || text[10] != 'T' || text[19] != 'Z')
    return text.empty() ? "no written time" : std::string(text);
  return fmt::format("{} {} UTC", text.substr(0, 10), text.substr(11, 5));
}

std::vector<std::string> texts_of(const doc::Value& list) {
  std::vector<std::string> texts;
  for (const doc::Value& each : list.as_array())
    texts.emplace_back(each.is_string() ? std::string(std::string_view(each.get_string()))
                                        : doc::write_json(each));
  return texts;
}

std::string counted(std::int64_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", grouped(number), number == 1 ? one : many);
}

void put_findings(Html& page, const doc::Object& model) {
  Table table(page, "findings", "What is not as it should be",
              {"Severity", "Where", "What", "What to do"});
  for (const doc::Value& finding : list_of(model, "findings")) {
    std::string_view severity = doc::find_string(finding, {"severity"});
    table.begin_row();
    table.begin_cell(kind_of_severity(severity));
    page.element("span", {{"class", "tag"}}, severity);
    page.element("span", {{"class", "small"}}, doc::find_string(finding, {"code"}));
    table.end_cell();
    table.cell(doc::find_string(finding, {"object"}));
    table.cell(doc::find_string(finding, {"what"}));
    table.cell(doc::find_string(finding, {"remedy"}));
    table.end_row();
  }
}

void put_exceptions(Html& page, const doc::Object& model) {
  page.element("p", "Where the Site or the document asks for more than the least.");
  Table table(page, "exceptions", "Exceptions, who asked for them, and why",
              {"Exception", "Asked for by", "Reason given"});
  for (const doc::Value& each : list_of(model, "exceptions")) {
    std::string_view weight = doc::find_string(each, {"weight"}),
                     why = doc::find_string(each, {"why"});
    table.begin_row();
    table.cell(doc::find_string(each, {"what"}), weight == "high" ? "bad" : "");
    table.cell(doc::find_string(each, {"askedBy"}));
    table.cell(why.empty() ? "none" : why, why.empty() ? "soft" : "");
    table.end_row();
  }
}

void put_secrets(Html& page, const doc::Object& model) {
  page.element("p",
               "By name; no value stands in this report. Beside the readers below, everybody reads "
               "them who may get Secrets in this namespace, as the ClusterRole edit allows.");
  Table table(page, "secrets", "Secrets, what they are for, and who reads them",
              {"Secret", "What it is", "Made by", "Read by"});
  for (const doc::Value& secret : list_of(model, "secrets")) {
    std::vector<std::string> readers;
    for (const doc::Value& each : secret.at("readers").as_array())
      readers.push_back(reader_text(each));
    table.begin_row();
    table.head(doc::find_string(secret, {"name"}));
    table.cell(doc::find_string(secret, {"what"}));
    table.cell(doc::find_string(secret, {"madeBy"}));
    table.begin_cell();
    if (readers.empty()) page.text("no pod");
    put_list(page, readers, most_names, "readers");
    table.end_cell();
    table.end_row();
  }
}

void put_certificates(Html& page, const doc::Object& model) {
  if (list_of(model, "certificates").empty()) {
    page.element("p",
                 "None: no flow of this cluster rests on a certificate that Raykeep knows of.");
    return;
  }
  Table table(page, "certificates", "Certificates, where they stand, and when they expire",
              {"Certificate", "Stands in", "Made by", "Names", "Expires"});
  for (const doc::Value& each : list_of(model, "certificates")) {
    table.begin_row();
    table.cell(doc::find_string(each, {"what"}));
    table.cell(doc::find_string(each, {"place"}));
    table.cell(doc::find_string(each, {"madeBy"}));
    table.begin_cell();
    put_list(page, texts_of(each.at("names")), most_names, "names");
    table.end_cell();
    put_expiry(table, each);
    table.end_row();
  }
}

void put_objects(Html& page, const doc::Object& model) {
  page.element(
      "p",
      "All are of this namespace and carry the labels app.kubernetes.io/managed-by=raykeep "
      "and raykeep.io/cluster; none is of the cluster as a whole.");
  Table table(page, "objects", "Kubernetes objects of the cluster, and what they are for",
              {"Kind", "How many", "What for", "Names"});
  for (const doc::Value& each : list_of(model, "objects")) {
    const doc::Array& names = each.at("names").as_array();
    table.begin_row();
    table.head(doc::find_string(each, {"kind"}));
    table.cell(grouped(static_cast<std::int64_t>(names.size())));
    table.cell(doc::find_string(each, {"what"}));
    table.begin_cell();
    put_list(page, texts_of(each.at("names")), most_names, "names");
    table.end_cell();
    table.end_row();
  }
}

}  // namespace raykeep::report
