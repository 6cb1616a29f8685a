// What a benchmark found, once: printed as a table for readers and as a JSON object for programs, under one name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/bench/plot.h"

namespace omendb::bench {

// A number and how many of its decimals mean something. Not finite: null, "-".
struct Figure {
  double value = 0;
  int decimals = 0;
};

class Report {
 public:
  using Fields = std::vector<std::pair<std::string_view, Figure>>;

  void text(std::string_view key, std::string_view value);
  void figure(std::string_view key, double value, int decimals = 0);

  // An object: printed as one line of a table.
  void group(std::string_view key, const Fields& fields);

  // A list of objects with the same fields: printed as a table.
  void list(std::string_view key, const std::vector<Fields>& rows);

  // A sentence for the reader only: what a figure means.
  void note(std::string_view sentence);

  void chart(Chart chart) { charts_.push_back(std::move(chart)); }

  const std::vector<Chart>& charts() const { return charts_; }
  std::string as_json() const;  // one line a member
  std::string as_text() const;

 private:
  void member(std::string_view key, std::string_view json);

  std::string members_;  // JSON, comma separated
  std::string lines_;
  std::vector<Chart> charts_;
};

// `values` are sorted in place; `share` 0.5 is the median, 0.999 what one in a thousand exceeds. NaN of nothing.
double percentile(std::vector<double>& values, double share);

double mean(const std::vector<double>& values);  // NaN of nothing

}  // namespace omendb::bench
