#include "redis/testing.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include <fmt/format.h>

#include "net/dial.h"
#include "net/event.h"

extern char** environ;

namespace raykeep::redis::testing {
namespace {

using namespace std::chrono_literals;

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

bool accepts_connections(int port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  auto address = loopback(port);
  bool accepted = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return accepted;
}

}  // namespace

int free_port() {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  auto address = loopback(0);
  bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
  socklen_t size = sizeof address;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(fd);
  return ntohs(address.sin_port);
}

Folder::Folder() {
  auto pattern = (std::filesystem::temp_directory_path() / "raykeep-redis-XXXXXX").string();
  path_ = mkdtemp(pattern.data());
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string Folder::write(const std::string& name, const std::string& text) const {
  std::ofstream(path_ / name, std::ios::trunc) << text;
  return path(name);
}

void Folder::remove(const std::string& name) const { std::filesystem::remove_all(path_ / name); }

Server::Server(std::vector<std::string> options, std::string program)
    : options_(std::move(options)), program_(std::move(program)), port_(free_port()) {}

Server::~Server() { kill(); }

void Server::start() {
  bool own_port = false;
  std::string text = "bind 127.0.0.1\ndaemonize no\ndir " + folder_.path("") + "\nlogfile " +
                     folder_.path("log") + "\n";
  // "no" writes each command before it is answered, so that a killed server has lost nothing. With
  // "everysec" Redis puts the write off for up to 2 s while an earlier fsync is slow.
  if (program_ == "redis-server") text += "save \"\"\nappendonly yes\nappendfsync no\n";
  for (const auto& option : options_) {
    own_port = own_port || option.starts_with("port ");
    text += fmt::format(fmt::runtime(option), fmt::arg("port", port_),
                        fmt::arg("dir", folder_.path(""))) +
            "\n";
  }
  if (!own_port) text += fmt::format("port {}\n", port_);
  auto config = folder_.path("conf");
  // A Sentinel writes its state into its configuration: only the first start makes that.
  if (program_ == "redis-server" || !std::filesystem::exists(config)) folder_.write("conf", text);
  char* arguments[] = {program_.data(), config.data(), nullptr};
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 1, folder_.path("out").c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&files, 1, 2);
  int failed = posix_spawnp(&pid_, program_.c_str(), &files, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&files);
  if (failed)
    throw std::runtime_error(program_ +
                             " cannot be started; apt-get install redis-server redis-sentinel");
  for (int i = 0; i < 3000 && !accepts_connections(port_); ++i) {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = 0;
      throw std::runtime_error(program_ + " ended: " + log());
    }
    std::this_thread::sleep_for(10ms);
  }
}

void Server::kill() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void Server::freeze() { ::kill(pid_, SIGSTOP); }
void Server::thaw() { ::kill(pid_, SIGCONT); }

void Server::lose_data() {
  kill();
  folder_.remove("appendonlydir");
  folder_.remove("dump.rdb");
}

std::string Server::log() const {
  std::string text;
  for (auto name : {"out", "log"}) {
    std::ifstream in(folder_.path(name));
    text.append(std::istreambuf_iterator<char>(in), {});
  }
  return text;
}

std::unique_ptr<Connection> World::dial(int port) {
  auto server = *net::parse_url(fmt::format("redis://127.0.0.1:{}", port));
  return std::make_unique<Connection>(
      run(net::dial(loop.get_executor(), {.server = server}, ample(), clock)));
}

bool World::until(const std::function<bool()>& condition) {
  auto deadline = ample();
  while (!condition()) {
    if (deadline.passed(clock)) return false;
    loop.restart();
    loop.run_one_for(5ms);
  }
  return true;
}

Asking::Asking(World& world, Connection& connection, std::vector<std::vector<std::string>> requests)
    : world_(world), tasks_(world.loop.get_executor()) {
  tasks_.spawn(ask(connection, std::move(requests), world.ample(), outcome_));
}

Asking::~Asking() {
  tasks_.cancel();
  run_until_done(world_.loop, tasks_.finish());
}

boost::asio::awaitable<void> Asking::ask(Connection& connection,
                                         std::vector<std::vector<std::string>> requests,
                                         Deadline until, std::shared_ptr<Outcome> outcome) {
  try {
    outcome->replies = co_await connection.ask_all(std::move(requests), until);
  } catch (const Failure& failure) {
    outcome->failure = failure.what();
  }
}

std::vector<Reply> Asking::replies() {
  if (!world_.until([this] { return done(); })) outcome_->failure = "no answer in 30 s";
  return outcome_->replies.value_or(std::vector<Reply>{});
}

namespace {

boost::asio::awaitable<void> keep(Road& road, std::shared_ptr<bool> ended) {
  co_await road.run();
  *ended = true;
}

}  // namespace

RunningRoad::RunningRoad(World& world, RoadOptions options)
    : world_(world), tasks_(world.loop.get_executor()) {
  options.log = [lines = lines_](const std::string& line) { lines->push_back(line); };
  road_ = std::make_unique<Road>(world.loop.get_executor(), world.clock, std::move(options));
  tasks_.spawn(keep(*road_, ended_));
}

RunningRoad::~RunningRoad() {
  tasks_.cancel();
  run_until_done(world_.loop, tasks_.finish());
  road_.reset();
  world_.loop.restart();
  world_.loop.poll();
}

bool RunningRoad::logged(std::string_view part) const {
  return std::ranges::any_of(*lines_, [&](const std::string& line) { return line.contains(part); });
}

RoadOptions road_to(const Server& server, std::string pod_uid) {
  return {.listen_port = 0,
          .upstream = {.addresses = {server.address()}},
          .storage_namespace = "test",
          .pod_uid = pod_uid,
          .holder_name = "head of " + pod_uid,
          .hold = 10s,
          .lease_ttl = 1s};
}

}  // namespace raykeep::redis::testing
