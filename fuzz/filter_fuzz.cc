// A filter and payloads from anybody: a line of JSON for the filter, then one for each point. The filter is refused, or
// every point gets the same answer with its fields indexed, whatever the type, and without.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "payload/field_part_builder.h"
#include "payload/indexed_filter.h"

namespace omendb {
namespace {

constexpr std::size_t kPointsMax = 64;

class Point final : public FilterSubject {
 public:
  Point(std::uint32_t row, const std::vector<std::string_view>& payloads, const IndexedFilter* indexed)
      : row_(row), payloads_(payloads), indexed_(indexed) {}
  PointId id() const override { return row_; }
  std::string_view payload() const override { return payloads_[row_]; }
  bool has_vector(std::string_view name) const override { return name.empty(); }
  std::optional<bool> meets(std::size_t condition) const override {
    return indexed_ == nullptr ? std::nullopt : indexed_->meets(condition, Row{row_});
  }

 private:
  std::uint32_t row_;
  const std::vector<std::string_view>& payloads_;
  const IndexedFilter* indexed_;
};

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() <= kPointsMax) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

FieldIndex index_of(const std::vector<std::string_view>& payloads, const std::string& key, FieldType type) {
  FieldIndex index = FieldIndex::create(key, type).value();
  FieldPartBuilder builder(type, Row{0});
  simdjson::dom::parser parser;
  for (const std::string_view payload : payloads) {
    simdjson::dom::element document;
    if (parser.parse(payload.data(), payload.size()).get(document) == simdjson::SUCCESS) {
      builder.add(index.path(), document);
    } else {
      builder.add_nothing();
    }
  }
  return index.with(std::move(builder).build());
}

}  // namespace
}  // namespace omendb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace omendb;
  std::vector<std::string_view> payloads = lines_of({reinterpret_cast<const char*>(data), size});
  if (payloads.empty()) return 0;
  const auto filter = parse_filter(payloads.front());
  payloads.erase(payloads.begin());
  if (!filter.ok()) return 0;
  const FilterCheck check = FilterCheck::compile(*filter).value();
  const auto rows = static_cast<std::uint32_t>(payloads.size());
  for (int type = 0; type <= static_cast<int>(FieldType::Text); ++type) {
    FieldIndexes indexes;
    for (const CheckedCondition& checked : check.conditions()) {
      indexes.push_back(index_of(payloads, checked.condition.key, static_cast<FieldType>(type)));
    }
    const IndexedFilter indexed(check, indexes, rows);
    for (std::uint32_t row = 0; row < rows; ++row) {
      OMEN_ASSERT(check.matches(Point(row, payloads, &indexed)) == check.matches(Point(row, payloads, nullptr)));
    }
  }
  return 0;
}
