// omendb import: rows from a file into a collection, as fast as they are accepted, and then the wait for the index.
#include <fmt/format.h>

#include <algorithm>

#include "apps/commands.h"
#include "apps/formats/payload_lines.h"
#include "apps/formats/vector_reader.h"
#include "apps/human.h"
#include "apps/rate.h"
#include "apps/status.h"
#include "apps/terminal.h"
#include "base/try.h"
#include "omendb/omendb.h"
#include "os/clock.h"

namespace omendb {
namespace {

// Without --durable the log is flushed this often, for the acks; more often would wait for the disk.
constexpr std::uint32_t kBatchesPerFlush = 64;

Error wrong(std::string found) { return Error{ErrorCode::InvalidArgument, std::move(found)}; }

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(steady_clock().now() - start).count();
}

Result<void> check_fit(const ImportArguments& arguments, const VectorReader& reader, const CollectionOptions& options) {
  const std::string_view name = arguments.collection;
  if (reader.dimensions() != options.dimensions) {
    return wrong(fmt::format("{}: the vectors have {} values, the collection \"{}\" takes {}", arguments.file,
                             reader.dimensions(), name, options.dimensions));
  }
  if (arguments.metric && *arguments.metric != options.metric) {
    return wrong(fmt::format("the collection \"{}\" has the metric {}, not {}", name, name_of(options.metric),
                             name_of(*arguments.metric)));
  }
  if (arguments.datatype && *arguments.datatype != options.datatype) {
    return wrong(fmt::format("the collection \"{}\" has the datatype {}, not {}", name, name_of(options.datatype),
                             name_of(*arguments.datatype)));
  }
  return {};
}

Result<Collection> find_or_create(Database& database, const ImportArguments& arguments, const VectorReader& reader) {
  auto found = database.collection(arguments.collection);
  if (found.ok()) {
    OMEN_TRY(check_fit(arguments, reader, found->options()));
    return found;
  }
  if (found.error().code != ErrorCode::NotFound) return found;

  CollectionOptions options;
  options.dimensions = reader.dimensions();
  options.metric = arguments.metric.value_or(reader.metric().value_or(Metric::L2));
  options.datatype = arguments.datatype.value_or(Datatype::Float32);
  return database.create(arguments.collection, options);
}

class Import {
 public:
  Import(const ImportArguments& arguments, VectorReader& reader, std::optional<PayloadLines> payloads,
         Collection collection)
      : arguments_(arguments),
        reader_(reader),
        payloads_(std::move(payloads)),
        collection_(std::move(collection)),
        status_file_(arguments.directory) {
    rate_.add(0);
  }

  // Sends all rows. Those before an error are imported too, and flushed.
  Result<void> load() {
    Result<void> read;
    do {
      read = read_batch();
      if (batch_.rows() > 0) OMEN_TRY(send());
    } while (read.ok() && batch_.rows() > 0);
    OMEN_TRY(flush());
    load_seconds_ = seconds_since(start_);
    show_loading(true);
    if (!read)
      return Error{read.error().code, fmt::format("{} ({} rows before it are imported)", read.error().message, rows_)};
    if (payloads_) OMEN_TRY(payloads_->check_end());
    return {};
  }

  // Until the index covers everything, or says that it will not.
  Result<void> wait_indexed() {
    const auto start = steady_clock().now();
    tail_at_start_ = collection_.progress().tail;
    while (!OMEN_TRY(collection_.wait_indexed(std::chrono::milliseconds(100)))) {
      const Progress progress = collection_.progress();
      if (progress.state == IndexState::Stopped) {
        return Error{ErrorCode::Unsupported,
                     fmt::format("the rows are imported, but indexing has stopped: {}", progress.reason)};
      }
      publish();
      if (live_.due()) show_indexing(progress);
    }
    index_seconds_ = seconds_since(start);
    return {};
  }

  std::string summary() const {
    std::string text = fmt::format("imported {} rows in {} ({} rows/s)", with_commas(rows_),
                                   duration_text(std::chrono::duration<double>(load_seconds_)),
                                   with_commas(static_cast<double>(rows_) / std::max(load_seconds_, 1e-6)));
    if (index_seconds_) {
      text += fmt::format(", indexed {} later", duration_text(std::chrono::duration<double>(*index_seconds_)));
    }
    return text;
  }

  LiveText& live() { return live_; }

 private:
  Result<void> read_batch() {
    auto read = reader_.next(arguments_.batch_rows, batch_);
    if (!payloads_) return read;
    if (!batch_.payloads.empty()) {
      batch_.clear();
      return wrong(fmt::format("{} brings its own payloads; leave out --payload", arguments_.file));
    }
    auto joined = payloads_->next(batch_.rows(), batch_.payloads);
    if (joined.ok()) return read;
    batch_.ids.resize(batch_.payloads.size());
    batch_.vectors.resize(batch_.ids.size() * reader_.dimensions());
    return joined;
  }

