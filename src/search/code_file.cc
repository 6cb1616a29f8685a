// The file of a CodeTable: docs/file_format.md, section Codes.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/try.h"
#include "search/code_parts.h"
#include "search/code_table.h"

namespace omendb {
namespace {

constexpr std::array<char, 8> kMagic = {'O', 'M', 'E', 'N', 'C', 'O', 'D', 'E'};
constexpr std::uint32_t kVersion = 2;  // 1 had the factors inside the records

struct FileHeader {
  std::array<char, 8> magic = kMagic;
  std::uint32_t version = kVersion;
  std::uint32_t dimensions = 0;
  std::uint64_t seed = 0;
  std::uint8_t metric = 0;
  std::uint8_t datatype = 0;
  std::uint16_t zero = 0;
  std::uint32_t crc = 0;  // of the bytes before it
};
static_assert(sizeof(FileHeader) == 32, "docs/file_format.md, section Codes");

struct ChunkHeader {
  std::uint32_t number = 0;
  std::uint32_t crc = 0;  // of the number, the sum, factors, codes and blocks
};
static_assert(sizeof(ChunkHeader) == 8, "docs/file_format.md, section Codes");

FileHeader header_of(const VectorField& field, std::uint64_t seed) {
  FileHeader header;
  header.dimensions = field.dimensions;
  header.seed = seed;
  header.metric = static_cast<std::uint8_t>(field.metric);
  header.datatype = static_cast<std::uint8_t>(field.datatype);
  header.crc = crc32c(bytes_of(header).first(offsetof(FileHeader, crc)));
  return header;
}

Result<FileHeader> read_header(const File& file, const VectorField& field) {
  FileHeader header;
  const std::size_t read = OMEN_TRY(file.read(0, std::as_writable_bytes(std::span(&header, 1))));
  if (read < sizeof header || header.magic != kMagic) {
    return Error{ErrorCode::Corruption, file.path() + " is not a file of codes"};
  }
  if (header.version != kVersion) {
    return Error{ErrorCode::Unsupported, file.path() + " has version " + std::to_string(header.version) +
                                             ", this build reads " + std::to_string(kVersion)};
  }
  if (header.crc != crc32c(bytes_of(header).first(offsetof(FileHeader, crc)))) {
    return Error{ErrorCode::Corruption, file.path() + ": the checksum of the header differs"};
  }
  if (std::memcmp(&header, bytes_of(header_of(field, header.seed)).data(), sizeof header) != 0) {
    return Error{ErrorCode::Corruption, file.path() + " has the codes of another kind of vectors"};
  }
  return header;
}

// The parts of a chunk as they lie in memory, and their sizes in the file.
struct Chunk {
  Chunk(const CodeTable::Parts& parts, std::uint32_t chunk_number) : number(chunk_number) {
    const std::uint32_t first_row = number * kChunkRows;
    sum = std::as_writable_bytes(std::span(parts.chunk_sum(number), parts.rotation.width()));
    factors = std::as_writable_bytes(std::span(parts.factors_of(first_row), kChunkRows));
    codes = std::as_writable_bytes(std::span(parts.code_of(first_row), kChunkRows * parts.rotation.width()));
    if (number == 0) return;  // the first rows have no one-bit codes
    blocks = {parts.block_data(first_row / kBlockRows), kChunkRows / kBlockRows * parts.block_bytes()};
  }

  std::uint32_t crc() const {
    return crc32c(blocks, crc32c(codes, crc32c(factors, crc32c(sum, crc32c(bytes_of(number))))));
  }

