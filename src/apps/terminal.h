// The terminal: a picture that is drawn over and over, colours, and single keys. Elsewhere, plain lines.
//
// The system calls for this (isatty, termios, poll) are here and not in `os`, which is about what the engine needs.
#pragma once

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace omendb {

bool is_terminal(std::FILE* stream);

// The text in a colour of the terminal's palette where the stream is a terminal, unchanged where it is not.
enum class Colour { Bold, Dim, Green, Yellow, Cyan };
std::string in_colour(std::FILE* stream, Colour colour, std::string_view text);

// A few lines that replace themselves on a terminal; on anything else a line now and then. One thread.
class LiveText {
 public:
  explicit LiveText(std::FILE* stream);

  // True when enough time has passed for another picture: 0.1 s on a terminal, 2 s elsewhere.
  bool due() const;

  // `picture` may have several lines; `plain` is the one line that is printed where there is no terminal.
  void show(std::string_view picture, std::string_view plain);

  // The last picture stays, or goes; what is printed next comes below or in its place.
  void keep() { lines_ = 0; }
  void clear();

 private:
  std::FILE* stream_;
  bool live_;
  int lines_ = 0;  // of the picture to be replaced
  std::chrono::steady_clock::time_point shown_at_{};
};

// While one exists, keys come one at a time and unseen, Ctrl-C among them as the key '\x03'.
class Keys {
 public:
  Keys();
  ~Keys();
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;

  // The next key, or '\0' when none came in time. Without a terminal it only waits.
  char wait(std::chrono::milliseconds timeout);

 private:
  struct Saved;
  std::unique_ptr<Saved> saved_;  // null without a terminal
};

}  // namespace omendb
