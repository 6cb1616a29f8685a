#include "apps/bench/plot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include <fmt/format.h>

namespace omendb::bench {
namespace {

// Pixels.
constexpr double kWidth = 760, kChartHeight = 330;
constexpr double kLeft = 76, kRight = 20, kTop = 40, kBottom = 52;

// Middle tones: enough contrast on white and on black. Series take them in turn.
constexpr std::array<std::string_view, 6> kColors = {"#2f81f7", "#db6d28", "#2da44e", "#a371f7", "#d4537e", "#8a8f98"};

constexpr std::string_view kStyle =
    "<style>text{font:12px system-ui,sans-serif;fill:#808890}.title{font-size:14px;font-weight:600}"
    ".grid{stroke:#808890;stroke-opacity:.25}.axis{stroke:#808890;fill:none}.line{fill:none;stroke-width:2}</style>\n";

struct Interval {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  bool empty() const { return low > high; }
};

// One axis: values to pixels, and where its ticks are.
struct Axis {
  Interval values;
  double pixel_low = 0;
  double pixel_high = 0;
  bool log = false;
  std::vector<double> ticks;

  double pixel(double value) const {
    const auto place = [this](double v) { return log ? std::log10(v) : v; };
    const double share = (place(value) - place(values.low)) / (place(values.high) - place(values.low));
    return pixel_low + share * (pixel_high - pixel_low);
  }
};

// 1, 2 or 5 times a power of ten, so that about `count` of them span the interval.
double round_step(double span, double count) {
  const double rough = span / count;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough) return factor * power;
  }
  return 10 * power;
}

Axis linear_axis(Interval values, double pixel_low, double pixel_high) {
  if (values.empty()) values = {0, 1};
  if (values.high - values.low < 1e-9) values = {values.low - 0.5, values.high + 0.5};
  const double step = round_step(values.high - values.low, 6);
  Axis axis{
      {std::floor(values.low / step) * step, std::ceil(values.high / step) * step}, pixel_low, pixel_high, false, {}};
  const auto steps = static_cast<int>(std::lround((axis.values.high - axis.values.low) / step));
  for (int i = 0; i <= steps; ++i) axis.ticks.push_back(axis.values.low + i * step);
  return axis;
}

// Ticks at 1, 2 and 5 times the powers of ten; from the tick below the lowest value to the one above the highest.
Axis log_axis(Interval values, double pixel_low, double pixel_high) {
  if (values.empty()) values = {1, 10};
  std::vector<double> ticks;
  for (int power = static_cast<int>(std::floor(std::log10(values.low))) - 1; power < 16; ++power) {
    for (const double factor : {1.0, 2.0, 5.0}) ticks.push_back(factor * std::pow(10.0, power));
  }
  const auto first = std::upper_bound(ticks.begin(), ticks.end(), values.low) - 1;
  auto last = std::lower_bound(ticks.begin(), ticks.end(), values.high);
  if (last == first) ++last;
  return Axis{{*first, *last}, pixel_low, pixel_high, true, {first, last + 1}};
}

bool drawable(const Chart& chart, PlotPoint point) {
  return std::isfinite(point.x) && std::isfinite(point.y) && (!chart.log_y || point.y > 0);
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else out += c;
  }
  return out;
}

std::string tick_label(double value) {
  const double size = std::abs(value);
  if (size >= 1e6) return fmt::format("{:g}M", value / 1e6);
  if (size >= 1e4) return fmt::format("{:g}k", value / 1e3);
  return fmt::format("{:g}", std::abs(value) < 1e-12 ? 0.0 : value);
}

std::string text(double x, double y, std::string_view anchor, std::string_view words, std::string_view more = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y, anchor, more,
                     escaped(words));
}

