// omendb top: a live view of a database's ingest and indexing.
//
// A database is open in one process at a time. If another holds it, the view is what that process publishes
// (status.h); if nobody does, this command opens it, and the index is built while it watches.
#include <fmt/format.h>

#include <map>

#include "apps/commands.h"
#include "apps/human.h"
#include "apps/rate.h"
#include "apps/status.h"
#include "apps/terminal.h"
#include "base/try.h"
#include "omendb/omendb.h"

namespace omendb {
namespace {

constexpr std::chrono::milliseconds kRefresh{500};

class Source {
 public:
  virtual ~Source() = default;
  virtual Result<std::vector<Status>> look() = 0;
  virtual std::string title() const = 0;
};

class OwnDatabase : public Source {
 public:
  explicit OwnDatabase(Database database) : database_(std::move(database)) {}

  Result<std::vector<Status>> look() override {
    std::vector<Status> all;
    for (const std::string& name : database_.names()) {
      Status status = status_of("top", name, OMEN_TRY(database_.collection(name)));
      Rate& rate = rates_[name];
      rate.add(status.accepted);
      status.accepted_per_second = rate.per_second();
      all.push_back(std::move(status));
    }
    return all;
  }

  std::string title() const override { return "opened by this command, which indexes what is left"; }

 private:
  Database database_;
  std::map<std::string, Rate> rates_;
};

class OtherProcess : public Source {
 public:
  OtherProcess(std::string directory, std::string holder)
      : directory_(std::move(directory)), holder_(std::move(holder)) {}

  Result<std::vector<Status>> look() override {
    auto status = read_status(directory_);
    if (!status && status.error().code == ErrorCode::NotFound) {
      return Error{ErrorCode::Locked, fmt::format("{}, and it publishes nothing to look at (any more)", holder_)};
    }
    return std::vector<Status>{OMEN_TRY(std::move(status))};
  }

  std::string title() const override { return holder_; }

 private:
  std::string directory_;
  std::string holder_;
};

Result<std::unique_ptr<Source>> find_source(const std::string& directory) {
  auto database = Database::open(directory, {.create_if_missing = false});
  if (database.ok()) return std::unique_ptr<Source>(std::make_unique<OwnDatabase>(std::move(*database)));
  if (database.error().code != ErrorCode::Locked) return database.error();
  return std::unique_ptr<Source>(std::make_unique<OtherProcess>(directory, database.error().message));
}

std::string age_of(const Status& status) {
  if (status.written_at_ms == 0) return {};
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto age = now - std::chrono::milliseconds(status.written_at_ms);
  if (age < std::chrono::seconds(3)) return {};
  return fmt::format("\n  as of {} ago", duration_text(age));
}

std::string page_of(const Source& source, const std::vector<Status>& all) {
  std::string page = source.title();
  for (const Status& status : all) page += "\n\n" + picture_of(status) + age_of(status);
  if (all.empty()) page += "\n\nno collections";
  return page;
}

std::string lines_of(const std::vector<Status>& all) {
  std::string lines;
  for (const Status& status : all) lines += (lines.empty() ? "" : "\n") + line_of(status) + age_of(status);
  return lines.empty() ? "no collections" : lines;
}

}  // namespace

Result<void> run_top(const TopArguments& arguments) {
  const auto source = OMEN_TRY(find_source(arguments.directory));
  if (arguments.once) {
    fmt::print("{}\n", page_of(*source, OMEN_TRY(source->look())));
    return {};
  }

  Keys keys;
  LiveText live(stdout);
  for (char key = '\0'; key != 'q' && key != '\x03'; key = keys.wait(kRefresh)) {
    const auto all = OMEN_TRY(source->look());
    const std::string page = page_of(*source, all) + "\n\n" + in_colour(stdout, Colour::Dim, "q ends");
    live.show(page, lines_of(all));
  }
  return {};
}

}  // namespace omendb
