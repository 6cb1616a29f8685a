#include "db/id_order.h"

#include <gtest/gtest.h>

#include "db/database_impl.h"
#include "db/id_walk.h"
#include "os/clock.h"
#include "os/temporary_directory.h"

namespace omendb {
namespace {

class IdOrders : public testing::Test {
 protected:
  void put(std::vector<PointId> ids) {
    const std::vector<float> vectors(ids.size());
    EXPECT_TRUE(points_->upsert({.ids = ids, .vectors = vectors}, Wait::Accepted).ok());
  }

  static std::vector<PointId> walked(const View& view, const IdOrder& order) {
    std::vector<PointId> ids;
    IdWalk walk = IdWalk::begin(view, order, {}).value();
    for (auto place = walk.next().value(); place; place = walk.next().value()) ids.push_back(place->id);
    return ids;
  }

  const TemporaryDirectory directory_;
  const std::unique_ptr<DatabaseImpl> database_ =
      DatabaseImpl::open(real_disk(), steady_clock(), directory_.path(), {}).value();
  const std::shared_ptr<CollectionImpl> points_ = [&] {
    EXPECT_TRUE(database_->create("c", {.dimensions = 1}).ok());
    return database_->find("c").value();
  }();
  MemoryBudget budget_{1 << 20};
  SharedIdOrder shared_{budget_};
};

TEST_F(IdOrders, ShowAnOlderViewNothingNew) {
  put({30, 10, 20});
  const auto older = points_->view();
  put({5, 15, 20, 40});
  const auto newer = points_->view();
  const auto order = shared_.of(*newer);
  ASSERT_TRUE(order);
  EXPECT_EQ(order->covered(), 7u);
  EXPECT_EQ(walked(*older, *order), (std::vector<PointId>{10, 20, 30}));
  EXPECT_EQ(walked(*newer, *order), (std::vector<PointId>{5, 10, 15, 20, 30, 40}));
}

TEST_F(IdOrders, AreNotMixedUpWithThoseOfAnotherGeneration) {
  put({30, 10, 20});
  put({30, 40});
  const auto older = points_->view();
  ASSERT_TRUE(points_->vacuum().ok());
  const auto newer = points_->view();
  ASSERT_TRUE(shared_.of(*older));
  EXPECT_EQ(walked(*newer, *shared_.of(*newer)), (std::vector<PointId>{10, 20, 30, 40}));
  EXPECT_FALSE(shared_.of(*older));  // one reader with an old View does not take the others' away
}

TEST_F(IdOrders, TakeTheirMemoryFromTheBudgetAndGiveItBack) {
  put({30, 10, 20});
  const auto view = points_->view();
  {
    SharedIdOrder shared(budget_);
    ASSERT_TRUE(shared.of(*view));
    EXPECT_EQ(shared.memory_bytes(), 3 * sizeof(Row));
    EXPECT_EQ(budget_.used(), 3 * sizeof(Row));
    shared.forget_before(view->generation->number() + 1);
    EXPECT_EQ(budget_.used(), 0u);
    EXPECT_FALSE(shared.of(*view));
  }
  MemoryBudget none(0);
  EXPECT_FALSE(SharedIdOrder(none).of(*view));
}

}  // namespace
}  // namespace omendb