  Result<void> send() {
    payload_views_.assign(batch_.payloads.begin(), batch_.payloads.end());
    const Batch batch{.ids = batch_.ids, .vectors = batch_.vectors, .payloads = payload_views_};
    const auto receipt = collection_.upsert(batch, arguments_.durable ? Wait::Durable : Wait::Accepted);
    if (!receipt) {
      const std::string place = fmt::format("{}, rows {} to {}", arguments_.file, rows_, rows_ + batch_.rows() - 1);
      return Error{receipt.error().code, fmt::format("{}: {}", place, receipt.error().message)};
    }
    rows_ += batch_.rows();
    if (arguments_.durable) {
      acknowledge();
    } else if (++batches_since_flush_ == kBatchesPerFlush) {
      OMEN_TRY(flush());
    }
    publish();
    show_loading(false);
    return {};
  }

  Result<void> flush() {
    batches_since_flush_ = 0;
    if (acked_ == rows_) return {};
    OMEN_TRY(collection_.flush());
    acknowledge();
    return {};
  }

  // Only called when everything sent is on disk.
  void acknowledge() {
    acked_ = rows_;
    if (!arguments_.print_acks) return;
    fmt::print("acked {}\n", acked_);
    std::fflush(stdout);
  }

  void publish() {
    rate_.add(rows_);
    if (!status_file_.due()) return;
    Status status = status_of("import", arguments_.collection, collection_);
    status.acked = acked_;
    status.accepted_per_second = rate_.per_second();
    status_file_.publish(std::move(status));
  }

  void show_loading(bool last) {
    if (!last && !live_.due()) return;
    const double share = last ? 1 : reader_.share_read();
    const std::uint64_t tail = collection_.progress().tail;
    const double elapsed = seconds_since(start_);
    const std::string left =
        share > 0.01 && share < 1
            ? fmt::format("   {} left", duration_text(std::chrono::duration<double>(elapsed / share - elapsed)))
            : std::string();
    const std::string rate = with_commas(rate_.per_second());
    live_.show(fmt::format("accepting {} {:>5}  {} rows   {} rows/s{}   tail {}", bar(share, 30), percent_text(share),
                           with_commas(rows_), rate, left, with_commas(tail)),
               fmt::format("accepted {} rows, {}, {} rows/s, tail {}", rows_, percent_text(share), rate, tail));
  }

  void show_indexing(const Progress& progress) {
    tail_at_start_ = std::max(tail_at_start_, progress.tail);
    const double done =
        tail_at_start_ == 0 ? 1 : 1 - static_cast<double>(progress.tail) / static_cast<double>(tail_at_start_);
    const std::string left = progress.eta ? fmt::format(", {} left", duration_text(*progress.eta)) : std::string();
    const std::string why =
        progress.reason.empty() ? std::string() : fmt::format(" ({}: {})", name_of(progress.state), progress.reason);
    const std::string rate = with_commas(progress.rows_per_second);
    live_.show(fmt::format("indexing  {} {:>5}  tail {}   {} rows/s{}{}", bar(done, 30), percent_text(done),
                           with_commas(progress.tail), rate, left, why),
               fmt::format("indexing, tail {}, {} rows/s{}{}", progress.tail, rate, left, why));
  }

  const ImportArguments& arguments_;
  VectorReader& reader_;
  std::optional<PayloadLines> payloads_;
  Collection collection_;
  StatusFile status_file_;
  LiveText live_{stderr};
  Rate rate_;

  VectorBatch batch_;
  std::vector<std::string_view> payload_views_;  // into batch_
  std::uint64_t rows_ = 0;                       // accepted
  std::uint64_t acked_ = 0;                      // on disk
  std::uint32_t batches_since_flush_ = 0;
  std::uint64_t tail_at_start_ = 0;

  Clock::time_point start_ = steady_clock().now();
  double load_seconds_ = 0;
  std::optional<double> index_seconds_;
};

}  // namespace

Result<void> run_import(const ImportArguments& arguments) {
  const auto reader = OMEN_TRY(open_vectors(arguments.file, Part::Base));
  std::optional<PayloadLines> payloads;
  if (!arguments.payload_file.empty()) payloads = OMEN_TRY(PayloadLines::open(arguments.payload_file));

  Database database = OMEN_TRY(Database::open(arguments.directory, {.index_in_background = arguments.index}));
  Collection collection = OMEN_TRY(find_or_create(database, arguments, *reader));
  {
    Import import(arguments, *reader, std::move(payloads), std::move(collection));
    OMEN_TRY(import.load());
    if (arguments.index) OMEN_TRY(import.wait_indexed());
    import.live().clear();
    fmt::print("{}\n", import.summary());
  }
  return database.close();
}

}  // namespace omendb
