#include "payload/filter_check.h"

#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "base/assert.h"
#include "base/try.h"
#include "payload/json_values.h"
#include "payload/field_check.h"
#include "payload/id_hash.h"

namespace omendb {
namespace {

using Json = simdjson::dom::element;

Error invalid(std::string message) { return {ErrorCode::InvalidArgument, std::move(message)}; }

struct IdHash {
  std::size_t operator()(const PointId& id) const { return static_cast<std::size_t>(id_hash(id)); }
};

struct IdCheck {
  std::unordered_set<PointId, IdHash> ids;
};

// What a group is asked about: a whole point, whose payload is read when it is needed, or an object inside it.
class Asked {
 public:
  explicit Asked(const FilterSubject& point) : point_(&point) {}
  explicit Asked(Json object) : payload_(object) {}

  const FilterSubject* point() const { return point_; }

  Json payload() {
    if (!payload_) payload_ = parse(point_->payload());
    return *payload_;
  }

 private:
  // Payloads were checked when they came; the parser's memory, one a thread, is that of the longest it has read.
  static Json parse(std::string_view payload) {
    thread_local simdjson::dom::parser parser;
    constexpr std::string_view kNoPayload = "{}";
    Json root;
    const bool read = !payload.empty() && parser.parse(payload.data(), payload.size()).get(root) == simdjson::SUCCESS;
    OMEN_ASSERT(read || parser.parse(kNoPayload.data(), kNoPayload.size()).get(root) == simdjson::SUCCESS);
    return root;
  }

  const FilterSubject* point_ = nullptr;
  std::optional<Json> payload_;
};

struct NumberedCheck {
  FieldCheck check;
  std::optional<std::size_t> number;  // none inside Nested

  bool holds(Asked& asked) const {
    if (number && asked.point() != nullptr) {
      if (const std::optional<bool> known = asked.point()->meets(*number)) return *known;
    }
    return check.matches(asked.payload());
  }
};

}  // namespace

struct FilterCheck::Group {
  struct Check;
  struct NestedCheck {
    JsonPath path;
    std::unique_ptr<const Group> group;
  };
  using Checks = std::vector<Check>;

  Checks must;
  Checks should;
  Checks must_not;
  Checks min_should;
  std::uint64_t min_count = 0;

  bool holds(Asked& asked) const;

  // The cheapest way to list what may match: one of these, or all of a list of alternatives.
  struct Listing {
    std::uint64_t rows_max = 0;
    std::span<const Check> checks;
    bool whole = false;  // to meet one of the checks is to match the group
  };
  std::optional<Listing> cheapest_listing(const RowSource& source) const;
  void for_each_row(const RowSource& source, FunctionRef<void(Row, bool certain)> visit) const;

  KnownRows known_rows(const RowSource& source) const;
  std::optional<std::uint64_t> known_rows_cost(const RowSource& source) const;
};

struct FilterCheck::Group::Check {
  std::variant<NumberedCheck, IdCheck, HasVector, Slice, NestedCheck, std::unique_ptr<const Group>> is;

  bool holds(Asked& asked) const;
  std::optional<std::uint64_t> rows_max(const RowSource& source) const;
  void for_each_row(const RowSource& source, FunctionRef<void(Row, bool certain)> visit) const;
  KnownRows known_rows(const RowSource& source) const;
  std::optional<std::uint64_t> known_rows_cost(const RowSource& source) const;
};

// Turns conditions into checks, and numbers those on fields.
class FilterCheck::Compiler {
 public:
  Result<std::unique_ptr<const Group>> group(const Filter& filter, std::uint32_t depth) {
    if (depth > kFilterDepthMax) {
      return invalid("the filter is nested too deeply: at most " + std::to_string(kFilterDepthMax) +
                     " filters fit in another");
    }
    auto group = std::make_unique<Group>();
    group->must = OMEN_TRY(checks(filter.must, depth));
    group->should = OMEN_TRY(checks(filter.should, depth));
    group->must_not = OMEN_TRY(checks(filter.must_not, depth));
    if (filter.min_should) {
      if (filter.min_should->min_count == 0) return invalid("min_count is 0, and must be at least 1");
      group->min_should = OMEN_TRY(checks(filter.min_should->conditions, depth));
      group->min_count = filter.min_should->min_count;
    }
    return std::unique_ptr<const Group>(std::move(group));
  }

  std::vector<CheckedCondition> take_conditions() { return std::move(conditions_); }

 private:
  Result<Group::Checks> checks(const std::vector<Condition>& conditions, std::uint32_t depth) {
    Group::Checks checks;
    checks.reserve(conditions.size());
    for (const Condition& condition : conditions) checks.push_back(OMEN_TRY(check(condition, depth)));
    return checks;
  }

