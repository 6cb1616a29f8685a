#include "server/front_door.h"

#include <gtest/gtest.h>

namespace omendb {
namespace {

HttpRequest get(const char* path) {
  HttpRequest request;
  request.path = {path};
  return request;
}

class Everything final : public HttpHandler {
 public:
  HttpResponse answer(HttpRequest&) override {
    HttpResponse response;
    response.body = "here";
    return response;
  }
};

TEST(FrontDoor, SaysHowFarTheDatabaseIsUntilItIsOpen) {
  FrontDoor door;
  door.note(3, 10);
  for (const char* path : {"healthz", "livez"}) {
    HttpRequest request = get(path);
    EXPECT_EQ(door.admit(request).refusal->status, 200) << path;
  }
  HttpRequest ready = get("readyz");
  const HttpResponse progress = *door.admit(ready).refusal;
  EXPECT_EQ(progress.status, 503);
  EXPECT_EQ(progress.body, "the database is being opened: 3 of 10 collections are");

  HttpRequest collections = get("collections");
  const HttpResponse busy = *door.admit(collections).refusal;
  EXPECT_EQ(busy.status, 503);
  EXPECT_TRUE(busy.body.starts_with("{\"status\":{\"error\":\"the database is being opened: 3 of 10")) << busy.body;
  ASSERT_NE(find_header(busy.headers, "retry-after"), nullptr) << "clients that can wait do";

  Everything service;
  door.open(service);
  EXPECT_FALSE(door.admit(collections).refusal);
  EXPECT_EQ(door.answer(collections).body, "here");
}

}  // namespace
}  // namespace omendb
