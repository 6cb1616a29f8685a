#include <fmt/format.h>
#include <hdf5.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "apps/formats/formats.h"
#include "base/try.h"

namespace omendb {
namespace {

// Closes an HDF5 object with the function for its kind. Negative: it could not be opened.
class Handle {
 public:
  Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle& operator=(Handle&&) = delete;
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  bool ok() const { return id_ >= 0; }
  hid_t get() const { return id_; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

Error wrong(const std::string& path, std::string_view found) {
  return Error{ErrorCode::InvalidArgument, fmt::format("{}: {}", path, found)};
}

std::optional<std::string> text_attribute(hid_t object, const char* name) {
  if (H5Aexists(object, name) <= 0) return std::nullopt;
  const Handle attribute(H5Aopen(object, name, H5P_DEFAULT), H5Aclose);
  const Handle type(H5Aget_type(attribute.get()), H5Tclose);
  if (!attribute.ok() || !type.ok() || H5Tget_class(type.get()) != H5T_STRING) return std::nullopt;

  if (H5Tis_variable_str(type.get()) > 0) {
    const Handle text_type(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(text_type.get(), H5T_VARIABLE);
    H5Tset_cset(text_type.get(), H5Tget_cset(type.get()));
    char* text = nullptr;
    if (H5Aread(attribute.get(), text_type.get(), &text) < 0 || text == nullptr) return std::nullopt;
    std::string copy = text;
    H5free_memory(text);
    return copy;
  }
  std::string text(std::min<std::size_t>(H5Tget_size(type.get()), 64) + 1, '\0');
  if (text.size() <= H5Tget_size(type.get()) || H5Aread(attribute.get(), type.get(), text.data()) < 0)
    return std::nullopt;
  text.resize(std::strlen(text.c_str()));
  return text;
}

Result<std::optional<Metric>> metric_of(hid_t file, const std::string& path) {
  const auto distance = text_attribute(file, "distance");
  if (!distance) return std::optional<Metric>();
  if (*distance == "euclidean") return std::optional(Metric::L2);
  if (*distance == "angular") return std::optional(Metric::Cosine);
  if (*distance == "dot" || *distance == "ip") return std::optional(Metric::Dot);
  return wrong(path, fmt::format("its distance is \"{}\"; euclidean, angular and dot are known", *distance));
}

class Hdf5Reader : public VectorReader {
 public:
  Hdf5Reader(std::string path, Handle file, Handle dataset, std::array<hsize_t, 2> shape, std::optional<Metric> metric)
      : path_(std::move(path)), file_(std::move(file)), dataset_(std::move(dataset)), rows_(shape[0]), metric_(metric) {
    dimensions_ = static_cast<std::uint32_t>(shape[1]);
  }

  std::optional<std::uint64_t> rows() const override { return rows_; }
  std::optional<Metric> metric() const override { return metric_; }
  double share_read() const override {
    return static_cast<double>(row_) / static_cast<double>(std::max<hsize_t>(rows_, 1));
  }

  Result<void> next(std::uint32_t rows_max, VectorBatch& batch) override {
    batch.clear();
    const std::array<hsize_t, 2> start = {row_, 0};
    const std::array<hsize_t, 2> count = {std::min<hsize_t>(rows_max, rows_ - row_), dimensions_};
    if (count[0] == 0) return {};

    const Handle in_file(H5Dget_space(dataset_.get()), H5Sclose);
    const Handle in_memory(H5Screate_simple(2, count.data(), nullptr), H5Sclose);
    batch.vectors.resize(count[0] * count[1]);
    if (H5Sselect_hyperslab(in_file.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr) < 0 ||
        H5Dread(dataset_.get(), H5T_NATIVE_FLOAT, in_memory.get(), in_file.get(), H5P_DEFAULT, batch.vectors.data()) <
            0) {
      batch.clear();
      return wrong(path_, fmt::format("rows {} to {} cannot be read", row_, row_ + count[0] - 1));
    }
    for (hsize_t i = 0; i < count[0]; ++i) batch.ids.emplace_back(row_++);
    return {};
  }

 private:
  std::string path_;
  Handle file_;
  Handle dataset_;
  hsize_t rows_;
  std::optional<Metric> metric_;
  hsize_t row_ = 0;
};

}  // namespace

Result<std::unique_ptr<VectorReader>> open_hdf5(const std::string& path, Part part) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // the library would print its own stack of errors
  Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
  if (!file.ok()) return wrong(path, "this cannot be opened as an HDF5 file");

  const char* const name = part == Part::Base ? "train" : "test";
  Handle dataset(H5Dopen2(file.get(), name, H5P_DEFAULT), H5Dclose);
  if (!dataset.ok()) return wrong(path, fmt::format("it holds no dataset \"{}\"", name));
  const Handle type(H5Dget_type(dataset.get()), H5Tclose);
  const H5T_class_t kind = H5Tget_class(type.get());
  if (kind != H5T_FLOAT && kind != H5T_INTEGER)
    return wrong(path, fmt::format("the dataset \"{}\" does not hold numbers", name));

  const Handle space(H5Dget_space(dataset.get()), H5Sclose);
  std::array<hsize_t, 2> shape{};
  if (H5Sget_simple_extent_ndims(space.get()) != 2 ||
      H5Sget_simple_extent_dims(space.get(), shape.data(), nullptr) != 2) {
    return wrong(path, fmt::format("the dataset \"{}\" does not have two dimensions, rows and values", name));
  }
  if (shape[1] == 0 || shape[1] > kDimensionsMax) {
    return wrong(path, fmt::format("the dataset \"{}\" has {} dimensions; 1 to {} are possible", name, shape[1],
                                   kDimensionsMax));
  }
  const auto metric = OMEN_TRY(metric_of(file.get(), path));
  return std::unique_ptr<VectorReader>(
      std::make_unique<Hdf5Reader>(path, std::move(file), std::move(dataset), shape, metric));
}

}  // namespace omendb
