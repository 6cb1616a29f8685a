// omendb demo: a dictionary is loaded while it is searched, the process is killed, and nothing is lost.
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <mutex>
#include <random>

#include "apps/commands.h"
#include "apps/formats/payload_lines.h"
#include "apps/formats/vector_reader.h"
#include "apps/human.h"
#include "apps/latencies.h"
#include "apps/rate.h"
#include "apps/status.h"
#include "apps/terminal.h"
#include "base/try.h"
#include "omendb/omendb.h"
#include "os/clock.h"
#include "os/disk.h"
#include "os/executor.h"

namespace omendb {
namespace {

constexpr std::string_view kCollection = "words";
constexpr std::array<std::string_view, 6> kAsked = {"coffee", "piano", "einstein", "monday", "python", "river"};
constexpr std::uint32_t kNeighborsShown = 5;

// Kept back for the insert that is killed, if there are words enough.
constexpr std::uint64_t kWordsForTheKill = 20'000;
constexpr std::uint32_t kBatchRows = 1000;

// Answers do not wait for the index, so neither does the demo on a slow machine.
constexpr std::chrono::seconds kIndexingShownMax{45};
constexpr std::uint32_t kBatchRowsBeforeTheKill = 100;

std::string bold(std::string_view text) { return in_colour(stdout, Colour::Bold, text); }
std::string good(std::string_view text) { return in_colour(stdout, Colour::Green, text); }

std::string word_of(std::string_view payload) {
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  std::string_view word;
  if (parser.parse(payload.data(), payload.size()).get(element) != simdjson::SUCCESS) return {};
  if (element["word"].get(word) != simdjson::SUCCESS) return {};
  return std::string(word);
}

// Words with their vectors, from a vector file and a payload file beside it.
class WordReader {
 public:
  static Result<WordReader> open(const std::string& directory, std::string_view vectors, std::string_view payloads) {
    auto reader = OMEN_TRY(open_vectors(join_path(directory, vectors), Part::Base));
    return WordReader(std::move(reader), OMEN_TRY(PayloadLines::open(join_path(directory, payloads))));
  }

  Result<void> next(std::uint32_t rows_max, VectorBatch& batch) {
    OMEN_TRY(reader_->next(rows_max, batch));
    return payloads_.next(batch.rows(), batch.payloads);
  }

  std::uint64_t rows() const { return reader_->rows().value_or(0); }
  std::uint32_t dimensions() const { return reader_->dimensions(); }

 private:
  WordReader(std::unique_ptr<VectorReader> reader, PayloadLines payloads)
      : reader_(std::move(reader)), payloads_(std::move(payloads)) {}

  std::unique_ptr<VectorReader> reader_;
  PayloadLines payloads_;
};

Result<WordReader> open_words(const std::string& data) { return WordReader::open(data, "base.fvecs", "payload.jsonl"); }

struct Question {
  std::string word;
  std::vector<float> vector;
};

Result<void> find_questions(WordReader& words, std::vector<Question>& questions) {
  VectorBatch batch;
  for (;;) {
    OMEN_TRY(words.next(kBatchRows, batch));
    if (batch.rows() == 0 || questions.size() == kAsked.size()) return {};
    for (std::size_t i = 0; i < batch.rows(); ++i) {
      std::string word = word_of(batch.payloads[i]);
      if (std::find(kAsked.begin(), kAsked.end(), word) == kAsked.end()) continue;
      const auto vector = std::span(batch.vectors).subspan(i * words.dimensions(), words.dimensions());
      questions.push_back({std::move(word), {vector.begin(), vector.end()}});
    }
  }
}

// A word to ask about may be one of those held out as queries.
Result<std::vector<Question>> find_questions(const std::string& data) {
  std::vector<Question> questions;
  WordReader words = OMEN_TRY(open_words(data));
  OMEN_TRY(find_questions(words, questions));
  if (questions.size() < kAsked.size() && OMEN_TRY(real_disk().exists(join_path(data, "queries_payload.jsonl")))) {
    WordReader held_out = OMEN_TRY(WordReader::open(data, "queries.fvecs", "queries_payload.jsonl"));
    OMEN_TRY(find_questions(held_out, questions));
  }
  if (questions.empty()) {
    return Error{ErrorCode::NotFound, fmt::format("{} holds none of the words that the demo asks about", data)};
  }
  const auto place = [](const Question& q) { return std::find(kAsked.begin(), kAsked.end(), q.word); };
  std::sort(questions.begin(), questions.end(),
            [&](const Question& a, const Question& b) { return place(a) < place(b); });
  return questions;
}

// "tea 0.81   drinks 0.75", without the word itself.
Result<std::string> ask(const Collection& collection, const Question& question) {
  SearchOptions options;
  options.k = kNeighborsShown + 1;
  options.with_payload = true;
  const auto answer = OMEN_TRY(collection.search(question.vector, options));
  std::string text;
  std::uint32_t shown = 0;
  for (const Neighbor& neighbor : answer.neighbors) {
    const std::string word = word_of(neighbor.payload);
    if (word == question.word || shown++ == kNeighborsShown) continue;
    text += fmt::format("{}{} {:.2f}", text.empty() ? "" : "   ", word, neighbor.score);
  }
  return text;
}

Result<void> print_answers(const Collection& collection, const std::vector<Question>& questions) {
  fmt::print("\nNearest words\n");
  for (const Question& question : questions) {
    fmt::print("  {}{}\n", bold(fmt::format("{:<12}", question.word)), OMEN_TRY(ask(collection, question)));
  }
  return {};
}

// Searches fifty times a second on a thread of its own. Every fifth search is for the word accepted last.
class Searcher {
 public:
  struct Report {
    std::uint64_t searches = 0;
    double p50_ms = 0;
    double p99_ms = 0;
    std::uint64_t newest_asked = 0;
    std::uint64_t newest_found = 0;
    std::string question;
    std::string answer;
    std::optional<Error> error;
  };

