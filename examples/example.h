// What the examples share: how they give up, and vectors to play with.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <random>
#include <type_traits>
#include <utility>
#include <vector>

#include "omendb/omendb.h"

// The value, or the end of the program with the error's message. A real program returns the Error to its caller.
template <class T>
T must(omendb::Result<T> result) {
  if (!result.ok()) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

// `count` numbers from a normal distribution: what no vector of a real model looks like, but enough to try things.
inline std::vector<float> random_numbers(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> numbers(count);
  for (float& number : numbers) number = normal(random);
  return numbers;
}
