#include "cli/arguments_parts.h"

#include "base/text.h"

namespace raykeep::cli {
namespace {

std::string_view word_of(Output output) {
  switch (output) {
    case Output::text:
      return "text";
    case Output::json:
      return "json";
    case Output::yaml:
      return "yaml";
    case Output::name:
      return "name";
    case Output::wide:
      return "wide";
    case Output::junit:
      return "junit";
    case Output::html:
      return "html";
  }
  return "";
}

}  // namespace

void add_output(CLI::App& app, Output& into, std::vector<Output> allowed) {
  std::vector<std::pair<std::string, Output>> words;
  for (Output output : allowed) words.emplace_back(word_of(output), output);
  std::vector<std::string> names;
  for (auto& [name, output] : words) names.push_back(name);
  auto take = [&into, words](const std::string& text) {
    for (const auto& [name, output] : words) {
      if (name == text) into = output;
    }
  };
  app.add_option_function<std::string>("-o,--output", take, "Output format: " + join(names, ", "))
      ->check(CLI::IsMember(names))
      ->type_name("FORMAT");
}

void add_images_lock(CLI::App& app, std::string& into) {
  app.add_option("--images-lock", into,
                 "The images.lock of raykeep bundle push: images are named by its digests")
      ->type_name("FILE");
}

CLI::Option* add_files(CLI::App& app, InputArguments& into, const std::string& names) {
  app.add_option("--site", into.site, "The Site: what is true of the place and not of the workload")
      ->type_name("FILE");
  add_images_lock(app, into.images_lock);
  return app
      .add_option(names, into.files, "RayCluster documents in YAML or JSON; - is standard input")
      ->type_name("FILE");
}

}  // namespace raykeep::cli
