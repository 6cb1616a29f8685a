#include "storage/log_reader.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/crc32c.h"
#include "base/try.h"
#include "storage/file_names.h"

namespace omendb {
namespace {

// A file's bytes through a window of our own, so that a bad sector is an error and not a signal.
class FileWindow {
 public:
  FileWindow(std::unique_ptr<File> file, std::uint64_t size) : file_(std::move(file)), size_(size) {}

  // Fewer bytes only at the end of the file. Valid until the next call; aligned as `offset` is.
  Result<std::span<const std::byte>> at(std::uint64_t offset, std::uint64_t length) {
    if (offset < begin_ || offset + length > begin_ + filled_) OMEN_TRY(fill(offset, length));
    const auto window = std::span<const std::byte>(bytes_).first(filled_).subspan(offset - begin_);
    return window.first(std::min<std::uint64_t>(length, window.size()));
  }

 private:
  static constexpr std::uint64_t kBytesMin = 1ull << 20;

  Result<void> fill(std::uint64_t offset, std::uint64_t length) {
    bytes_.resize(std::min(std::max(kBytesMin, length), size_ - std::min(size_, offset)));
    filled_ = OMEN_TRY(file_->read(offset, bytes_));
    begin_ = offset;
    if (filled_ == bytes_.size()) return {};
    return Error{ErrorCode::IoError, file_->path() + " gives fewer bytes than it has"};  // not to be taken for its end
  }

  std::unique_ptr<File> file_;
  std::uint64_t size_;
  std::vector<std::byte> bytes_;
  std::uint64_t begin_ = 0;
  std::uint64_t filled_ = 0;
};

// The whole records of one segment, damage passed over.
class SegmentReader {
 public:
  static Result<SegmentReader> open(Disk& disk, const LogFile& segment, std::uint64_t identity) {
    if (segment.size > kSegmentBytesMax)
      return Error{ErrorCode::Corruption, segment.path + " is longer than any log segment of ours"};
    FileWindow window(OMEN_TRY(disk.open(segment.path, OpenMode::Read)), segment.size);
    auto header = decode_segment_header(OMEN_TRY(window.at(0, sizeof(SegmentHeader))));
    if (!header.ok()) return Error{header.error().code, segment.path + " " + header.error().message};
    if (header->identity != identity)
      return Error{ErrorCode::Corruption, segment.path + " belongs to another collection"};
    if (header->number != segment.number)
      return Error{ErrorCode::Corruption, segment.path + " was log segment " + std::to_string(header->number) +
                                              " when it was written"};
    return SegmentReader(std::move(window), segment.size, record_seed(*header));
  }

  struct Record {
    RecordHeader header;
    std::uint64_t offset;
    std::optional<std::span<const std::byte>> payload;  // none: damaged
  };

  // nullopt at the end of the segment. A record whose payload is damaged is reported with its header.
  Result<std::optional<Record>> next() {
    for (; offset_ + kRecordHeaderBytes <= size_; offset_ += 8) {
      const auto bytes = OMEN_TRY(window_.at(offset_, kRecordHeaderBytes));
      if (bytes.size() < kRecordHeaderBytes) break;
      const auto header = decode_record_header(bytes, seed_);
      if (header) return OMEN_TRY(take(*header));
      skipped_ = true;
    }
    return std::optional<Record>();
  }

  // There were bytes that belong to no record.
  bool skipped() const { return skipped_ || offset_ < size_; }

 private:
  SegmentReader(FileWindow window, std::uint64_t size, std::uint32_t seed)
      : window_(std::move(window)), size_(size), seed_(seed) {}

  Result<std::optional<Record>> take(const RecordHeader& header) {
    const std::uint64_t begin = offset_;
    Record record{header, begin, std::nullopt};
    const std::uint64_t wanted = kRecordHeaderBytes + header.length + sizeof(std::uint32_t);
    const auto bytes = begin + wanted > size_ ? std::span<const std::byte>() : OMEN_TRY(window_.at(begin, wanted));
    offset_ += 8;  // where looking goes on if this record is damaged
    if (bytes.size() < wanted) return std::optional(record);

    const auto payload = bytes.subspan(kRecordHeaderBytes, header.length);
    std::uint32_t crc;
    std::memcpy(&crc, bytes.data() + kRecordHeaderBytes + header.length, sizeof crc);
    if (crc != crc32c(payload, header.crc)) return std::optional(record);
    offset_ = begin + record_size(header.length);
    aligned_.resize((payload.size() + 7) / 8);
    if (!payload.empty()) std::memcpy(aligned_.data(), payload.data(), payload.size());
    record.payload = std::as_bytes(std::span(aligned_)).first(payload.size());
    return std::optional(record);
  }

