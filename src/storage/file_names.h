// What the files of a collection are called.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace omendb {

// "g7": the directory of a generation's row files.
std::string generation_name(std::uint64_t number);
std::optional<std::uint64_t> parse_generation_name(std::string_view name);

// "00000000000000000042.log": the 42nd segment of the log since it was last empty.
std::string segment_name(std::uint64_t number);
std::optional<std::uint64_t> parse_segment_name(std::string_view name);

// Left over from a rename that never came.
bool is_temporary_name(std::string_view name);

constexpr std::string_view kManifestName = "MANIFEST";  // -A and -B
constexpr std::string_view kLogName = "log";
constexpr std::string_view kFieldsName = "FIELDS";      // -A and -B; db/field_catalog.h keeps it
constexpr std::string_view kNotesName = "NOTES";        // -A and -B; db/notes.h keeps it

}  // namespace omendb