  Result<Group::Check> check(const Condition& condition, std::uint32_t depth) {
    if (const auto* field = std::get_if<FieldCondition>(&condition.is)) {
      NumberedCheck check{OMEN_TRY(FieldCheck::compile(*field)), std::nullopt};
      if (nested_in_ == 0) {
        check.number = conditions_.size();
        conditions_.push_back({*field, check.check.path()});
      }
      return Group::Check{std::move(check)};
    }
    if (const auto* ids = std::get_if<HasId>(&condition.is)) {
      return Group::Check{IdCheck{{ids->ids.begin(), ids->ids.end()}}};
    }
    if (const auto* vector = std::get_if<HasVector>(&condition.is)) return Group::Check{*vector};
    if (const auto* slice = std::get_if<Slice>(&condition.is)) {
      if (slice->index < slice->total) return Group::Check{*slice};
      return invalid("slice " + std::to_string(slice->index) + " is none of " + std::to_string(slice->total) +
                     ", counted from 0");
    }
    if (const auto* nested = std::get_if<Nested>(&condition.is)) {
      JsonPath path = OMEN_TRY(JsonPath::parse(nested->key)).of_array();
      ++nested_in_;
      auto inner = OMEN_TRY(group(nested->filter, depth + 1));
      --nested_in_;
      return Group::Check{Group::NestedCheck{std::move(path), std::move(inner)}};
    }
    return Group::Check{OMEN_TRY(group(std::get<Filter>(condition.is), depth + 1))};
  }

