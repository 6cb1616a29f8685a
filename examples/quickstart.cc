// Three points, one question.
#include <array>
#include <string_view>

#include "example.h"

int main() {
  omendb::Database database = must(omendb::Database::open("quickstart.omen"));
  auto fruits = database.collection("fruits");
  if (!fruits) fruits = database.create("fruits", {.dimensions = 3, .metric = omendb::Metric::Cosine});

  const std::array<omendb::PointId, 3> ids = {1, 2, 3};
  const std::array<float, 9> vectors = {0.9F, 0.1F, 0.0F,  //
                                        0.8F, 0.3F, 0.1F,  //
                                        0.0F, 0.2F, 0.9F};
  const std::array<std::string_view, 3> payloads = {R"({"name": "apple"})", R"({"name": "pear"})",
                                                    R"({"name": "coconut"})"};
  // When this returns, the points are on disk and every search finds them.
  must(fruits->upsert({.ids = ids, .vectors = vectors, .payloads = payloads}));

  omendb::SearchOptions options;
  options.k = 2;
  options.with_payload = true;
  const std::array<float, 3> query = {1.0F, 0.2F, 0.0F};
  const auto answer = must(fruits->search(query, options));
  for (const omendb::Neighbor& neighbor : answer.neighbors) {
    std::printf("%s  %.3f  %s\n", neighbor.id.to_string().c_str(), static_cast<double>(neighbor.score),
                neighbor.payload.c_str());
  }

  must(database.close());
}