  FileWindow window_;
  std::uint64_t size_;
  std::uint32_t seed_;
  std::uint64_t offset_ = sizeof(SegmentHeader);
  bool skipped_ = false;
  std::vector<std::uint64_t> aligned_;
};

}  // namespace

Result<std::vector<LogFile>> list_log(Disk& disk, const std::string& directory, std::vector<std::string>* others) {
  std::vector<LogFile> segments;
  for (const DirectoryEntry& entry : OMEN_TRY(disk.list(directory))) {
    const auto number = parse_segment_name(entry.name);
    const std::string path = join_path(directory, entry.name);
    if (number && !entry.is_directory) {
      segments.push_back({*number, path, entry.size});
    } else if (others != nullptr) {
      others->push_back(path);
    }
  }
  return segments;
}

namespace {

// One pass over the log: how far it stands in order, and what the records behind that promise.
class LogPass {
 public:
  LogPass(Lsn after, Lsn upto, LogVisitor visit) : upto_(upto), visit_(visit) {
    tail_.last = after;
    tail_.durable = after;
  }

  bool done() const { return tail_.last >= upto_; }

  Result<void> read(Disk& disk, const LogFile& segment, std::uint64_t identity) {
    auto opened = SegmentReader::open(disk, segment, identity);
    if (!opened.ok()) return unreadable(opened.error());
    SegmentReader reader = std::move(*opened);
    while (!done()) {
      const auto record = OMEN_TRY(reader.next());
      if (!record) break;
      OMEN_TRY(take(segment, *record));
    }
    tail_.torn = tail_.torn || (!done() && reader.skipped());
    return {};
  }

  LogTail finish() && {
    if (tail_.data_loss) return std::move(tail_);
    if (promised_ > tail_.last) {
      const Lsn first = tail_.last + 1;
      const std::string where = gap_ ? *gap_ : "it is missing";
      tail_.data_loss = Error{ErrorCode::DataLoss, "operations " + std::to_string(first) + " to " +
                                                       std::to_string(promised_) + " were flushed, and of operation " +
                                                       std::to_string(first) + " " + where};
    }
    tail_.durable = std::min(std::max(tail_.durable, promised_), tail_.last);
    return std::move(tail_);
  }

 private:
  Result<void> unreadable(const Error& error) {
    if (error.code != ErrorCode::Corruption) return error;
    // A segment gets its name after its header is durable: no crash leaves a bad header behind.
    if (!tail_.data_loss) tail_.data_loss = Error{ErrorCode::DataLoss, error.message};
    ended_ = true;
    return {};
  }

  Result<void> take(const LogFile& segment, const SegmentReader::Record& record) {
    const Lsn lsn = record.header.lsn;
    promised_ = std::max(promised_, record.header.durable_lsn);
    if (lsn <= tail_.last) return {};  // before the checkpoint
    if (ended_) {
      tail_.torn = true;
      return {};
    }
    if (lsn == tail_.last + 1 && record.payload) {
      auto visited = visit_(LogRecord{record.header.type, lsn, *record.payload});
      if (visited.ok()) {
        tail_.last = lsn;
        return {};
      }
      if (visited.error().code != ErrorCode::Corruption) return visited;
      // The sum is right and the content is not: no crash does that.
      tail_.data_loss = Error{ErrorCode::DataLoss, place(segment, record) + ": " + visited.error().message};
    }
    gap_ = lsn == tail_.last + 1 ? "the record is damaged: " + place(segment, record)
                                 : "nothing is there: the next whole record is " + place(segment, record);
    ended_ = true;
    tail_.torn = true;
    return {};
  }

  static std::string place(const LogFile& segment, const SegmentReader::Record& record) {
    return segment.path + " at offset " + std::to_string(record.offset);
  }

  Lsn upto_;
  LogVisitor visit_;
  LogTail tail_;
  Lsn promised_ = 0;  // the largest durable_lsn seen
  bool ended_ = false;
  std::optional<std::string> gap_;
};

// Whether nothing beyond `after` + 1 can lie before this segment. False if its beginning cannot be read.
Result<bool> begins_by(Disk& disk, const LogFile& segment, std::uint64_t identity, Lsn after) {
  auto opened = SegmentReader::open(disk, segment, identity);
  if (!opened.ok()) return opened.error().code == ErrorCode::Corruption ? Result<bool>(false) : opened.error();
  SegmentReader reader = std::move(*opened);
  const auto record = OMEN_TRY(reader.next());
  return record && record->header.lsn <= after + 1;
}

}  // namespace

Result<LogTail> read_log(Disk& disk, const std::vector<LogFile>& segments, std::uint64_t identity, Lsn after, Lsn upto,
                         LogVisitor visit) {
  LogPass pass(after, upto, visit);
  for (std::size_t i = 0; i < segments.size() && !pass.done(); ++i) {
    const bool all_checkpointed =
        i + 1 < segments.size() && OMEN_TRY(begins_by(disk, segments[i + 1], identity, after));
    if (!all_checkpointed) OMEN_TRY(pass.read(disk, segments[i], identity));
  }
  return std::move(pass).finish();
}

}  // namespace omendb
