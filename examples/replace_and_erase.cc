// A point whose id exists is replaced; an erased one is gone from every later answer.
#include <array>

#include "example.h"

namespace {

void print_nearest(const omendb::Collection& collection, std::span<const float> query) {
  const auto answer = must(collection.search(query));
  for (const omendb::Neighbor& neighbor : answer.neighbors) {
    std::printf("  %s at %.2f", neighbor.id.to_string().c_str(), static_cast<double>(neighbor.score));
  }
  std::printf("\n");
}

}  // namespace

int main() {
  omendb::Database database = must(omendb::Database::open("replace_and_erase.omen"));
  auto places = database.collection("places");
  if (!places) places = database.create("places", {.dimensions = 2});

  // An id is a number or a UUID.
  const std::array<omendb::PointId, 2> ids = {7, must(omendb::PointId::parse("9f8b0f0e-6c1d-4b43-9a57-0f6f6d1f3c11"))};
  const std::array<float, 4> vectors = {0, 0, 3, 4};
  must(places->upsert({.ids = ids, .vectors = vectors, .payloads = {}}));
  const std::array<float, 2> origin = {0, 0};
  print_nearest(*places, origin);

  const std::array<float, 2> moved = {30, 40};
  must(places->upsert({.ids = std::span(ids).first(1), .vectors = moved, .payloads = {}}));
  print_nearest(*places, origin);

  must(places->erase(std::span(ids).last(1)));
  print_nearest(*places, origin);
  must(database.close());
}