  Searcher(Collection collection, const std::vector<Question>& questions)
      : collection_(std::move(collection)),
        questions_(questions),
        worker_("omen-demo", Priority::Normal, [this] { return step(); }) {
    worker_.wake();
  }

  void set_newest(PointId id, std::span<const float> vector) {
    std::lock_guard lock(mutex_);
    newest_id_ = id;
    newest_vector_.assign(vector.begin(), vector.end());
  }

  Report report() const {
    std::lock_guard lock(mutex_);
    Report report = report_;
    report.searches = latencies_.count();
    report.p50_ms = latencies_.milliseconds(0.5);
    report.p99_ms = latencies_.milliseconds(0.99);
    return report;
  }

 private:
  static constexpr std::chrono::milliseconds kPause{20};

  std::optional<std::chrono::milliseconds> step() {
    const auto start = steady_clock().now();
    if (++steps_ % 5 == 0) {
      ask_newest();
    } else {
      ask_question(questions_[steps_ / 50 % questions_.size()]);
    }
    const auto spent = std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock().now() - start);
    return std::max(kPause - spent, std::chrono::milliseconds(1));
  }

  void ask_newest() {
    PointId id;
    std::vector<float> vector;
    {
      std::lock_guard lock(mutex_);
      id = newest_id_;
      vector = newest_vector_;
    }
    if (vector.empty()) return;
    const auto answer = collection_.search(vector);
    std::lock_guard lock(mutex_);
    if (!answer) {
      report_.error = answer.error();
      return;
    }
    latencies_.add(answer->explanation.microseconds);
    ++report_.newest_asked;
    const auto is_it = [&](const Neighbor& neighbor) { return neighbor.id == id; };
    if (std::any_of(answer->neighbors.begin(), answer->neighbors.end(), is_it)) ++report_.newest_found;
  }

  void ask_question(const Question& question) {
    const auto start = steady_clock().now();
    auto answer = ask(collection_, question);
    const auto spent = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock().now() - start);
    std::lock_guard lock(mutex_);
    if (!answer) {
      report_.error = answer.error();
      return;
    }
    latencies_.add(static_cast<std::uint64_t>(spent.count()));
    report_.question = question.word;
    report_.answer = std::move(*answer);
  }

  Collection collection_;
  const std::vector<Question>& questions_;
  std::uint64_t steps_ = 0;  // worker only

  mutable std::mutex mutex_;  // guards what follows, down to the worker
  Latencies latencies_{500};
  Report report_;
  PointId newest_id_;
  std::vector<float> newest_vector_;

  Worker worker_;  // last: ends before what it uses
};

// Ends this process as a power cut would, a moment after it is armed, whatever the other threads are doing.
class Killer {
 public:
  Killer() : worker_("omen-killer", Priority::Normal, [this] { return step(); }) {}

  void arm() {
    armed_.store(true, std::memory_order_release);
    worker_.wake();
  }

 private:
  std::optional<std::chrono::milliseconds> step() {
    if (!armed_.load(std::memory_order_acquire)) return std::nullopt;
    if (rested_) std::raise(SIGKILL);
    rested_ = true;
    return std::chrono::milliseconds(std::uniform_int_distribution<int>(1, 20)(random_));
  }

  std::atomic<bool> armed_{false};  // stored by arm(), loaded by step(): nothing else becomes visible through it
  bool rested_ = false;             // worker only
  std::random_device random_;       // worker only
  Worker worker_;                   // last: ends before what it uses
};

