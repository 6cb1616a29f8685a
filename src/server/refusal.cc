#include "server/refusal.h"

namespace omendb {
namespace {

std::string joined(std::string_view prefix, std::string_view what) { return std::string(prefix) + std::string(what); }

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidArgument:
      return 400;
    case ErrorCode::NotFound:
      return 404;
    case ErrorCode::AlreadyExists:
      return 409;
    case ErrorCode::TooLarge:
      return 413;
    case ErrorCode::ReadOnly:
      return 403;
    case ErrorCode::Locked:
      return 403;
    case ErrorCode::Unsupported:
      return 400;
    case ErrorCode::Cancelled:
      return 503;
    case ErrorCode::TimedOut:
      return 408;
    case ErrorCode::OutOfBudget:
      return 507;
    case ErrorCode::DiskFull:
      return 507;
    case ErrorCode::IoError:
      return 500;
    case ErrorCode::Corruption:
      return 500;
    case ErrorCode::DataLoss:
      return 500;
  }
  return 500;
}

std::string_view prefix_of(int status) {
  switch (status) {
    case 400:
      return "Wrong input: ";
    case 403:
      return "Forbidden: ";
    case 404:
      return "Not found: ";
    case 409:
      return "Wrong input: ";
    case 408:
      return "Timeout error: ";
    case 500:
      return "Service internal error: ";
    default:
      return "";
  }
}

}  // namespace

Refusal::Refusal(const Error& error) : status(status_of(error.code)), text(joined(prefix_of(status), error.message)) {}

Refusal bad_request(std::string_view what) { return {400, joined("Bad request: ", what)}; }
Refusal wrong_input(std::string_view what) { return {400, joined("Wrong input: ", what)}; }
Refusal wrong_format(std::string_view what) { return {400, joined("Format error in JSON body: ", what)}; }
Refusal not_found(std::string_view what) { return {404, joined("Not found: ", what)}; }

Refusal invalid_value(std::string_view path, std::string_view value, std::string_view must_be) {
  return {422, joined("Validation error in JSON body: [", path) + joined(": value ", value) +
                   joined(" invalid, must be ", must_be) + "]"};
}

}  // namespace omendb
