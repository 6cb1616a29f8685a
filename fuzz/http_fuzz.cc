// The bytes of a connection, from anybody, cut into pieces as the input's first byte says: whole, and in pieces, they make
// the same requests with the same answers, and no limit is passed.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "server/http/answer.h"
#include "server/http/request_reader.h"

namespace omendb {
namespace {

class Handler final : public HttpHandler {
 public:
  HttpAdmission admit(HttpRequest& request) override {
    HttpAdmission admission;
    if (request.header("Forbidden") != nullptr) admission.refusal = refuse(403, "no");
    if (request.parameter("small") != nullptr) admission.body_bytes_max = 10;
    return admission;
  }

  // Repeats what can be repeated.
  HttpResponse answer(HttpRequest& request) override {
    OMEN_ASSERT(request.body.size() <= (request.parameter("small") != nullptr ? 10 : kLimits.body_bytes_max));
    OMEN_ASSERT(std::all_of(request.body.data() + request.body.size(),
                            request.body.data() + request.body.size() + HttpBody::kPadding,
                            [](char c) { return c == '\0'; }));
    HttpResponse response;
    for (const std::string& segment : request.path) response.body += segment + '/';
    response.headers = request.query;
    response.body += request.body.text();
    return response;
  }

  static constexpr HttpLimits kLimits = [] {
    HttpLimits limits;
    limits.body_bytes_max = 4'096;
    limits.head_bytes_max = 1'024;
    limits.header_bytes_max = 512;
    limits.target_bytes_max = 256;
    return limits;
  }();
};

// All but the lines that tell the time.
std::string without_dates(std::string answers) {
  for (std::size_t at = 0; (at = answers.find("\r\nDate: ", at)) != std::string::npos;) {
    answers.erase(at, answers.find("\r\n", at + 2) - at);
  }
  return answers;
}

// Pieces grow and shrink by a rule that the seed gives; seed 0 is as much as there is room for.
std::string answers_to(std::string_view bytes, std::uint8_t seed) {
  Handler handler;
  RequestReader reader({&Handler::kLimits, true, "peer", nullptr}, handler);
  std::string answers;
  std::uint32_t state = seed;
  while (!bytes.empty() && reader.phase() != RequestReader::Phase::Ended) {
    const std::span<char> room = reader.room();
    OMEN_ASSERT(!room.empty());
    state = state * 1'664'525 + 1'013'904'223;
    const std::size_t piece = seed == 0 ? room.size() : 1 + (state >> 24) % (seed % 64 + 1);
    const std::size_t count = std::min({bytes.size(), piece, room.size()});
    std::memcpy(room.data(), bytes.data(), count);
    bytes.remove_prefix(count);
    reader.received(count);
    do {
      for (HttpExchange& exchange : reader.take()) {
        append_answer(exchange, handler, {}, answers);
      }
      reader.take_continue();
    } while (reader.has_unread());
  }
  return without_dates(std::move(answers));
}

}  // namespace
}  // namespace omendb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace omendb;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string whole = answers_to(bytes, 0);
  OMEN_ASSERT(whole.empty() || whole.starts_with("HTTP/1.1 "));
  OMEN_ASSERT(answers_to(bytes, static_cast<std::uint8_t>(data[0] | 1)) == whole);
  return 0;
}