// Loads words and draws what happens meanwhile.
class Show {
 public:
  Show(std::string directory, Collection collection, const std::vector<Question>& questions, std::uint64_t rows_total)
      : directory_(std::move(directory)),
        collection_(std::move(collection)),
        searcher_(collection_, questions),
        status_file_(directory_),
        rows_total_(rows_total) {
    rate_.add(0);
  }

  // Durably, so each returned row is one that a kill must not lose.
  Result<void> insert(const VectorBatch& batch) {
    const std::vector<std::string_view> payloads(batch.payloads.begin(), batch.payloads.end());
    OMEN_TRY(collection_.upsert({.ids = batch.ids, .vectors = batch.vectors, .payloads = payloads}, Wait::Durable));
    acked_ += batch.rows();
    rate_.add(acked_);
    const std::size_t dimensions = batch.vectors.size() / batch.rows();
    searcher_.set_newest(batch.ids.back(), std::span(batch.vectors).last(dimensions));
    return {};
  }

  Result<void> draw(bool now = false) {
    const Searcher::Report searches = searcher_.report();
    if (searches.error) return *searches.error;
    if (now || status_file_.due()) publish(searches);
    if (now || live_.due()) live_.show(picture(searches), line(searches));
    return {};
  }

  // After each ack of the insert that is killed: the status left behind is what the next process checks.
  void publish() { publish(searcher_.report()); }

  std::uint64_t acked() const { return acked_; }
  void keep_picture() { live_.keep(); }

 private:
  void publish(const Searcher::Report& searches) {
    Status status = status_of("demo", std::string(kCollection), collection_);
    status.acked = acked_;
    status.accepted_per_second = rate_.per_second();
    status.search_p50_ms = searches.p50_ms;
    status.search_p99_ms = searches.p99_ms;
    status_file_.publish(std::move(status));
  }

  std::string picture(const Searcher::Report& searches) const {
    const Progress progress = collection_.progress();
    const double loaded = static_cast<double>(acked_) / static_cast<double>(std::max<std::uint64_t>(rows_total_, 1));
    const double unindexed =
        static_cast<double>(progress.tail) / static_cast<double>(std::max<std::uint64_t>(progress.accepted, 1));
    std::string text = fmt::format("  accepted, on disk  {} {:>5}   {:>7} words   {} a second\n", bar(loaded, 30),
                                   percent_text(loaded), with_commas(acked_), with_commas(rate_.per_second()));
    text += fmt::format("  not yet indexed    {} {:>5}   {:>7} words   {} a second", bar(unindexed, 30),
                        percent_text(unindexed), with_commas(progress.tail), with_commas(progress.rows_per_second));
    if (progress.eta && progress.tail > 0) text += fmt::format(", {} left", duration_text(*progress.eta));
    text += fmt::format("\n  {} searches   {}   the newest word found {} of {} times\n", with_commas(searches.searches),
                        good(fmt::format("p50 {:.2f} ms   p99 {:.2f} ms", searches.p50_ms, searches.p99_ms)),
                        searches.newest_found, searches.newest_asked);
    return text + fmt::format("  {}{}", bold(fmt::format("{:<12}", searches.question)), searches.answer);
  }

  std::string line(const Searcher::Report& searches) const {
    return fmt::format(
        "  {} words on disk, {} not yet indexed; {} searches, p50 {:.2f} ms, p99 {:.2f} ms; newest found {} of {}",
        with_commas(acked_), with_commas(collection_.progress().tail), with_commas(searches.searches), searches.p50_ms,
        searches.p99_ms, searches.newest_found, searches.newest_asked);
  }

  std::string directory_;
  Collection collection_;
  Searcher searcher_;
  StatusFile status_file_;
  LiveText live_{stdout};
  Rate rate_;
  std::uint64_t rows_total_;
  std::uint64_t acked_ = 0;
};

Result<void> insert_until_killed(Show& show, WordReader& words) {
  fmt::print("\nNow the last words, {} at a time, and in the midst of it: {}\n", kBatchRowsBeforeTheKill,
             bold("kill -9"));
  std::random_device random;
  std::uint64_t batches_left = std::uniform_int_distribution<std::uint64_t>(10, 100)(random);
  Killer killer;
  VectorBatch batch;
  for (;;) {
    OMEN_TRY(words.next(kBatchRowsBeforeTheKill, batch));
    if (batch.rows() == 0) return Error{ErrorCode::TimedOut, "the words were all inserted before the kill came"};
    OMEN_TRY(show.insert(batch));
    show.publish();
    fmt::print("\r  {} words acknowledged ", with_commas(show.acked()));
    std::fflush(stdout);
    if (batches_left-- == 0) killer.arm();
  }
}

