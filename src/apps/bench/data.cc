#include "apps/bench/data.h"

#include <simdjson.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "base/try.h"

namespace omendb::bench {
namespace {

constexpr std::uint64_t kMetaBytesMax = 16 << 20;
constexpr std::uint64_t kNeighborBytesMax = std::uint64_t{4} << 30;

Error damaged(const std::string& path, std::string_view what) {
  return Error{ErrorCode::Corruption, fmt::format("{}: {}", path, what)};
}

std::uint32_t number_at(const std::byte* place) {
  std::uint32_t number;
  std::memcpy(&number, place, sizeof number);
  return number;
}

Result<VectorFile> open_first(const std::string& directory, std::string_view stem) {
  constexpr std::array<std::string_view, 3> kSuffixes = {".fvecs", ".u8bin", ".fbin"};
  for (const std::string_view suffix : kSuffixes) {
    const std::string path = join_path(directory, fmt::format("{}{}", stem, suffix));
    if (OMEN_TRY(real_disk().exists(path))) return VectorFile::open(path);
  }
  return Error{ErrorCode::NotFound, fmt::format("{} has no {}.fvecs, .u8bin or .fbin", directory, stem)};
}

std::optional<Metric> metric_named(std::string_view name) {
  if (name == "angular") return Metric::Cosine;
  for (const Metric metric : {Metric::L2, Metric::Dot, Metric::Cosine}) {
    if (name == name_of(metric)) return metric;
  }
  return std::nullopt;
}

Result<Metric> read_metric(const std::string& path) {
  const std::vector<std::byte> bytes = OMEN_TRY(read_file(real_disk(), path, kMetaBytesMax));
  const simdjson::padded_string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  if (parser.iterate(text).get(document) != simdjson::SUCCESS) return damaged(path, "not JSON");
  std::string_view name;
  if (document["metric"].get_string().get(name) != simdjson::SUCCESS) return damaged(path, "has no \"metric\"");
  const std::optional<Metric> metric = metric_named(name);
  if (!metric) return damaged(path, fmt::format("metric is \"{}\", not l2, dot, cosine or angular", name));
  return *metric;
}

}  // namespace

Result<VectorFile> VectorFile::open(const std::string& path) {
  VectorFile vectors;
  vectors.file_ = OMEN_TRY(real_disk().open(path, OpenMode::Read));
  const std::uint64_t file_bytes = OMEN_TRY(vectors.file_->size());
  if (file_bytes < 8) return damaged(path, "holds no vectors");
  vectors.map_ = OMEN_TRY(vectors.file_->map(file_bytes));
  vectors.map_->populate(0, file_bytes);

  const std::byte* head = vectors.map_->data();
  const bool rows_have_widths = path.ends_with(".fvecs");
  vectors.bytes_ = path.ends_with(".u8bin");
  vectors.dimensions_ = number_at(rows_have_widths ? head : head + 4);
  if (vectors.dimensions_ == 0 || vectors.dimensions_ > kDimensionsMax) {
    return damaged(path, fmt::format("says {} dimensions", vectors.dimensions_));
  }
  const std::uint64_t value_bytes = vectors.dimensions_ * (vectors.bytes_ ? sizeof(std::uint8_t) : sizeof(float));
  vectors.stride_ = value_bytes + (rows_have_widths ? 4 : 0);
  vectors.first_offset_ = rows_have_widths ? 4 : 8;
  vectors.size_ = rows_have_widths ? file_bytes / vectors.stride_ : number_at(head);
  const std::uint64_t expected_bytes = vectors.size_ * vectors.stride_ + (rows_have_widths ? 0 : 8);
  if (file_bytes != expected_bytes) {
    return damaged(path, fmt::format("{} bytes long, but {} vectors of {} dimensions fill {}", file_bytes,
                                     vectors.size_, vectors.dimensions_, expected_bytes));
  }
  return vectors;
}

void VectorFile::copy(std::uint64_t row, std::span<float> into) const {
  const std::byte* place = map_->data() + first_offset_ + row * stride_;
  if (!bytes_) {
    std::memcpy(into.data(), place, into.size_bytes());
    return;
  }
  for (float& value : into) value = static_cast<float>(std::to_integer<std::uint8_t>(*place++));
}

std::vector<float> VectorFile::row(std::uint64_t row) const {
  std::vector<float> values(dimensions_);
  copy(row, values);
  return values;
}

Result<NeighborTable> read_ivecs(const std::string& path) {
  const std::vector<std::byte> bytes = OMEN_TRY(read_file(real_disk(), path, kNeighborBytesMax));
  if (bytes.size() < 8) return damaged(path, "holds no neighbours");
  NeighborTable table;
  table.width = number_at(bytes.data());
  const std::uint64_t stride = 4 * (std::uint64_t{table.width} + 1);
  if (table.width == 0 || bytes.size() % stride != 0) {
    return damaged(path, fmt::format("{} bytes are no whole number of rows of {} ids", bytes.size(), table.width));
  }
  table.ids.resize(bytes.size() / stride * table.width);
  for (std::uint64_t query = 0; query < table.size(); ++query) {
    std::memcpy(&table.ids[query * table.width], bytes.data() + query * stride + 4, stride - 4);
  }
  return table;
}

Result<Dataset> open_dataset(const std::string& directory) {
  Dataset data;
  data.name = std::filesystem::path(join_path(directory, "")).parent_path().filename().string();
  data.metric = OMEN_TRY(read_metric(join_path(directory, "meta.json")));
  data.base = OMEN_TRY(open_first(directory, "base"));
  data.queries = OMEN_TRY(open_first(directory, "queries"));
  if (data.base.dimensions() != data.queries.dimensions()) {
    return Error{ErrorCode::InvalidArgument, fmt::format("{}: the base has {} dimensions, the queries {}", directory,
                                                         data.base.dimensions(), data.queries.dimensions())};
  }
  const std::string neighbors = join_path(directory, "groundtruth.ivecs");
  if (!OMEN_TRY(real_disk().exists(neighbors))) return data;
  data.neighbors = OMEN_TRY(read_ivecs(neighbors));
  for (const std::int32_t id : data.neighbors.ids) {
    if (id >= 0 && static_cast<std::uint64_t>(id) < data.base.size()) continue;
    return damaged(neighbors, fmt::format("names row {}, but the base has {}", id, data.base.size()));
  }
  return data;
}

}  // namespace omendb::bench
