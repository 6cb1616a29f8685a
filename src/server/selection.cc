#include "server/selection.h"

#include <algorithm>

#include "server/json_writer.h"
#include "server/limits.h"
#include "server/payload_values.h"
#include "server/stored_json.h"

namespace omendb {
namespace {

using Path = std::vector<std::string>;
using Paths = std::vector<const Path*>;

// What the filter's reader says of {"key": "a"} alone. It parses; it breaks a bound.
constexpr std::string_view kNothingAsked = "At least one field condition must be specified";

void write_value(JsonWriter& writer, const Json& value) {
  if (value.is(JsonKind::String)) {
    writer.string(value.text());
  } else {
    writer.raw(value.text());
  }
}

// The paths whose step at `depth` is this one.
Paths through(const Paths& paths, std::size_t depth, std::string_view step) {
  Paths found;
  for (const Path* path : paths) {
    if (path->size() > depth && (*path)[depth] == step) found.push_back(path);
  }
  return found;
}

bool ends(const Paths& paths, std::size_t depth) {
  return std::any_of(paths.begin(), paths.end(), [&](const Path* path) { return path->size() == depth; });
}

// `include`: what the paths lead to, and what lies on the way; else all but what they lead to.
class Projection {
 public:
  Projection(JsonWriter& writer, bool include) : writer_(writer), include_(include) {}

  void write(const Json& value, const Paths& paths, std::size_t depth) {
    if (value.is(JsonKind::Object)) {
      writer_.begin_object();
      for (const Json& member : value.items()) write_member(member, paths, depth);
      writer_.end_object();
    } else if (value.is(JsonKind::Array)) {
      const Paths next = through(paths, depth, "[]");
      writer_.begin_array();
      for (const Json& element : value.items()) {
        if (shows(element, next, depth + 1)) write_shown(element, next, depth + 1);
      }
      writer_.end_array();
    } else {
      write_value(writer_, value);
    }
  }

 private:
  void write_member(const Json& member, const Paths& paths, std::size_t depth) {
    const Paths next = through(paths, depth, member.key());
    if (!shows(member, next, depth + 1)) return;
    writer_.key(member.key());
    write_shown(member, next, depth + 1);
  }

  bool shows(const Json&, const Paths& next, std::size_t depth) const {
    return include_ ? !next.empty() : !ends(next, depth);
  }

  void write_shown(const Json& value, const Paths& next, std::size_t depth) {
    if (include_ ? ends(next, depth) : next.empty()) {
      write_value(writer_, value);
    } else {
      write(value, next, depth);
    }
  }

  JsonWriter& writer_;
  const bool include_;
};

Outcome<std::vector<Path>> read_paths(const Json& json) {
  if (!json.is(JsonKind::Array))
    return wrong_format("data did not match any variant of untagged enum WithPayloadInterface");
  std::vector<Path> paths;
  for (const Json& path : json.items()) {
    const std::string_view text = OMEN_TRY(read_string(path, "with_payload"));
    paths.push_back(OMEN_TRY(path_steps(text)));
  }
  return paths;
}

bool has_vector(const CollectionOptions& options, std::string_view name) {
  const auto called = [&](const auto& vector) { return vector.name == name; };
  return (name.empty() && options.dimensions > 0) ||
         std::any_of(options.vectors.begin(), options.vectors.end(), called) ||
         std::any_of(options.sparse_vectors.begin(), options.sparse_vectors.end(), called);
}

}  // namespace

Outcome<Filter> read_filter_text(std::string_view json) {
  Result<Filter> filter = parse_filter(json);
  if (filter.ok()) return std::move(filter).value();
  const std::string& what = filter.error().message;
  if (what.find(kNothingAsked) != std::string::npos)
    return Refusal(422, "Validation error in JSON body: [" + what + "]");
  return wrong_format("filter: " + what);
}

// A string that holds a filter is none: its text would be.
Outcome<Filter> read_filter(const Json& json) {
  OMEN_TRY(must_be_object(json, "filter"));
  return read_filter_text(json.text());
}

Outcome<Filter> filter_of(const Json& object) {
  const Json* json = object.find("filter");
  if (json == nullptr) return Filter();
  return read_filter(*json);
}

Outcome<void> refuse_shard_key(const Json& object) {
  if (object.find("shard_key") == nullptr) return {};
  return bad_request("shard_key is not supported by this server: it has one shard");
}

Outcome<PointSelection> read_selection(const Json& json) {
  PointSelection selection;
  if (json.is(JsonKind::Array)) {
    selection.ids = OMEN_TRY(read_point_ids(json, "points"));
    return selection;
  }
  OMEN_TRY(refuse_shard_key(json));
  if (const Json* points = json.find("points")) {
    selection.ids = OMEN_TRY(read_point_ids(*points, "points"));
  } else if (const Json* filter = json.find("filter")) {
    selection.filter = OMEN_TRY(read_filter(*filter));
  } else {
    return wrong_format(
        "data did not match any variant of untagged enum PointsSelector: there is neither `points` nor `filter`");
  }
  return selection;
}

Outcome<PayloadSelector> read_payload_selector(const Json* json, bool otherwise) {
  using Kind = PayloadSelector::Kind;
  if (json == nullptr) return PayloadSelector{otherwise ? Kind::All : Kind::None, {}};
  if (json->is(JsonKind::Bool)) return PayloadSelector{json->as_bool() ? Kind::All : Kind::None, {}};
  if (json->is(JsonKind::Array)) return PayloadSelector{Kind::Include, OMEN_TRY(read_paths(*json))};
  for (const Json& member : json->items()) {
    if (member.key() == "include") return PayloadSelector{Kind::Include, OMEN_TRY(read_paths(member))};
    if (member.key() == "exclude") return PayloadSelector{Kind::Exclude, OMEN_TRY(read_paths(member))};
  }
  return wrong_format("data did not match any variant of untagged enum WithPayloadInterface");
}

bool VectorSelector::has(std::string_view name) const {
  return all || std::find(names.begin(), names.end(), name) != names.end();
}

const Json* find_vector_selector(const Json& request) {
  const Json* selector = request.find("with_vector");
  return selector != nullptr ? selector : request.find("with_vectors");
}

Outcome<VectorSelector> read_vector_selector(const Json* json, const CollectionOptions& options) {
  if (json == nullptr) return VectorSelector();
  if (json->is(JsonKind::Bool)) return VectorSelector{json->as_bool(), {}};
  if (!json->is(JsonKind::Array)) return wrong_format("data did not match any variant of untagged enum WithVector");
  VectorSelector selector;
  for (const Json& item : json->items()) {
    const std::string_view name = OMEN_TRY(read_string(item, "with_vector"));
    if (!has_vector(options, name)) return wrong_input("Not existing vector name error: " + std::string(name));
    selector.names.emplace_back(name);
  }
  return selector;
}

std::string project(std::string_view payload, const PayloadSelector& selector) {
  if (payload.empty()) return "{}";
  if (selector.kind == PayloadSelector::Kind::All) return std::string(payload);
  const StoredJson stored(payload);
  if (stored.root() == nullptr) return "{}";  // what cannot be read may hold what is to be left out
  Paths paths;
  for (const Path& path : selector.paths) paths.push_back(&path);
  JsonWriter writer;
  Projection(writer, selector.kind == PayloadSelector::Kind::Include).write(*stored.root(), paths, 0);
  return writer.take();
}

}  // namespace omendb