Result<void> load(const DemoArguments& arguments, bool with_kill) {
  const auto questions = OMEN_TRY(find_questions(arguments.data_directory));
  WordReader words = OMEN_TRY(open_words(arguments.data_directory));
  const std::uint64_t kept_back = with_kill ? std::min(kWordsForTheKill, words.rows() / 2) : 0;
  const std::uint64_t rows_total = words.rows() - kept_back;

  Database database = OMEN_TRY(Database::open(arguments.directory));
  Collection collection =
      OMEN_TRY(database.create(kCollection, {.dimensions = words.dimensions(), .metric = Metric::Cosine}));
  fmt::print("{} English words of {} dimensions, searched 50 times a second while they are loaded\n\n",
             bold(with_commas(rows_total)), words.dimensions());

  {
    Show show(arguments.directory, collection, questions, rows_total);
    VectorBatch batch;
    while (show.acked() < rows_total) {
      const std::uint64_t left = rows_total - show.acked();
      OMEN_TRY(words.next(static_cast<std::uint32_t>(std::min<std::uint64_t>(kBatchRows, left)), batch));
      OMEN_TRY(show.insert(batch));
      OMEN_TRY(show.draw());
    }
    const auto shown_until = steady_clock().now() + kIndexingShownMax;
    while (!OMEN_TRY(collection.wait_indexed(std::chrono::milliseconds(100)))) {
      OMEN_TRY(show.draw());
      if (steady_clock().now() >= shown_until) break;
    }
    OMEN_TRY(show.draw(true));
    show.keep_picture();
    OMEN_TRY(print_answers(collection, questions));
    if (with_kill) return insert_until_killed(show, words);
  }
  return database.close();
}

// Every word of the first `acked` must be there as the files have it.
Result<void> check_words(const DemoArguments& arguments, const Collection& collection, std::uint64_t acked) {
  WordReader words = OMEN_TRY(open_words(arguments.data_directory));
  VectorBatch batch;
  for (std::uint64_t checked = 0; checked < acked;) {
    OMEN_TRY(words.next(static_cast<std::uint32_t>(std::min<std::uint64_t>(kBatchRows, acked - checked)), batch));
    if (batch.rows() == 0) return Error{ErrorCode::InvalidArgument, "the data has fewer words than were acknowledged"};
    for (std::size_t i = 0; i < batch.rows(); ++i) {
      const auto point = OMEN_TRY(collection.get(batch.ids[i]));
      const auto vector = std::span(batch.vectors).subspan(i * words.dimensions(), words.dimensions());
      if (!point || !std::equal(vector.begin(), vector.end(), point->vector.begin(), point->vector.end()) ||
          point->payload != batch.payloads[i]) {
        return Error{ErrorCode::DataLoss, fmt::format("word {} was acknowledged and {}", batch.ids[i].to_string(),
                                                      point ? "is not as it was" : "is missing")};
      }
    }
    checked += batch.rows();
  }
  return {};
}

Result<void> check(const DemoArguments& arguments) {
  const auto left_behind = read_status(arguments.directory);
  if (!left_behind) {
    return Error{left_behind.error().code,
                 fmt::format("{} holds nothing of a killed demo; run --step load first", arguments.directory)};
  }
  const std::uint64_t acked = left_behind->acked;
  const auto questions = OMEN_TRY(find_questions(arguments.data_directory));

  const auto start = steady_clock().now();
  Database database = OMEN_TRY(Database::open(arguments.directory, {.create_if_missing = false}));
  const Collection collection = OMEN_TRY(database.collection(kCollection));
  OMEN_TRY(ask(collection, questions.front()));
  fmt::print("Opened again, first answer after {}\n", good(duration_text(steady_clock().now() - start)));

  const auto start_of_check = steady_clock().now();
  OMEN_TRY(check_words(arguments, collection, acked));
  fmt::print("{} of {} acknowledged words are there, each with its vector and payload (read in {})\n",
             good(with_commas(acked)), with_commas(acked), duration_text(steady_clock().now() - start_of_check));
  fmt::print("{} words in all: what was in the log when the kill came is kept too\n", with_commas(collection.count()));
  OMEN_TRY(print_answers(collection, questions));
  return database.close();
}

}  // namespace

Result<void> run_demo(const DemoArguments& arguments) {
  switch (arguments.step) {
    case DemoStep::Show:
      return load(arguments, false);
    case DemoStep::Load:
      return load(arguments, true);
    case DemoStep::Check:
      return check(arguments);
  }
  return {};
}

}  // namespace omendb
