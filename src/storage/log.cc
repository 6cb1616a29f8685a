#include "storage/log.h"

#include <algorithm>
#include <optional>
#include <random>

#include "base/assert.h"
#include "base/crc32c.h"
#include "base/try.h"
#include "storage/file_names.h"
#include "storage/room.h"
#include "storage/store.h"

namespace omendb {
namespace {

// Pieces from this size on are written from where they lie; smaller ones are gathered.
constexpr std::size_t kGatherBytes = 64 * 1024;

// Records from this size on are sent towards the disk at once, so that the flush overlaps with applying them.
constexpr std::uint64_t kWritebackBytes = 64 * 1024;

// A segment that has come this far may fill up: the next one is made.
constexpr std::uint64_t kSpareFromBytes = 1024;

std::uint64_t random_salt() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

}  // namespace

struct Log::Segment {
  // Fixed.
  std::uint64_t number = 0;
  std::string path;
  std::unique_ptr<File> file;  // null: adopted
  std::uint32_t seed = 0;

  // Writer only.
  std::uint64_t reserved = 0;

  // Under mutex_.
  std::uint64_t size = 0;
  Lsn last = 0;     // of its records, or of those before it while there are none
  Lsn flushed = 0;
  bool closed = false;
};

namespace {

// Writes a record piece by piece, gathering the small ones.
class RecordWriter {
 public:
  RecordWriter(File& file, std::uint64_t offset, Bytes& buffer) : file_(file), offset_(offset), buffer_(buffer) {
    buffer_.clear();
  }

  Result<void> put(std::span<const std::byte> piece) {
    if (buffer_.size() + piece.size() > kGatherBytes) OMEN_TRY(flush());
    if (piece.size() < kGatherBytes) {
      put_bytes(buffer_, piece);
      return {};
    }
    return write(piece);
  }

  Result<void> flush() {
    if (buffer_.empty()) return {};
    auto written = write(buffer_);
    buffer_.clear();
    return written;
  }

 private:
  Result<void> write(std::span<const std::byte> bytes) {
    OMEN_TRY(file_.write(offset_, bytes));
    offset_ += bytes.size();
    return {};
  }

