#include "verify/watching.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "verify/planned.h"

namespace raykeep::verify {
namespace {

using flow::End;
using flow::Role;
using spec::Protocol;

const End head{Role::head, ""}, cpu{Role::worker, "cpu"};

std::string told(std::vector<PodTalks> seen) {
  static const testing::Planned planned = testing::planned();
  doc::Value caller = testing::pod("caller", "", "", "10.1.0.8");
  caller.as_object()["metadata"].as_object()["labels"].as_object()["app"] = "caller";
  Addresses addresses = addresses_of(planned.plan,
                                     {testing::pod("demo-head-0", "head", "", "10.1.0.1"),
                                      testing::pod("a", "worker", "cpu", "10.1.0.2"),
                                      testing::pod("stranger", "", "", "10.1.0.7"), caller},
                                     {});
  std::string text;
  for (const Fault& fault : judge_talks(planned.plan, addresses, seen)) {
    if (fault.severity == Severity::error) text += fmt::format("{} {}\n", fault.code, fault.object);
  }
  return text;
}

TEST(Watching, KnowsTheTablesFlows) {
  EXPECT_EQ(told({{"demo-head-0",
                   head,
                   {{true, Protocol::tcp, "10.1.0.2", 6379, true},
                    {false, Protocol::tcp, "10.1.0.2", 8077, true},
                    {false, Protocol::udp, "10.96.0.10", 53, true},
                    {false, Protocol::tcp, "10.9.8.7", 9000, true},
                    {true, Protocol::tcp, "10.20.1.1", 8265, true},
                    {true, Protocol::tcp, "10.1.0.8", 8000, true},
                    {true, Protocol::tcp, "10.0.0.9", 52370, true}}}}),
            "");
}

TEST(Watching, NamesAFlowThatTheTableLacks) {
  EXPECT_EQ(told({{"demo-head-0",
                   head,
                   {{false, Protocol::tcp, "10.9.8.7", 443, true},
                    {true, Protocol::tcp, "10.1.0.7", 6379, true},
                    {true, Protocol::tcp, "10.20.7.1", 8265, true},
                    {true, Protocol::tcp, "10.1.0.2", 10001, true}}}}),
            "RK7012 head->10.9.8.7:443/TCP\n"
            "RK7012 Pod stranger (10.1.0.7)->head:6379/TCP\n"
            "RK7012 10.20.7.1->head:8265/TCP\n"
            "RK7012 worker(cpu) (10.1.0.2)->head:10001/TCP\n");
}

TEST(Watching, ASocketTowardsAPodThatWentIsNoFault) {
  EXPECT_EQ(told({{"a",
                   cpu,
                   {{false, Protocol::tcp, "10.1.7.7", 8077, false},
                    {true, Protocol::tcp, "10.1.7.7", 10002, true}}}}),
            "");
  // Another port, or an address that is not among the pods', is none.
  EXPECT_EQ(told({{"a",
                   cpu,
                   {{false, Protocol::tcp, "10.1.7.7", 22, false},
                    {false, Protocol::tcp, "10.2.7.7", 8077, true}}}}),
            "RK7012 worker(cpu)->10.1.7.7:22/TCP\nRK7012 worker(cpu)->10.2.7.7:8077/TCP\n");
}

TEST(Watching, NamesACallWithoutAnAnswer) {
  EXPECT_EQ(told({{"a", cpu, {{false, Protocol::tcp, "10.1.0.1", 6379, false}}}}),
            "RK7014 worker(cpu)->head gcs-server\n");
}

TEST(Watching, TellsWhatNobodyUsed) {
  testing::Planned planned = testing::planned();
  std::vector<Fault> faults = judge_talks(planned.plan, addresses_of(planned.plan, {}, {}), {});
  EXPECT_EQ(faults.size(), planned.plan.flows.size());
  for (const Fault& fault : faults) EXPECT_EQ(fault.severity, Severity::notice);
}

}  // namespace
}  // namespace raykeep::verify
