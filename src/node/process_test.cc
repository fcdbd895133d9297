#include "node/process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"

namespace raykeep::node {
namespace {

namespace fs = std::filesystem;

/// A directory that goes with the test.
struct Folder {
  Folder() {
    std::string name = fs::temp_directory_path() / "raykeep-node-XXXXXX";
    path = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path); }
  std::string text(const std::string& file) const {
    std::ifstream in(path / file);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }
  fs::path path;
};

int wait_for(pid_t pid) {
  int status = 0;
  EXPECT_EQ(waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST(Process, IsParsedWhateverItsName) {
  auto line = [](std::string name) {
    return "42 (" + name + ") S 7 42 42 0 -1 4194560 9 0 0 0 1 2 3 4 20 0 1 0 12345 99 1 18446744";
  };
  for (std::string name : {"bash", "a) R 1 (b", ") ", "x y z", "("}) {
    auto process = parse_stat(line(name));
    ASSERT_TRUE(process) << name;
    EXPECT_EQ(process->name, name);
    EXPECT_EQ(process->pid, 42);
    EXPECT_EQ(process->parent, 7);
    EXPECT_EQ(process->state, 'S');
    EXPECT_EQ(process->start, 12345u);
  }
  for (std::string bad :
       {"", "42", "42 (x", "42 (x) S", "x (y) S 7 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"})
    EXPECT_FALSE(parse_stat(bad)) << bad;
}

TEST(Process, AZombieWithThreadsIsAlive) {
  auto process = [](std::string state, int threads) {
    return *parse_stat("42 (gcs_server) " + state + " 7 42 42 0 -1 4194560 9 0 0 0 1 2 3 4 20 0 " +
                       std::to_string(threads) + " 0 12345 99 1 18446744");
  };
  EXPECT_TRUE(process("S", 30).is_alive());
  EXPECT_TRUE(process("Z", 2).is_alive()) << "its other threads are still ending";
  EXPECT_FALSE(process("Z", 1).is_alive());
  EXPECT_FALSE(process("X", 1).is_alive());
}

TEST(Process, DescendantsAreFoundThroughAllGenerations) {
  std::vector<Process> all{{.pid = 1},
                           {.pid = 5, .parent = 4},
                           {.pid = 4, .parent = 2},
                           {.pid = 2, .parent = 1},
                           {.pid = 3, .parent = 1},
                           {.pid = 9, .parent = 8}};
  std::vector<pid_t> pids;
  for (const auto& process : descendants(all, 2)) pids.push_back(process.pid);
  EXPECT_EQ(pids, (std::vector<pid_t>{4, 5}));
  EXPECT_EQ(descendants(all, 1).size(), 4u);
}

TEST(Process, CanBeStartedAgainAsItWas) {
  Folder folder;
  auto program = program_like_us({"sh", "-c",
                                  "echo $MARK $(pwd) $(ulimit -n) \"$1\" >&2; (read x <&7) "
                                  "2>/dev/null && echo leaked; kill -STOP $$; echo again",
                                  "sh", "an argument"});
  program.environment.push_back("MARK=marked");
  program.directory = folder.path;
  program.output = program.errors = folder.path / "log";
  program.files = rlimit{200, 4096};
  auto first = spawn(program);
  int status = 0;
  ASSERT_EQ(waitpid(first, &status, WUNTRACED), first);
  ASSERT_TRUE(WIFSTOPPED(status));
  auto process = read_process(first);
  ASSERT_TRUE(process);
  EXPECT_TRUE(process->is_stopped());
  EXPECT_EQ(process->parent, getpid());

  auto kept = keep(first);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->argv, program.argv);
  EXPECT_EQ(kept->directory, folder.path);
  EXPECT_EQ(kept->output, folder.path / "log");
  ASSERT_TRUE(kept->files);
  EXPECT_EQ(kept->files->rlim_cur, 200u);
  kill(first, SIGKILL);
  EXPECT_EQ(wait_for(first), 137);
  EXPECT_FALSE(keep(first));

  auto second = spawn(*kept);
  ASSERT_EQ(waitpid(second, &status, WUNTRACED), second);
  kill(second, SIGCONT);
  EXPECT_EQ(wait_for(second), 0);
  auto line = "marked " + folder.path.string() + " 200 an argument\n";
  EXPECT_EQ(folder.text("log"), line + line + "again\n");
}

TEST(Process, ThatCannotBeStartedIsNamed) {
  try {
    spawn(program_like_us({"/nowhere/at/all"}));
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_STREQ(failure.what(), "start \"/nowhere/at/all\": No such file or directory");
  }
}

TEST(Process, OrphansComeToUsAndAreReaped) {
  become_subreaper();
  Folder folder;
  auto program =
      program_like_us({"sh", "-c", "sh -c 'echo $$; kill -STOP $$; exit 7' & wait; exit 3"});
  program.output = folder.path / "pid";
  auto parent = spawn(program);
  // The grandchild stops itself, so its parent waits until it is killed.
  pid_t orphan = 0;
  while (orphan == 0 || !read_process(orphan) || !read_process(orphan)->is_stopped()) {
    auto text = folder.text("pid");
    if (text.ends_with('\n')) orphan = std::stoi(text);
    usleep(1000);
  }
  kill(parent, SIGKILL);
  EXPECT_EQ(wait_for(parent), 137);
  while (read_process(orphan)->parent != getpid()) usleep(1000);
  auto mine = descendants(all_processes(), getpid());
  ASSERT_EQ(mine.size(), 1u);
  EXPECT_EQ(mine[0].pid, orphan);
  EXPECT_TRUE(reap().empty());
  kill(orphan, SIGCONT);
  std::vector<Exit> exits;
  while (exits.empty()) exits = reap();
  EXPECT_EQ(exits[0].pid, orphan);
  EXPECT_EQ(exits[0].code, 7);
}

}  // namespace
}  // namespace raykeep::node
