#include "omendb/types.h"

namespace omendb {

std::string_view name_of(Metric metric) {
  switch (metric) {
    case Metric::L2: return "l2";
    case Metric::Dot: return "dot";
    case Metric::Cosine: return "cosine";
  }
  return "unknown";
}

std::string_view name_of(Datatype datatype) {
  switch (datatype) {
    case Datatype::Float32: return "float32";
    case Datatype::Float16: return "float16";
    case Datatype::Uint8: return "uint8";
  }
  return "unknown";
}

std::string_view name_of(IndexState state) {
  switch (state) {
    case IndexState::Settled: return "settled";
    case IndexState::Indexing: return "indexing";
    case IndexState::Yielding: return "yielding";
    case IndexState::Waiting: return "waiting";
    case IndexState::Stopped: return "stopped";
  }
  return "unknown";
}

}  // namespace omendb
