// Run it again and again, or kill it: each run finds all that an earlier one was told is on disk.
#include <array>
#include <string>

#include "example.h"

int main() {
  omendb::Database database = must(omendb::Database::open("persistence.omen"));
  auto notes = database.collection("notes");
  if (!notes) notes = database.create("notes", {.dimensions = 4});
  std::printf("%llu notes from earlier runs\n", static_cast<unsigned long long>(notes->count()));

  const std::uint64_t first = notes->count();
  for (std::uint64_t i = first; i < first + 5; ++i) {
    const std::array<omendb::PointId, 1> ids = {i};
    const auto vector = random_numbers(4, static_cast<unsigned>(i));
    const std::string text = R"({"note": )" + std::to_string(i) + "}";
    const std::array<std::string_view, 1> payloads = {text};
    // Wait::Durable is the default: the note survives a power cut once this returns.
    must(notes->upsert({.ids = ids, .vectors = vector, .payloads = payloads}));
  }

  const auto oldest = must(notes->get(0));
  std::printf("the oldest: %s\n", oldest ? oldest->payload.c_str() : "none");
  must(database.close());
}
