#include "omendb/result.h"

namespace omendb {

std::string_view name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidArgument: return "InvalidArgument";
    case ErrorCode::NotFound: return "NotFound";
    case ErrorCode::AlreadyExists: return "AlreadyExists";
    case ErrorCode::TooLarge: return "TooLarge";
    case ErrorCode::OutOfBudget: return "OutOfBudget";
    case ErrorCode::DiskFull: return "DiskFull";
    case ErrorCode::IoError: return "IoError";
    case ErrorCode::Corruption: return "Corruption";
    case ErrorCode::DataLoss: return "DataLoss";
    case ErrorCode::ReadOnly: return "ReadOnly";
    case ErrorCode::Locked: return "Locked";
    case ErrorCode::Unsupported: return "Unsupported";
    case ErrorCode::Cancelled: return "Cancelled";
    case ErrorCode::TimedOut: return "TimedOut";
  }
  return "unknown";
}

}  // namespace omendb