  std::uint32_t number;
  std::span<std::byte> sum;
  std::span<std::byte> factors;
  std::span<std::byte> codes;
  std::span<std::byte> blocks;
};

// Where a chunk begins: all but the first are of one size.
std::uint64_t chunk_offset(const CodeTable::Parts& parts, std::uint32_t number) {
  if (number == 0) return sizeof(FileHeader);
  const std::uint64_t block_bytes = kChunkRows / kBlockRows * parts.block_bytes();
  const std::uint64_t first_bytes = sizeof(ChunkHeader) + parts.rotation.width() * sizeof(double) +
                                    kChunkRows * (sizeof(CodeFactors) + parts.rotation.width());
  return sizeof(FileHeader) + number * first_bytes + (number - 1) * block_bytes;
}

Result<void> write_chunk(File& file, const Chunk& chunk, std::uint64_t offset) {
  const ChunkHeader header{chunk.number, chunk.crc()};
  Bytes head;
  put(head, header);
  put_bytes(head, chunk.sum);
  put_bytes(head, chunk.factors);
  OMEN_TRY(file.write(offset, head));
  offset += head.size();
  OMEN_TRY(file.write(offset, chunk.codes));
  offset += chunk.codes.size();
  if (chunk.blocks.empty()) return {};
  return file.write(offset, chunk.blocks);
}

// False if the file ends before the chunk does, or the chunk is not what was written.
Result<bool> read_chunk(const File& file, const Chunk& chunk, std::uint64_t offset) {
  ChunkHeader header;
  for (const std::span<std::byte> part :
       {std::as_writable_bytes(std::span(&header, 1)), chunk.sum, chunk.factors, chunk.codes, chunk.blocks}) {
    if (part.empty()) continue;
    if (OMEN_TRY(file.read(offset, part)) < part.size()) return false;
    offset += part.size();
  }
  return header.number == chunk.number && header.crc == chunk.crc();
}

// Whether the bytes in the file are those that were written as chunk `number`.
Result<bool> chunk_is_whole(const File& file, std::uint32_t number, std::uint64_t begin, std::uint64_t end) {
  ChunkHeader header;
  if (OMEN_TRY(file.read(begin, std::as_writable_bytes(std::span(&header, 1)))) < sizeof header) return false;
  std::uint32_t crc = crc32c(bytes_of(number));
  Bytes piece;
  for (std::uint64_t offset = begin + sizeof header; offset < end; offset += piece.size()) {
    piece.resize(std::min<std::uint64_t>(end - offset, 1u << 20));
    if (OMEN_TRY(file.read(offset, piece)) < piece.size()) return false;
    crc = crc32c(piece, crc);
  }
  return header.number == number && header.crc == crc;
}

// An empty file at `path`, whatever was there.
Result<std::unique_ptr<File>> new_file(Disk& disk, const std::string& path) {
  auto created = disk.open(path, OpenMode::CreateNew);
  if (created.ok() || created.error().code != ErrorCode::AlreadyExists) return created;
  std::unique_ptr<File> file = OMEN_TRY(disk.open(path, OpenMode::Write));
  OMEN_TRY(file->truncate(0));
  return file;
}

// What lies beyond `end` was written for rows that were lost since, and their numbers are given again: it must not be
// taken for the codes of the new rows one day, so it is gone before any can come.
Result<void> cut(Disk& disk, const std::string& path, std::uint64_t end) {
  const std::unique_ptr<File> file = OMEN_TRY(disk.open(path, OpenMode::Write));
  if (OMEN_TRY(file->size()) <= end) return {};
  OMEN_TRY(file->truncate(end));
  return file->sync();
}

}  // namespace

Result<void> CodeTable::save(Disk& disk, const std::string& path) {
  if (code_dimensions_ == 0) return {};
  const std::uint32_t chunks = rows() / kChunkRows;
  std::uint32_t written = path == parts_->saved_path ? parts_->saved_chunks : 0;
  if (chunks == written) return {};

  if (written > 0 && !OMEN_TRY(disk.exists(path))) written = 0;  // somebody removed it: it is derived
  std::unique_ptr<File> file;
  if (written > 0) {
    file = OMEN_TRY(disk.open(path, OpenMode::Write));
  } else {
    file = OMEN_TRY(new_file(disk, path));
    OMEN_TRY(file->write(0, bytes_of(header_of(parts_->field, parts_->seed))));
  }
  for (; written < chunks; ++written) {
    OMEN_TRY(write_chunk(*file, Chunk(*parts_, written), chunk_offset(*parts_, written)));
  }
  parts_->saved_path = path;
  parts_->saved_chunks = chunks;
  return {};
}

Result<std::uint64_t> CodeTable::verify(const VectorField& field, Disk& disk, const std::string& path) {
  const std::unique_ptr<File> file = OMEN_TRY(disk.open(path, OpenMode::Read));
  const Parts parts(field, OMEN_TRY(read_header(*file, field)).seed);
  const std::uint64_t size = OMEN_TRY(file->size());
  for (std::uint32_t chunk = 0; chunk_offset(parts, chunk) < size; ++chunk) {
    if (OMEN_TRY(chunk_is_whole(*file, chunk, chunk_offset(parts, chunk), chunk_offset(parts, chunk + 1)))) continue;
    const std::uint64_t first = std::uint64_t{chunk} * kChunkRows;
    return Error{ErrorCode::Corruption, path + ": the codes of rows " + std::to_string(first) + " to " +
                                            std::to_string(first + kChunkRows - 1) + " are damaged"};
  }
  return size;
}

Result<std::unique_ptr<CodeTable>> CodeTable::load(const VectorField& field, Disk& disk, const std::string& path,
                                                   std::uint32_t rows_max) {
  const std::unique_ptr<File> file = OMEN_TRY(disk.open(path, OpenMode::Read));
  const FileHeader header = OMEN_TRY(read_header(*file, field));
  std::unique_ptr<CodeTable> table = OMEN_TRY(create(field, header.seed, rows_max));
  Parts& parts = *table->parts_;

  const std::uint32_t chunks_max = std::min(rows_max, parts.rows_max) / kChunkRows;
  std::uint32_t chunks = 0;
  for (; chunks < chunks_max; ++chunks) {
    const std::uint64_t offset = chunk_offset(parts, chunks);
    if (OMEN_TRY(file->size()) < offset + sizeof(ChunkHeader)) break;
    OMEN_TRY(parts.grow_codes((chunks + 1) * kChunkRows));
    if (!OMEN_TRY(read_chunk(*file, Chunk(parts, chunks), offset))) break;
  }
  OMEN_TRY(cut(disk, path, chunk_offset(parts, chunks)));
  if (chunks == 0) return Error{ErrorCode::Corruption, path + " has no good chunk of codes"};
  parts.restart_after_load(chunks * kChunkRows);
  parts.saved_path = path;
  parts.saved_chunks = chunks;
  return table;
}

}  // namespace omendb
