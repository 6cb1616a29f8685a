// OmenDB, the whole public API.
#pragma once

#include "omendb/collection.h"
#include "omendb/database.h"
#include "omendb/field_index.h"
#include "omendb/filter.h"
#include "omendb/fusion.h"
#include "omendb/point_id.h"
#include "omendb/result.h"
#include "omendb/sparse_vector.h"
#include "omendb/types.h"
