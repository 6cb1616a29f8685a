#include "apps/bench/process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace omendb::bench {
namespace {

constexpr const char* kThisProgram = "/proc/self/exe";

Error failed(std::string_view call, int error_number) {
  return Error{ErrorCode::IoError, fmt::format("{}: {}", call, std::strerror(error_number))};
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& arguments) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return failed("pipe2", errno);
  std::vector<char*> argv{const_cast<char*>("omendb")};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  pid_t id = 0;
  const int error_number = ::posix_spawn(&id, kThisProgram, &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  ChildProcess child(error_number == 0 ? id : 0, ends[0]);
  if (error_number != 0) return failed("posix_spawn", error_number);
  return child;
}

Result<std::string> ChildProcess::read_line() {
  std::string line;
  char c = 0;
  while (true) {
    const ssize_t got = ::read(output_, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", errno);
    if (got == 0) return Error{ErrorCode::IoError, "the child process ended early"};
    if (c == '\n') return line;
    line += c;
  }
}

void ChildProcess::kill() {
  if (id_ == 0) return;
  ::kill(id_, SIGKILL);
  while (::waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
  }
  id_ = 0;
}

Result<void> ChildProcess::wait() {
  int status = 0;
  while (::waitpid(id_, &status, 0) < 0) {
    if (errno != EINTR) return failed("waitpid", errno);
  }
  id_ = 0;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return Error{ErrorCode::IoError, fmt::format("the child process ended with status {:#x}", status)};
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : id_(std::exchange(other.id_, 0)), output_(std::exchange(other.output_, -1)) {}

ChildProcess::~ChildProcess() {
  kill();
  if (output_ >= 0) ::close(output_);
}

}  // namespace omendb::bench
