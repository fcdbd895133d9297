// How many documents a second one core reads, checks, plans and writes.
#include <benchmark/benchmark.h>

#include <fstream>
#include <sstream>

#include "doc/document.h"
#include "plan/plan.h"

namespace {

using namespace raykeep;

std::string demo_text() {
  std::ifstream file(RAYKEEP_SOURCE_DIR "/tests/demo/ray-cluster.yaml");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// From the bytes of a document to the bytes of its objects.
void PlanOneDocument(benchmark::State& state) {
  const std::string text = demo_text();
  const spec::Site site = spec::default_site();
  for (auto _ : state) {
    auto read = doc::read_yaml(text, "demo.yaml");
    auto parsed = spec::parse_ray_cluster(read.documents.at(0));
    auto plan = plan::plan(parsed.cluster.value(), site, {.ns = "ray", .generation = "", .token = ""});
    std::size_t bytes = 0;
    for (const doc::Value& object : plan.objects) bytes += doc::write_yaml(object).size();
    benchmark::DoNotOptimize(bytes);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(PlanOneDocument);

void ReadOneDocument(benchmark::State& state) {
  const std::string text = demo_text();
  for (auto _ : state) benchmark::DoNotOptimize(doc::read_yaml(text, "demo.yaml"));
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(ReadOneDocument);

}  // namespace

BENCHMARK_MAIN();
