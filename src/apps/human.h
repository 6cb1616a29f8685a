// Numbers as people read them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace omendb {

std::string with_commas(std::uint64_t number);             // "331,479"
std::string with_commas(double number);                    // rounded
std::string bytes_text(std::uint64_t bytes);               // "1.2 GB", powers of 1000
std::string duration_text(std::chrono::duration<double>);  // "0.8 ms", "12.3 s", "4 min 10 s"
std::string percent_text(double share);                    // "62 %"; 100 % only when it is all

// "[████████░░░░]" with `width` cells between the brackets.
std::string bar(double share, int width);

}  // namespace omendb
