#include "storage/manifest.h"

#include <optional>
#include <string>
#include <string_view>

#include "base/try.h"

namespace omendb {
namespace {

constexpr std::uint32_t kFormatVersion = 2;
constexpr std::uint32_t kFilesMax = 256;

// Takes values from the reader until one is missing; then everything is zero and ok() is false.
class ManifestReader {
 public:
  explicit ManifestReader(std::span<const std::byte> bytes) : reader_(bytes) {}

  template <class T>
  T take() {
    const auto value = reader_.take<T>();
    ok_ = ok_ && value.has_value();
    return ok_ ? *value : T{};
  }
  std::string take_text() {
    const auto text = reader_.take_text();
    ok_ = ok_ && text.has_value();
    return ok_ ? std::string(*text) : std::string();
  }
  bool ok() const { return ok_; }
  bool at_end() const { return reader_.remaining() == 0; }

 private:
  ByteReader reader_;
  bool ok_ = true;
};

Error damaged(std::string_view what) { return {ErrorCode::Corruption, "the manifest " + std::string(what)}; }

Result<VectorField> take_field(ManifestReader& reader) {
  VectorField field;
  field.name = reader.take_text();
  field.dimensions = reader.take<std::uint32_t>();
  const auto metric = reader.take<std::uint8_t>();
  const auto datatype = reader.take<std::uint8_t>();
  if (!reader.ok()) return damaged("is cut short");
  if (field.dimensions == 0 || field.dimensions > kDimensionsMax)
    return damaged("names a field of " + std::to_string(field.dimensions) + " dimensions");
  if (metric > static_cast<std::uint8_t>(Metric::L1)) return damaged("names an unknown metric");
  if (datatype > static_cast<std::uint8_t>(Datatype::Uint8)) return damaged("names an unknown datatype");
  field.metric = Metric{metric};
  field.datatype = Datatype{datatype};
  return field;
}

Result<SparseField> take_sparse_field(ManifestReader& reader) {
  SparseField field;
  field.name = reader.take_text();
  const auto modifier = reader.take<std::uint8_t>();
  if (!reader.ok()) return damaged("is cut short");
  if (modifier > static_cast<std::uint8_t>(SparseModifier::Idf)) return damaged("names an unknown modifier");
  field.modifier = SparseModifier{modifier};
  return field;
}

}  // namespace

Bytes encode_manifest(const Manifest& manifest) {
  Bytes out;
  put(out, kFormatVersion);
  put(out, std::uint32_t{0});  // features a reader must know; none yet
  put(out, manifest.identity);
  put(out, manifest.generation);
  put(out, manifest.lsn);
  put(out, manifest.rows);
  put(out, manifest.live);
  put(out, static_cast<std::uint32_t>(manifest.schema.fields.size()));
  for (const VectorField& field : manifest.schema.fields) {
    put_text(out, field.name);
    put(out, field.dimensions);
    put(out, static_cast<std::uint8_t>(field.metric));
    put(out, static_cast<std::uint8_t>(field.datatype));
  }
  put(out, static_cast<std::uint32_t>(manifest.schema.sparse.size()));
  for (const SparseField& field : manifest.schema.sparse) {
    put_text(out, field.name);
    put(out, static_cast<std::uint8_t>(field.modifier));
  }
  put(out, static_cast<std::uint32_t>(manifest.files.size()));
  for (const FileExtent& extent : manifest.files) {
    put(out, extent.length);
    put(out, extent.open_block_crc);
  }
  return out;
}

Result<Manifest> decode_manifest(std::span<const std::byte> bytes) {
  ManifestReader reader(bytes);
  const auto version = reader.take<std::uint32_t>();
  const auto features = reader.take<std::uint32_t>();
  if (!reader.ok()) return damaged("is cut short");
  if (version != kFormatVersion || features != 0) {
    return Error{ErrorCode::Unsupported, "the collection has format " + std::to_string(version) + " with features " +
                                             std::to_string(features) + "; this build reads format " +
                                             std::to_string(kFormatVersion)};
  }
  Manifest manifest;
  manifest.identity = reader.take<std::uint64_t>();
  manifest.generation = reader.take<std::uint64_t>();
  manifest.lsn = reader.take<std::uint64_t>();
  manifest.rows = reader.take<std::uint32_t>();
  manifest.live = reader.take<std::uint64_t>();
  const auto fields = reader.take<std::uint32_t>();
  if (!reader.ok() || fields > kVectorFieldsMax) return damaged("names too many vector fields");
  for (std::uint32_t i = 0; i < fields; ++i) manifest.schema.fields.push_back(OMEN_TRY(take_field(reader)));
  const auto sparse = reader.take<std::uint32_t>();
  if (!reader.ok() || sparse > kSparseFieldsMax) return damaged("names too many sparse vector fields");
  for (std::uint32_t i = 0; i < sparse; ++i) manifest.schema.sparse.push_back(OMEN_TRY(take_sparse_field(reader)));
  const auto files = reader.take<std::uint32_t>();
  if (!reader.ok() || files > kFilesMax) return damaged("names too many files");
  for (std::uint32_t i = 0; i < files; ++i) {
    const auto length = reader.take<std::uint64_t>();
    const auto crc = reader.take<std::uint32_t>();
    manifest.files.push_back({length, crc});
  }
  if (!reader.ok()) return damaged("is cut short");
  if (!reader.at_end()) return damaged("is longer than what it says");
  return manifest;
}

}  // namespace omendb
