// Tests on a real disk: a directory that goes with the test, and a database in it.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "omendb/omendb.h"
#include "os/temporary_directory.h"

namespace omendb::testing {

class DirectoryTest : public ::testing::Test {
  const TemporaryDirectory temporary_;

 protected:
  const std::string directory_ = temporary_.path();
};

// The database is open when the test begins; open() closes it and opens it again.
class DatabaseTest : public DirectoryTest {
 protected:
  void SetUp() override { open(); }

  void open(const DatabaseOptions& options = {}) {
    database_.reset();
    database_.emplace(Database::open(directory_ + "/db", options).value());
  }

  std::optional<Database> database_;
};

}  // namespace omendb::testing
