// Tests on a real disk: a directory that goes with the test, and a database in it.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "omendb/omendb.h"

namespace omendb::testing {

class DirectoryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/omendb-test-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    directory_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string directory_;
};

// The database is open when the test begins; open() closes it and opens it again.
class DatabaseTest : public DirectoryTest {
 protected:
  void SetUp() override {
    DirectoryTest::SetUp();
    open();
  }
  void TearDown() override {
    database_.reset();
    DirectoryTest::TearDown();
  }

  void open(const DatabaseOptions& options = {}) {
    database_.reset();
    database_.emplace(Database::open(directory_ + "/db", options).value());
  }

  std::optional<Database> database_;
};

}  // namespace omendb::testing