  std::vector<CheckedCondition> conditions_;
  std::uint32_t nested_in_ = 0;
};

// --- Asking a point.

bool FilterCheck::Group::holds(Asked& asked) const {
  const auto holds = [&](const Check& check) { return check.holds(asked); };
  if (!std::all_of(must.begin(), must.end(), holds)) return false;
  if (!std::none_of(must_not.begin(), must_not.end(), holds)) return false;
  if (!should.empty() && !std::any_of(should.begin(), should.end(), holds)) return false;
  if (min_count == 0) return true;
  return static_cast<std::uint64_t>(std::count_if(min_should.begin(), min_should.end(), holds)) >= min_count;
}

bool FilterCheck::Group::Check::holds(Asked& asked) const {
  if (const auto* field = std::get_if<NumberedCheck>(&is)) return field->holds(asked);
  if (const auto* group = std::get_if<std::unique_ptr<const Group>>(&is)) return (*group)->holds(asked);
  if (const auto* nested = std::get_if<NestedCheck>(&is)) {
    return any_value(nested->path, asked.payload(), [&](Json value) {
      simdjson::dom::array array;
      if (value.get(array) != simdjson::SUCCESS) return false;
      return std::any_of(array.begin(), array.end(), [&](Json element) {
        if (!element.is_object()) return false;
        Asked object(element);
        return nested->group->holds(object);
      });
    });
  }
  if (asked.point() == nullptr) return false;
  if (const auto* ids = std::get_if<IdCheck>(&is)) return ids->ids.contains(asked.point()->id());
  if (const auto* vector = std::get_if<HasVector>(&is)) return asked.point()->has_vector(vector->name);
  const Slice& slice = std::get<Slice>(is);
  return id_hash(asked.point()->id()) % slice.total == slice.index;
}

bool FilterCheck::matches(const FilterSubject& subject) const {
  Asked asked(subject);
  return root_->holds(asked);
}

// --- Listing rows.

namespace {

// Of several alternatives together; nullopt if one of them may be any row.
template <class Checks>
std::optional<std::uint64_t> sum_of_rows_max(const Checks& checks, const RowSource& source) {
  std::uint64_t sum = 0;
  for (const auto& check : checks) {
    const std::optional<std::uint64_t> rows = check.rows_max(source);
    if (!rows) return std::nullopt;
    sum += *rows;
  }
  return sum;
}

}  // namespace

std::optional<FilterCheck::Group::Listing> FilterCheck::Group::cheapest_listing(const RowSource& source) const {
  std::optional<Listing> cheapest;
  const std::size_t clauses = must.size() + must_not.size() + (should.empty() ? 0u : 1u) + (min_count > 0 ? 1u : 0u);
  const auto consider = [&](std::span<const Check> checks, bool one_is_enough) {
    const std::optional<std::uint64_t> rows = sum_of_rows_max(checks, source);
    if (!rows || (cheapest && cheapest->rows_max <= *rows)) return;
    cheapest = Listing{*rows, checks, clauses == 1 && one_is_enough};
  };
  for (const Check& check : must) consider({&check, 1}, true);
  if (!should.empty()) consider(should, true);
  if (min_count > 0) consider(min_should, min_count == 1);
  return cheapest;
}

void FilterCheck::Group::for_each_row(const RowSource& source, FunctionRef<void(Row, bool certain)> visit) const {
  const std::optional<Listing> listing = cheapest_listing(source);
  if (!listing) return;
  for (const Check& check : listing->checks) {
    check.for_each_row(source, [&](Row row, bool certain) { visit(row, certain && listing->whole); });
  }
}

std::optional<std::uint64_t> FilterCheck::Group::Check::rows_max(const RowSource& source) const {
  if (const auto* field = std::get_if<NumberedCheck>(&is)) {
    return field->number ? source.rows_max(*field->number) : std::nullopt;
  }
  if (const auto* ids = std::get_if<IdCheck>(&is)) return ids->ids.size();
  const auto* group = std::get_if<std::unique_ptr<const Group>>(&is);
  if (group == nullptr) return std::nullopt;
  const std::optional<Listing> listing = (*group)->cheapest_listing(source);
  if (!listing) return std::nullopt;
  return listing->rows_max;
}

void FilterCheck::Group::Check::for_each_row(const RowSource& source,
                                              FunctionRef<void(Row, bool certain)> visit) const {
  if (const auto* field = std::get_if<NumberedCheck>(&is)) {
    source.for_each_row(*field->number, visit);
  } else if (const auto* ids = std::get_if<IdCheck>(&is)) {
    for (const PointId& id : ids->ids) source.for_each_row(id, visit);
  } else if (const auto* group = std::get_if<std::unique_ptr<const Group>>(&is)) {
    (*group)->for_each_row(source, visit);
  }
}

std::optional<std::uint64_t> FilterCheck::candidates_max(const RowSource& source) const {
  const std::optional<Group::Listing> listing = root_->cheapest_listing(source);
  if (!listing) return std::nullopt;
  return listing->rows_max;
}

void FilterCheck::for_each_candidate(const RowSource& source, FunctionRef<void(Row, bool certain)> visit) const {
  root_->for_each_row(source, visit);
}

// --- Sets of rows.

namespace {

template <class Checks>
KnownRows any_of(const Checks& checks, const RowSource& source) {
  KnownRows rows = KnownRows::none(source.rows_end());
  for (const auto& check : checks) rows |= check.known_rows(source);
  return rows;
}

}  // namespace

KnownRows FilterCheck::Group::known_rows(const RowSource& source) const {
  std::optional<KnownRows> rows;
  const auto narrow = [&](KnownRows more) {
    if (rows) {
      *rows &= more;
    } else {
      rows = std::move(more);
    }
  };
  for (const Check& check : must) narrow(check.known_rows(source));
  if (!should.empty()) narrow(any_of(should, source));
  for (const Check& check : must_not) {
    KnownRows matching = check.known_rows(source);
    matching.invert();
    narrow(std::move(matching));
  }
  if (min_count > 0) {
    KnownRows matching = any_of(min_should, source);
    if (min_count > 1) matching.unsure = matching.possible;
    narrow(std::move(matching));
  }
  if (rows) return std::move(*rows);
  KnownRows all = KnownRows::none(source.rows_end());
  all.invert();
  return all;
}

KnownRows FilterCheck::Group::Check::known_rows(const RowSource& source) const {
  if (const auto* group = std::get_if<std::unique_ptr<const Group>>(&is)) return (*group)->known_rows(source);
  if (!known_rows_cost(source)) return KnownRows::nothing_known(source.rows_end());
  if (const auto* field = std::get_if<NumberedCheck>(&is)) return source.known_rows(*field->number);
  KnownRows rows = KnownRows::none(source.rows_end());
  for (const PointId& id : std::get<IdCheck>(is).ids) {
    source.for_each_row(id, [&](Row row, bool certain) { rows.add(row, certain); });
  }
  return rows;
}

std::optional<std::uint64_t> FilterCheck::Group::known_rows_cost(const RowSource& source) const {
  std::uint64_t sum = 0;
  for (const Checks* checks : {&must, &should, &must_not, &min_should}) {
    for (const Check& check : *checks) {
      const std::optional<std::uint64_t> rows = check.known_rows_cost(source);
      if (!rows) return std::nullopt;
      sum += *rows;
    }
  }
  return sum;
}

std::optional<std::uint64_t> FilterCheck::Group::Check::known_rows_cost(const RowSource& source) const {
  if (const auto* group = std::get_if<std::unique_ptr<const Group>>(&is)) return (*group)->known_rows_cost(source);
  return rows_max(source);
}

KnownRows FilterCheck::known_rows(const RowSource& source) const { return root_->known_rows(source); }

std::optional<std::uint64_t> FilterCheck::known_rows_cost(const RowSource& source) const {
  return root_->known_rows_cost(source);
}

// --- Making and moving.

Result<FilterCheck> FilterCheck::compile(const Filter& filter) {
  Compiler compiler;
  auto root = OMEN_TRY(compiler.group(filter, 0));
  return FilterCheck(std::move(root), compiler.take_conditions());
}

FilterCheck::FilterCheck(std::unique_ptr<const Group> root, std::vector<CheckedCondition> conditions)
    : root_(std::move(root)), conditions_(std::move(conditions)) {}
FilterCheck::~FilterCheck() = default;
FilterCheck::FilterCheck(FilterCheck&&) noexcept = default;
FilterCheck& FilterCheck::operator=(FilterCheck&&) noexcept = default;

}  // namespace omendb
