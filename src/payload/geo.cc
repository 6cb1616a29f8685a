#include "payload/geo.h"

#include <cmath>
#include <numbers>
#include <string>

#include "base/try.h"

namespace omendb {
namespace {

constexpr double kEarthRadiusMeters = 6'371'008.8;  // the mean radius R1 of the IUGG

constexpr std::size_t kRingPointsMin = 4;  // a triangle, closed

constexpr double radians(double degrees) { return degrees * std::numbers::pi / 180; }

Error invalid(std::string message) { return {ErrorCode::InvalidArgument, std::move(message)}; }

Result<void> check_point(GeoPoint point) {
  if (!(point.lon >= -180 && point.lon <= 180)) {
    return invalid("longitude " + std::to_string(point.lon) + " is not from -180 to 180");
  }
  if (!(point.lat >= -90 && point.lat <= 90)) {
    return invalid("latitude " + std::to_string(point.lat) + " is not from -90 to 90");
  }
  return {};
}

Result<void> check_ring(const std::vector<GeoPoint>& ring) {
  for (const GeoPoint point : ring) OMEN_TRY(check_point(point));
  if (ring.size() < kRingPointsMin) {
    return invalid("a polygon's line has " + std::to_string(ring.size()) + " points, and needs at least 4");
  }
  if (ring.front().lon != ring.back().lon || ring.front().lat != ring.back().lat) {
    return invalid("a polygon's line must end where it begins");
  }
  return {};
}

enum class Side { Inside, Border, Outside };

// Whether the point is on the segment, ends included.
bool on_segment(GeoPoint p, GeoPoint a, GeoPoint b) {
  const double cross = (b.lon - a.lon) * (p.lat - a.lat) - (b.lat - a.lat) * (p.lon - a.lon);
  return cross == 0 && (a.lon - p.lon) * (b.lon - p.lon) <= 0 && (a.lat - p.lat) * (b.lat - p.lat) <= 0;
}

// Counts the ring's segments that a ray to the east crosses.
Side side_of(const std::vector<GeoPoint>& ring, GeoPoint p) {
  bool inside = false;
  for (std::size_t i = 0; i + 1 < ring.size(); ++i) {
    const GeoPoint a = ring[i];
    const GeoPoint b = ring[i + 1];
    if (on_segment(p, a, b)) return Side::Border;
    const bool spans = (a.lat > p.lat) != (b.lat > p.lat);
    if (spans && p.lon < (b.lon - a.lon) * (p.lat - a.lat) / (b.lat - a.lat) + a.lon) inside = !inside;
  }
  return inside ? Side::Inside : Side::Outside;
}

}  // namespace

Result<void> check_area(const GeoBox& box) {
  OMEN_TRY(check_point(box.top_left));
  return check_point(box.bottom_right);
}

Result<void> check_area(const GeoRadius& radius) {
  OMEN_TRY(check_point(radius.center));
  if (!(radius.meters >= 0)) return invalid("a radius of " + std::to_string(radius.meters) + " meters is no length");
  return {};
}

Result<void> check_area(const GeoPolygon& polygon) {
  OMEN_TRY(check_ring(polygon.exterior));
  for (const std::vector<GeoPoint>& ring : polygon.interiors) OMEN_TRY(check_ring(ring));
  return {};
}

bool contains(const GeoBox& box, GeoPoint point) {
  const bool east_of_west = point.lon > box.top_left.lon;
  const bool west_of_east = point.lon < box.bottom_right.lon;
  const bool crosses = box.top_left.lon > box.bottom_right.lon;
  const bool between = crosses ? east_of_west || west_of_east : east_of_west && west_of_east;
  return between && point.lat < box.top_left.lat && point.lat > box.bottom_right.lat;
}

bool contains(const GeoRadius& radius, GeoPoint point) { return meters_between(radius.center, point) < radius.meters; }

bool contains(const GeoPolygon& polygon, GeoPoint point) {
  if (side_of(polygon.exterior, point) != Side::Inside) return false;
  for (const std::vector<GeoPoint>& hole : polygon.interiors) {
    if (side_of(hole, point) != Side::Outside) return false;
  }
  return true;
}

double meters_between(GeoPoint a, GeoPoint b) {
  const double lat = std::sin(radians(b.lat - a.lat) / 2);
  const double lon = std::sin(radians(b.lon - a.lon) / 2);
  const double h = lat * lat + std::cos(radians(a.lat)) * std::cos(radians(b.lat)) * lon * lon;
  return 2 * kEarthRadiusMeters * std::asin(std::min(1.0, std::sqrt(h)));
}

}  // namespace omendb
