#include "apps/terminal.h"

#include <fmt/format.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

namespace omendb {

bool is_terminal(std::FILE* stream) { return isatty(fileno(stream)) == 1; }

std::string in_colour(std::FILE* stream, Colour colour, std::string_view text) {
  if (!is_terminal(stream)) return std::string(text);
  int code = 0;
  switch (colour) {
    case Colour::Bold:
      code = 1;
      break;
    case Colour::Dim:
      code = 2;
      break;
    case Colour::Green:
      code = 32;
      break;
    case Colour::Yellow:
      code = 33;
      break;
    case Colour::Cyan:
      code = 36;
      break;
  }
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

LiveText::LiveText(std::FILE* stream) : stream_(stream), live_(is_terminal(stream)) {}

bool LiveText::due() const {
  const auto pause = live_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(2000);
  return std::chrono::steady_clock::now() - shown_at_ >= pause;
}

void LiveText::show(std::string_view picture, std::string_view plain) {
  shown_at_ = std::chrono::steady_clock::now();
  if (live_) {
    clear();
    fmt::print(stream_, "{}\n", picture);
    lines_ = 1 + static_cast<int>(std::count(picture.begin(), picture.end(), '\n'));
  } else {
    fmt::print(stream_, "{}\n", plain);
  }
  std::fflush(stream_);
}

void LiveText::clear() {
  if (lines_ > 0) fmt::print(stream_, "\x1b[{}A\r\x1b[J", lines_);
  lines_ = 0;
}

struct Keys::Saved {
  termios settings;
};

Keys::Keys() {
  termios settings{};
  if (!is_terminal(stdin) || tcgetattr(STDIN_FILENO, &settings) != 0) return;
  saved_ = std::make_unique<Saved>(Saved{settings});
  settings.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
  tcsetattr(STDIN_FILENO, TCSANOW, &settings);
}

Keys::~Keys() {
  if (saved_) tcsetattr(STDIN_FILENO, TCSANOW, &saved_->settings);
}

char Keys::wait(std::chrono::milliseconds timeout) {
  if (!saved_) {
    std::this_thread::sleep_for(timeout);
    return '\0';
  }
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  char key = '\0';
  if (poll(&input, 1, static_cast<int>(timeout.count())) == 1 && read(STDIN_FILENO, &key, 1) == 1) return key;
  return '\0';
}

}  // namespace omendb
