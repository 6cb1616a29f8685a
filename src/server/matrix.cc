// Distances between points of a random sample, each with its nearest others.
#include <algorithm>

#include "server/limits.h"
#include "server/operations.h"
#include "server/query_runner.h"
#include "server/selection.h"

namespace omendb {
namespace {

struct Matrix {
  std::vector<PointId> ids;            // sorted
  std::vector<std::vector<Hit>> rows;  // one an id
};

Outcome<std::uint32_t> read_count(const Json& request, std::string_view name, std::uint64_t otherwise,
                                  std::uint64_t least, std::uint64_t most) {
  const std::uint64_t count = OMEN_TRY(maybe_unsigned(request, name)).value_or(otherwise);
  OMEN_TRY(in_bounds(count, name, least, UINT64_MAX));
  return static_cast<std::uint32_t>(std::min(count, most));
}

Outcome<Matrix> measure(Call& call) {
  const Collection collection = OMEN_TRY(call.collection());
  const JsonDocument document = OMEN_TRY(call.body());
  const Json& request = document.root();
  const std::uint32_t size = OMEN_TRY(read_count(request, "sample", 10, 2, kMatrixSampleMax));
  const std::uint32_t limit = OMEN_TRY(read_count(request, "limit", 3, 1, kMatrixLimitMax));
  Filter filter = OMEN_TRY(filter_of(request));
  Query query;
  query.kind = QueryKind::Nearest;
  query.vector_name = OMEN_TRY(maybe_string(request, "using")).value_or("");
  query.limit = limit;
  query.exact = true;
  filter.must.push_back({HasVector{query.vector_name}});

  Matrix matrix;
  matrix.ids = OMEN_TRY(collection.sample(size, filter));
  if (matrix.ids.size() < 2) return Matrix();
  std::sort(matrix.ids.begin(), matrix.ids.end());
  require_ids(query.filter, matrix.ids);
  QueryRunner runner(call, collection);
  for (const PointId id : matrix.ids) {
    query.nearest = id;  // and is left out itself
    matrix.rows.push_back(OMEN_TRY(runner.run(query)));
  }
  return matrix;
}

}  // namespace

Outcome<void> matrix_pairs(Call& call) {
  const Matrix matrix = OMEN_TRY(measure(call));
  JsonWriter& json = call.result;
  json.begin_object().key("pairs").begin_array();
  for (std::size_t row = 0; row < matrix.rows.size(); ++row) {
    for (const Hit& hit : matrix.rows[row]) {
      json.begin_object().key("a").id(matrix.ids[row]).key("b").id(hit.id).key("score").number(hit.score).end_object();
    }
  }
  json.end_array().end_object();
  return {};
}

Outcome<void> matrix_offsets(Call& call) {
  const Matrix matrix = OMEN_TRY(measure(call));
  const auto place_of = [&](PointId id) {
    return static_cast<std::size_t>(std::lower_bound(matrix.ids.begin(), matrix.ids.end(), id) - matrix.ids.begin());
  };
  JsonWriter rows;
  JsonWriter columns;
  JsonWriter scores;
  for (JsonWriter* list : {&rows, &columns, &scores}) list->begin_array();
  for (std::size_t row = 0; row < matrix.rows.size(); ++row) {
    for (const Hit& hit : matrix.rows[row]) {
      rows.integer(std::uint64_t{row});
      columns.integer(std::uint64_t{place_of(hit.id)});
      scores.number(hit.score);
    }
  }
  for (JsonWriter* list : {&rows, &columns, &scores}) list->end_array();
  JsonWriter& json = call.result;
  json.begin_object().key("offsets_row").raw(rows.text()).key("offsets_col").raw(columns.text());
  json.key("scores").raw(scores.text()).key("ids").begin_array();
  for (const PointId id : matrix.ids) json.id(id);
  json.end_array().end_object();
  return {};
}

}  // namespace omendb
