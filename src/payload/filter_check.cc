#include "payload/filter_check.h"

#include <simdjson.h>

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "base/try.h"
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

// What a group is asked about: a whole point, or an object inside its payload.
struct Asked {
  const FilterSubject* point;  // null inside an object
  Json payload;
};

}  // namespace

struct FilterCheck::Group {
  struct Check;
  struct NestedCheck {
    JsonPath path;
    std::unique_ptr<const Group> group;
  };

  std::vector<Check> must;
  std::vector<Check> should;
  std::vector<Check> must_not;
  std::vector<Check> min_should;
  std::uint64_t min_count = 0;
  bool reads_payload = false;  // it or a group in it

  static Result<std::unique_ptr<const Group>> compile(const Filter& filter, std::uint32_t depth);
  bool holds(const Asked& asked) const;

 private:
  Result<std::vector<Check>> compile_all(const std::vector<Condition>& conditions, std::uint32_t depth);
  Result<Check> compile_one(const Condition& condition, std::uint32_t depth);
};

struct FilterCheck::Group::Check {
  std::variant<FieldCheck, IdCheck, HasVector, Slice, NestedCheck, std::unique_ptr<const Group>> is;

  bool holds(const Asked& asked) const;
};

Result<std::unique_ptr<const FilterCheck::Group>> FilterCheck::Group::compile(const Filter& filter,
                                                                              std::uint32_t depth) {
  if (depth > kFilterDepthMax) {
    return invalid("the filter is nested too deeply: at most " + std::to_string(kFilterDepthMax) +
                   " filters fit in another");
  }
  auto group = std::make_unique<Group>();
  group->must = OMEN_TRY(group->compile_all(filter.must, depth));
  group->should = OMEN_TRY(group->compile_all(filter.should, depth));
  group->must_not = OMEN_TRY(group->compile_all(filter.must_not, depth));
  if (filter.min_should) {
    if (filter.min_should->min_count == 0) return invalid("min_count is 0, and must be at least 1");
    group->min_should = OMEN_TRY(group->compile_all(filter.min_should->conditions, depth));
    group->min_count = filter.min_should->min_count;
  }
  return std::unique_ptr<const Group>(std::move(group));
}

Result<std::vector<FilterCheck::Group::Check>> FilterCheck::Group::compile_all(
    const std::vector<Condition>& conditions, std::uint32_t depth) {
  std::vector<Check> checks;
  checks.reserve(conditions.size());
  for (const Condition& condition : conditions) checks.push_back(OMEN_TRY(compile_one(condition, depth)));
  return checks;
}

Result<FilterCheck::Group::Check> FilterCheck::Group::compile_one(const Condition& condition, std::uint32_t depth) {
  if (const auto* field = std::get_if<FieldCondition>(&condition.is)) {
    reads_payload = true;
    return Check{OMEN_TRY(FieldCheck::compile(*field))};
  }
  if (const auto* ids = std::get_if<HasId>(&condition.is)) return Check{IdCheck{{ids->ids.begin(), ids->ids.end()}}};
  if (const auto* vector = std::get_if<HasVector>(&condition.is)) return Check{*vector};
  if (const auto* slice = std::get_if<Slice>(&condition.is)) {
    if (slice->index >= slice->total) {
      return invalid("slice " + std::to_string(slice->index) + " is none of " + std::to_string(slice->total) +
                     ", counted from 0");
    }
    return Check{*slice};
  }
  if (const auto* nested = std::get_if<Nested>(&condition.is)) {
    reads_payload = true;
    return Check{NestedCheck{OMEN_TRY(JsonPath::parse(nested->key)).of_array(),
                             OMEN_TRY(Group::compile(nested->filter, depth + 1))}};
  }
  auto group = OMEN_TRY(Group::compile(std::get<Filter>(condition.is), depth + 1));
  reads_payload = reads_payload || group->reads_payload;
  return Check{std::move(group)};
}

bool FilterCheck::Group::holds(const Asked& asked) const {
  const auto holds = [&](const Check& check) { return check.holds(asked); };
  if (!std::all_of(must.begin(), must.end(), holds)) return false;
  if (!std::none_of(must_not.begin(), must_not.end(), holds)) return false;
  if (!should.empty() && !std::any_of(should.begin(), should.end(), holds)) return false;
  if (min_count == 0) return true;
  return static_cast<std::uint64_t>(std::count_if(min_should.begin(), min_should.end(), holds)) >= min_count;
}

bool FilterCheck::Group::Check::holds(const Asked& asked) const {
  if (const auto* field = std::get_if<FieldCheck>(&is)) return field->matches(asked.payload);
  if (const auto* group = std::get_if<std::unique_ptr<const Group>>(&is)) return (*group)->holds(asked);
  if (const auto* nested = std::get_if<NestedCheck>(&is)) {
    return nested->path.any_value(asked.payload, [&](Json value) {
      simdjson::dom::array array;
      if (value.get(array) != simdjson::SUCCESS) return false;
      return std::any_of(array.begin(), array.end(), [&](Json element) {
        return element.is_object() && nested->group->holds({nullptr, element});
      });
    });
  }
  if (asked.point == nullptr) return false;
  if (const auto* ids = std::get_if<IdCheck>(&is)) return ids->ids.contains(asked.point->id());
  if (const auto* vector = std::get_if<HasVector>(&is)) return asked.point->has_vector(vector->name);
  const Slice& slice = std::get<Slice>(is);
  return id_hash(asked.point->id()) % slice.total == slice.index;
}

Result<FilterCheck> FilterCheck::compile(const Filter& filter) {
  return FilterCheck(OMEN_TRY(Group::compile(filter, 0)));
}

bool FilterCheck::matches(const FilterSubject& subject) const {
  // One a thread: its memory is that of the longest payload it has read.
  thread_local simdjson::dom::parser parser;
  Json root;
  if (root_->reads_payload) {
    const std::string_view payload = subject.payload();
    constexpr std::string_view kNoPayload = "{}";
    const std::string_view text = payload.empty() ? kNoPayload : payload;
    if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) return false;
  }
  return root_->holds({&subject, root});
}

FilterCheck::FilterCheck(std::unique_ptr<const Group> root) : root_(std::move(root)) {}
FilterCheck::~FilterCheck() = default;
FilterCheck::FilterCheck(FilterCheck&&) noexcept = default;
FilterCheck& FilterCheck::operator=(FilterCheck&&) noexcept = default;

}  // namespace omendb
