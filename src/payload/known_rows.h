// KnownRows: what is known, without a payload, of the rows that match a filter or a part of one.
#pragma once

#include <cstdint>
#include <utility>

#include "base/row_set.h"

namespace omendb {

// Rows that are not possible do not match; those that are possible do, but for the unsure ones, which must be asked.
struct KnownRows {
  RowSet possible;
  RowSet unsure;  // of the possible ones

  // Of [0, end): any may match, none does.
  static KnownRows nothing_known(std::uint32_t end) {
    RowSet all(end);
    all.invert();
    return {all, all};
  }
  static KnownRows none(std::uint32_t end) { return {RowSet(end), RowSet(end)}; }

  void add(Row row, bool certain) {
    possible.insert(row);
    if (!certain) unsure.insert(row);
  }

  KnownRows& operator&=(const KnownRows& other) {
    possible &= other.possible;
    unsure |= other.unsure;
    unsure &= possible;
    return *this;
  }

  KnownRows& operator|=(const KnownRows& other) {
    RowSet certain = possible;
    certain -= unsure;
    RowSet certain_too = other.possible;
    certain_too -= other.unsure;
    certain |= certain_too;
    possible |= other.possible;
    unsure = possible;
    unsure -= certain;
    return *this;
  }

  void invert() {
    possible -= unsure;
    possible.invert();
  }
};

}  // namespace omendb
