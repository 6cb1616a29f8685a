// Places on the globe, and the areas that filters name.
#pragma once

#include "omendb/filter.h"

namespace omendb {

// InvalidArgument for coordinates off the globe, a radius that is no length, a ring with fewer than 4 points or that does
// not end where it begins.
Result<void> check_area(const GeoBox& box);
Result<void> check_area(const GeoRadius& radius);
Result<void> check_area(const GeoPolygon& polygon);

bool contains(const GeoBox& box, GeoPoint point);
bool contains(const GeoRadius& radius, GeoPoint point);
bool contains(const GeoPolygon& polygon, GeoPoint point);

// Great-circle distance on a sphere, by the haversine formula (Sinnott, 1984).
double meters_between(GeoPoint a, GeoPoint b);

}  // namespace omendb
