#include "omendb/field_index.h"
#include "omendb/types.h"

namespace omendb {

std::string_view name_of(Metric metric) {
  switch (metric) {
    case Metric::L2: return "l2";
    case Metric::Dot: return "dot";
    case Metric::Cosine: return "cosine";
    case Metric::L1: return "l1";
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

std::string_view name_of(SearchPlan plan) {
  switch (plan) {
    case SearchPlan::Exact: return "exact";
    case SearchPlan::Scan: return "scan";
    case SearchPlan::Graph: return "graph";
    case SearchPlan::GraphTwoHop: return "graph two-hop";
    case SearchPlan::List: return "list";
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

std::string_view name_of(FieldType type) {
  switch (type) {
    case FieldType::Keyword: return "keyword";
    case FieldType::Integer: return "integer";
    case FieldType::Float: return "float";
    case FieldType::Bool: return "bool";
    case FieldType::Datetime: return "datetime";
    case FieldType::Uuid: return "uuid";
    case FieldType::Geo: return "geo";
    case FieldType::Text: return "text";
  }
  return "unknown";
}

}  // namespace omendb
