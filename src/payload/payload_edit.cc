#include "payload/payload_edit.h"

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/try.h"
#include "payload/json_text.h"

namespace omendb {
namespace {

using Steps = std::span<const PathStep>;

Result<void> check_object(std::string_view json) {
  if (kind_of(json) == JsonKind::Object) return {};
  return Error{ErrorCode::InvalidArgument, "the payload is no JSON object"};
}

std::vector<JsonMember>::iterator find(std::vector<JsonMember>& members, std::string_view key) {
  return std::find_if(members.begin(), members.end(), [&](const JsonMember& m) { return unquote_json(m.key) == key; });
}

// What is set, and where it happens: in many places of one payload, if the path goes through `[]`.
class Setter {
 public:
  explicit Setter(std::string_view patch) : patch_(patch), changes_(split_json(patch)) {}

  std::string set_at(std::string_view value, Steps steps) {
    if (too_large()) return std::string(value);
    if (steps.empty()) return merge(value);
    const PathStep& step = steps.front();
    const Steps rest = steps.subspan(1);
    if (step.kind != PathStep::Kind::Key) return set_in_array(value, step, rest);
    std::vector<JsonMember> members = members_of(value);
    const auto there = find(members, step.key);
    if (there != members.end()) {
      there->value = set_at(there->value, rest);
    } else {
      members.push_back({quote_json(step.key), set_at("{}", rest)});
    }
    return join_object(members);
  }

  // Left then, half done.
  bool too_large() const { return added_ > kPayloadBytesMax; }

 private:
  static std::vector<JsonMember> members_of(std::string_view value) {
    return kind_of(value) == JsonKind::Object ? split_json(value) : std::vector<JsonMember>();
  }

  std::string set_in_array(std::string_view value, const PathStep& step, Steps rest) {
    if (kind_of(value) != JsonKind::Array) return "[]";
    std::vector<JsonMember> elements = split_json(value);
    for (std::size_t i = 0; i < elements.size(); ++i) {
      const bool meant = step.kind == PathStep::Kind::Each || i == step.index;
      if (meant) elements[i].value = set_at(elements[i].value, rest);
    }
    return join_array(elements);
  }

  std::string merge(std::string_view object) {
    added_ += patch_.size();
    std::vector<JsonMember> members = members_of(object);
    std::unordered_map<std::string, std::size_t> places;
    std::vector<bool> gone;
    for (std::size_t i = 0; i < members.size(); ++i) {
      gone.push_back(!places.emplace(unquote_json(members[i].key), i).second);  // readers see the first of a name
    }
    for (const JsonMember& change : changes_) {
      const auto [place, fresh] = places.emplace(unquote_json(change.key), members.size());
      if (fresh) {
        members.push_back(change);
        gone.push_back(false);
      }
      members[place->second].value = change.value;
      gone[place->second] = change.value == "null";
    }
    std::vector<JsonMember> left;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (!gone[i]) left.push_back(std::move(members[i]));
    }
    return join_object(left);
  }

  std::string_view patch_;
  std::vector<JsonMember> changes_;
  std::size_t added_ = 0;  // bytes
};

std::string delete_at(std::string_view value, Steps steps) {
  const PathStep& step = steps.front();
  const Steps rest = steps.subspan(1);
  const JsonKind kind = kind_of(value);
  if (step.kind == PathStep::Kind::Key) {
    if (kind != JsonKind::Object) return std::string(value);
    std::vector<JsonMember> members = split_json(value);
    const auto named = [&](const JsonMember& m) { return unquote_json(m.key) == step.key; };
    if (std::none_of(members.begin(), members.end(), named)) return std::string(value);
    if (rest.empty()) std::erase_if(members, named);
    for (JsonMember& member : members) {
      if (named(member)) member.value = delete_at(member.value, rest);
    }
    return join_object(members);
  }
  if (kind != JsonKind::Array) return std::string(value);
  if (rest.empty()) return step.kind == PathStep::Kind::Each ? "[]" : std::string(value);
  std::vector<JsonMember> elements = split_json(value);
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const bool meant = step.kind == PathStep::Kind::Each || i == step.index;
    if (meant) elements[i].value = delete_at(elements[i].value, rest);
  }
  return join_array(elements);
}

std::string_view object_or_none(std::string_view payload) { return payload.empty() ? "{}" : payload; }

}  // namespace

Result<std::string> set_payload(std::string_view payload, std::string_view patch, const JsonPath* path) {
  payload = object_or_none(payload);
  OMEN_TRY(check_object(payload));
  OMEN_TRY(check_object(patch));
  Setter setter(patch);
  std::string changed = setter.set_at(payload, path == nullptr ? Steps() : Steps(path->steps()));
  if (setter.too_large() || changed.size() > kPayloadBytesMax) {
    return Error{ErrorCode::TooLarge,
                 "the payload would have more than the " + std::to_string(kPayloadBytesMax) + " bytes that fit"};
  }
  return changed;
}

Result<std::string> delete_payload_keys(std::string_view payload, std::span<const JsonPath> paths) {
  payload = object_or_none(payload);
  OMEN_TRY(check_object(payload));
  std::string changed(payload);
  for (const JsonPath& path : paths) changed = delete_at(changed, path.steps());
  return changed;
}

}  // namespace omendb
