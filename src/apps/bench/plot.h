// Charts as SVG, readable on light and on dark paper alike.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace omendb::bench {

struct PlotPoint {
  double x = 0;
  double y = 0;
};

struct Series {
  std::string name;
  std::vector<PlotPoint> points;  // joined by lines, in this order; points that are not finite are left out
};

struct Chart {
  std::string title;
  std::string x_label;
  std::string y_label;
  bool log_y = false;  // points at or below zero are then left out too
  std::vector<Series> series;
};

// One picture, the charts below each other.
std::string draw(std::span<const Chart> charts);

}  // namespace omendb::bench
