// Who answers while the database is being opened: says that the process lives and how far it is, and sends everything else
// away until the service is there.
#pragma once

#include <atomic>
#include <cstdint>

#include "server/http/handler.h"

namespace omendb {

class FrontDoor final : public HttpHandler {
 public:
  // Of the collections so many are open. One thread.
  void note(std::uint32_t opened, std::uint32_t all);

  // From here on the service answers. It outlives the HTTP server.
  void open(HttpHandler& service) { service_.store(&service, std::memory_order_release); }

  HttpAdmission admit(HttpRequest& request) override;
  HttpResponse answer(HttpRequest& request) override;
  HttpResponse refuse(int status, std::string_view why) override;

 private:
  HttpHandler* service() const { return service_.load(std::memory_order_acquire); }
  HttpResponse answer_while_opening(const HttpRequest& request) const;

  std::atomic<HttpHandler*> service_{nullptr};  // what was made before open() is visible through it

  // To be read by people: each stands for itself.
  std::atomic<std::uint32_t> opened_{0};
  std::atomic<std::uint32_t> all_{0};
};

}  // namespace omendb
