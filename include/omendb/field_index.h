// Field indexes: which payload fields can be filtered without reading payloads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace omendb {

// What an index knows of a field. Filters match the same points with an index and without, only sooner with one.
enum class FieldType : std::uint8_t {
  Keyword,   // strings: match value, any, except, prefix, substring
  Integer,   // whole numbers: match value, any, except; range
  Float,     // numbers: range
  Bool,      // match value
  Datetime,  // strings that are dates and times: range
  Uuid,      // as Keyword
  Geo,       // {"lon": ..., "lat": ...}: geo_bounding_box, geo_radius, geo_polygon
  Text,      // the words of strings: match text, text_any, phrase
};

std::string_view name_of(FieldType type);  // "keyword", as Qdrant writes it

struct FieldIndexInfo {
  std::string key;  // the field's path, as in filters
  FieldType type = FieldType::Keyword;
  std::uint64_t rows = 0;          // it covers; later ones are asked one by one
  std::uint64_t points = 0;        // that have a value of this type, while the index is behind of those it covers
  std::uint64_t memory_bytes = 0;
};

}  // namespace omendb
