// Writes the next generation: the live rows of a frozen View in row order, then what the log received since.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "storage/log.h"
#include "storage/row_buffers.h"
#include "storage/row_space.h"
#include "storage/store.h"

namespace omendb {

class RowVacuum final : public Vacuum {
 public:
  // Writer's turn: the View is frozen here, and `log` keeps everything after it.
  RowVacuum(Disk& disk, std::string parent, const Log& log, std::uint64_t identity, std::shared_ptr<RowSpace> from,
            std::shared_ptr<RowSpace> to);

  Result<bool> copy(std::uint32_t rows_max) override;
  Result<std::uint64_t> catch_up() override;  // what it applied is durable, but for the manifest
  std::span<const Row> moved_to() const override { return moved_to_; }
  std::shared_ptr<const Generation> generation() const override { return to_; }
  std::uint32_t rows() const override { return to_->rows(); }

  const std::shared_ptr<RowSpace>& rows_made() const { return to_; }

 private:
  Result<void> copy_step(std::uint32_t end);

  Disk& disk_;
  const std::string parent_;
  const Log& log_;
  const std::uint64_t identity_;
  const std::shared_ptr<RowSpace> from_;
  const std::shared_ptr<RowSpace> to_;
  const std::uint32_t frozen_rows_;
  const Lsn frozen_lsn_;

  std::uint32_t copied_ = 0;  // rows of `from_` that are done
  Lsn applied_;
  std::vector<Row> moved_to_;

  // Of one step, reused.
  RowBuffers buffers_;
  RecordScratch scratch_;
};

}  // namespace omendb