  File& file_;
  std::uint64_t offset_;
  Bytes& buffer_;
};

}  // namespace

Log::Log(Disk& disk, Start start)
    : disk_(disk),
      directory_(std::move(start.directory)),
      identity_(start.identity),
      last_(start.last),
      next_number_(start.adopted.empty() ? 1 : start.adopted.back().number + 1),
      durable_(start.durable),
      appended_(start.last) {
  for (const LogFile& file : start.adopted) {
    auto segment = std::make_shared<Segment>();
    segment->number = file.number;
    segment->path = file.path;
    segment->size = file.size;
    segment->last = start.last;
    segment->flushed = start.last;
    segment->closed = true;
    segments_.push_back(std::move(segment));
  }
}

void Log::give_back_room() {
  if (active_ != nullptr && active_->reserved > active_->size) {
    static_cast<void>(active_->file->truncate(active_->size));
    active_->reserved = active_->size;
  }
  std::lock_guard creating(creating_);
  if (spare_ != nullptr) static_cast<void>(disk_.remove(spare_->path));
  spare_.reset();
}

void Log::close_segment() {
  if (active_ == nullptr) return;
  std::lock_guard lock(mutex_);
  active_->closed = true;
  active_.reset();
}

Result<void> Log::reserve(std::uint64_t payload_length) {
  const std::uint64_t bytes = record_size(payload_length);
  if (active_ != nullptr && active_->size >= kSegmentBytes) close_segment();
  if (active_ == nullptr) return begin_segment(bytes);
  return grow(*active_, active_->size + bytes);
}

Result<void> Log::begin_segment(std::uint64_t bytes) {
  OMEN_ASSERT(!adopted());
  std::lock_guard creating(creating_);
  if (spare_ == nullptr) spare_ = OMEN_TRY(create_segment(sizeof(SegmentHeader) + bytes));
  OMEN_TRY(grow(*spare_, spare_->size + bytes));
  active_ = std::move(spare_);
  active_->last = last_;
  active_->flushed = last_;
  std::lock_guard lock(mutex_);
  segments_.push_back(active_);
  return {};
}

void Log::prepare_segment() {
  std::lock_guard creating(creating_);
  if (spare_ != nullptr) return;
  std::uint64_t room = 0;
  {
    std::lock_guard lock(mutex_);
    if (failure_ || segments_.empty() || segments_.back()->size < kSpareFromBytes) return;
    room = std::min(std::max(longest_, 2 * segments_.back()->size), kSegmentBytes);
  }
  if (auto made = create_segment(room); made.ok()) spare_ = std::move(*made);
}

// Under creating_. Durable when it returns, so a segment that has its name has its header.
Result<std::shared_ptr<Log::Segment>> Log::create_segment(std::uint64_t room) {
  const SegmentHeader header = make_segment_header(random_salt(), identity_, next_number_);
  auto segment = std::make_shared<Segment>();
  segment->number = next_number_;
  segment->path = join_path(directory_, segment_name(segment->number));
  segment->seed = record_seed(header);
  segment->size = sizeof header;

  const std::string temporary = segment->path + std::string(kTemporarySuffix);
  if (OMEN_TRY(disk_.exists(temporary))) OMEN_TRY(disk_.remove(temporary));
  segment->file = OMEN_TRY(disk_.open(temporary, OpenMode::CreateNew));
  const auto prepare = [&]() -> Result<void> {
    OMEN_TRY(grow(*segment, room));
    OMEN_TRY(segment->file->write(0, bytes_of(header)));
    OMEN_TRY(segment->file->sync());
    OMEN_TRY(disk_.rename(temporary, segment->path));
    return disk_.sync_directory(directory_);
  };
  if (auto prepared = prepare(); !prepared.ok()) {
    segment->file.reset();
    static_cast<void>(disk_.remove(temporary));  // it is also swept at open
    return prepared.error();
  }
  ++next_number_;
  return segment;
}

Result<void> Log::grow(Segment& segment, std::uint64_t needed) {
  if (needed <= segment.reserved) return {};
  std::uint64_t room = std::max(room_for(needed), std::min(2 * needed, kSegmentBytes));
  auto reserved = segment.file->reserve(room);
  if (!reserved.ok() && reserved.error().code == ErrorCode::DiskFull) {
    room = needed;
    reserved = segment.file->reserve(room);
  }
  OMEN_TRY(std::move(reserved));
  segment.reserved = room;
  return {};
}

Result<Lsn> Log::append(RecordType type, std::span<const std::span<const std::byte>> payload) {
  OMEN_ASSERT(active_ != nullptr);
  std::uint64_t length = 0;
  for (const auto& piece : payload) length += piece.size();
  OMEN_ASSERT(length <= kRecordBytesMax);

  const Lsn lsn = last_ + 1;
  const auto header = make_record_header(type, static_cast<std::uint32_t>(length), lsn, durable(), active_->seed);
  RecordWriter writer(*active_->file, active_->size, buffer_);
  OMEN_TRY(writer.put(bytes_of(header).first(kRecordHeaderBytes)));
  std::uint32_t crc = header.crc;
  for (const auto& piece : payload) {
    crc = crc32c(piece, crc);
    OMEN_TRY(writer.put(piece));
  }
  OMEN_TRY(writer.put(bytes_of(crc)));
  constexpr std::byte kPadding[8] = {};
  const std::uint64_t size = record_size(length);
  OMEN_TRY(writer.put(std::span(kPadding).first(size - kRecordHeaderBytes - length - sizeof crc)));
  OMEN_TRY(writer.flush());
  if (size >= kWritebackBytes) active_->file->start_writeback(active_->size, size);

  last_ = lsn;
  ends_with_mark_ = type == RecordType::Mark;
  bytes_ever_.fetch_add(size, std::memory_order_relaxed);
  std::lock_guard lock(mutex_);
  active_->size += size;
  active_->last = lsn;
  longest_ = std::max(longest_, active_->size);
  appended_ = lsn;
  return lsn;
}

Result<void> Log::sync(Lsn lsn) {
  if (durable() >= lsn) return {};
  std::lock_guard flushing(flush_mutex_);
  if (durable() >= lsn) return {};  // the one before us did it

  std::vector<std::shared_ptr<Segment>> dirty;
  Lsn target;
  {
    std::lock_guard lock(mutex_);
    if (failure_) return *failure_;
    target = appended_;
    std::copy_if(segments_.begin(), segments_.end(), std::back_inserter(dirty),
                 [](const auto& segment) { return segment->flushed < segment->last; });
  }
  for (const auto& segment : dirty) {
    auto synced = segment->file->sync();
    std::lock_guard lock(mutex_);
    if (!synced.ok()) {
      failure_ = synced.error();
      return synced;
    }
    segment->flushed = std::max(segment->flushed, std::min(segment->last, target));
  }
  durable_.store(std::max(durable(), target), std::memory_order_release);
  return {};
}

void Log::note_durable(Lsn lsn) {
  std::lock_guard flushing(flush_mutex_);
  durable_.store(std::max(durable(), lsn), std::memory_order_release);
}

Result<void> Log::remove_through(Lsn lsn) {
  std::vector<std::shared_ptr<Segment>> past;
  {
    std::lock_guard lock(mutex_);
    std::copy_if(segments_.begin(), segments_.end(), std::back_inserter(past),
                 [&](const auto& segment) { return segment->closed && segment->last <= lsn; });
  }
  // Not synced: the next segment's directory sync does it, and only then are a cut tail's LSNs given again.
  for (const auto& segment : past) {
    auto removed = disk_.remove(segment->path);
    if (!removed.ok() && removed.error().code != ErrorCode::NotFound) return removed;
  }
  std::lock_guard lock(mutex_);
  std::erase_if(segments_,
                [&](const auto& segment) { return std::find(past.begin(), past.end(), segment) != past.end(); });
  return {};
}

bool Log::adopted() const {
  std::lock_guard lock(mutex_);
  return std::any_of(segments_.begin(), segments_.end(), [](const auto& segment) { return segment->file == nullptr; });
}

std::vector<LogFile> Log::segments() const {
  std::lock_guard lock(mutex_);
  std::vector<LogFile> files;
  for (const auto& segment : segments_) files.push_back({segment->number, segment->path, segment->size});
  return files;
}

Lsn Log::appended() const {
  std::lock_guard lock(mutex_);
  return appended_;
}

std::uint64_t Log::bytes() const {
  std::lock_guard lock(mutex_);
  std::uint64_t bytes = 0;
  for (const auto& segment : segments_) bytes += segment->size;
  return bytes;
}

}  // namespace omendb
