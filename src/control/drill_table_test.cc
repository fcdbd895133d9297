#include "control/drill_table.h"

#include <set>

#include <gtest/gtest.h>

namespace raykeep::control {
namespace {

TEST(Drills, HaveNamesOfTheirOwnAndSayWhatTheyDo) {
  std::set<std::string_view> names;
  for (const Drill& drill : all_drills()) {
    EXPECT_TRUE(names.insert(drill.name).second) << drill.name;
    EXPECT_FALSE(drill.what.empty()) << drill.name;
    EXPECT_EQ(drill.how == Drill::How::signal, !drill.process.empty()) << drill.name;
    EXPECT_EQ(find_drill(drill.name), &drill);
  }
  EXPECT_EQ(find_drill("none"), nullptr);
}

/// What a shell says to the program with `kill` made harmless, for processes of this test's.
int shell(const std::string& program) {
  int status = std::system(("kill() { :; }; " + program).c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Drills, TheShellProgramFindsAProcessByItsExecutable) {
  EXPECT_EQ(shell(signal_program("gcs_server_that_is_not_there", "KILL")), 1);
  EXPECT_EQ(shell(signal_program("control_test", "KILL")), 0);
}

TEST(Drills, TheShellProgramDoesNotTakeItselfForTheDashboard) {
  std::string program = signal_program("dashboard", "KILL");
  constexpr std::string_view all = "/proc/[0-9]*";
  // Another process of this machine may be one.
  program.replace(program.find(all), all.size(), "/proc/$$");
  EXPECT_EQ(shell(program), 1);
}

}  // namespace
}  // namespace raykeep::control