std::string grid(const Axis& x, const Axis& y) {
  std::string out;
  for (const double tick : x.ticks) {
    const double at = x.pixel(tick);
    out += fmt::format("<path class=\"grid\" d=\"M{0:.1f} {1:.1f}V{2:.1f}\"/>\n", at, y.pixel_low, y.pixel_high);
    out += text(at, y.pixel_low + 17, "middle", tick_label(tick));
  }
  for (const double tick : y.ticks) {
    const double at = y.pixel(tick);
    out += fmt::format("<path class=\"grid\" d=\"M{0:.1f} {1:.1f}H{2:.1f}\"/>\n", x.pixel_low, at, x.pixel_high);
    out += text(x.pixel_low - 7, at + 4, "end", tick_label(tick));
  }
  return out + fmt::format("<path class=\"axis\" d=\"M{0:.1f} {1:.1f}V{2:.1f}H{3:.1f}\"/>\n", x.pixel_low, y.pixel_high,
                           y.pixel_low, x.pixel_high);
}

std::string line(const Chart& chart, const Series& series, const Axis& x, const Axis& y, std::string_view color) {
  std::string path, dots;
  std::size_t drawn = 0;
  for (const PlotPoint point : series.points) {
    if (!drawable(chart, point)) continue;
    const double px = x.pixel(point.x), py = y.pixel(point.y);
    path += fmt::format("{}{:.1f} {:.1f}", drawn++ == 0 ? 'M' : 'L', px, py);
    dots += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.5\" fill=\"{}\"/>\n", px, py, color);
  }
  constexpr std::size_t kDotsMax = 40;  // more would hide the line
  if (drawn > kDotsMax) dots.clear();
  return fmt::format("<path class=\"line\" stroke=\"{}\" d=\"{}\"/>\n{}", color, path, dots);
}

std::string legend(const Chart& chart, double top) {
  std::string out;
  double x = kLeft + 4;
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    const std::string_view color = kColors[i % kColors.size()];
    out += fmt::format("<path stroke=\"{}\" stroke-width=\"3\" d=\"M{:.1f} {:.1f}h16\"/>\n", color, x, top - 4);
    out += text(x + 21, top, "start", chart.series[i].name);
    x += 40 + 6.7 * static_cast<double>(chart.series[i].name.size());
  }
  return out;
}

std::string draw_chart(const Chart& chart, double top) {
  Interval xs, ys;
  for (const Series& series : chart.series) {
    for (const PlotPoint point : series.points) {
      if (!drawable(chart, point)) continue;
      xs.include(point.x);
      ys.include(point.y);
    }
  }
  const double bottom = top + kChartHeight - kBottom;
  const bool has_legend = chart.series.size() > 1;
  const double plot_top = top + kTop + (has_legend ? 16 : 0);
  const Axis x = linear_axis(xs, kLeft, kWidth - kRight);
  const Axis y = chart.log_y ? log_axis(ys, bottom, plot_top) : linear_axis(ys, bottom, plot_top);

  std::string out = text(kLeft, top + 20, "start", chart.title, " class=\"title\"");
  if (has_legend) out += legend(chart, top + 42);
  out += grid(x, y);
  out += text((kLeft + kWidth - kRight) / 2, bottom + 38, "middle", chart.x_label);
  const double middle = (plot_top + bottom) / 2;
  out += text(16, middle, "middle", chart.y_label, fmt::format(" transform=\"rotate(-90 16 {:.1f})\"", middle));
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    out += line(chart, chart.series[i], x, y, kColors[i % kColors.size()]);
  }
  return out;
}

}  // namespace

std::string draw(std::span<const Chart> charts) {
  const double height = kChartHeight * static_cast<double>(charts.size());
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:g} {1:g}\" width=\"{0:g}\" height=\"{1:g}\">\n",
      kWidth, height);
  out += kStyle;
  double top = 0;
  for (const Chart& chart : charts) {
    out += draw_chart(chart, top);
    top += kChartHeight;
  }
  return out + "</svg>\n";
}

}  // namespace omendb::bench
