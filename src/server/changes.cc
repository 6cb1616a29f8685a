// Points and payloads put, changed and deleted.
#include "server/limits.h"
#include "server/operations.h"
#include "server/points_reader.h"
#include "server/selection.h"
#include "server/update_result.h"

namespace omendb {
namespace {

// One change of a collection, asked for by `json`, a part of the request's body.
using Change = Outcome<Lsn> (*)(Collection& collection, const Json& json, Wait wait);

Outcome<Lsn> lsn_of(const Result<WriteReceipt>& receipt) {
  if (!receipt.ok()) return receipt.error();
  return receipt->lsn;
}

// The change does nothing; it is durable all the same.
Outcome<Lsn> nothing_to_do(const Collection& collection) { return collection.stats().lsn; }

Outcome<Lsn> upsert(Collection& collection, std::string_view json, Wait wait) {
  PointsRequest request = OMEN_TRY(read_points(json, collection.options()));
  const Batch& batch = request.points.batch();
  if (batch.ids.empty()) return nothing_to_do(collection);
  if (request.mode == UpsertMode::Upsert && !request.update_filter) return lsn_of(collection.upsert(batch, wait));
  return lsn_of(collection.upsert(batch, request.mode, request.update_filter.value_or(Filter()), wait));
}

Outcome<Lsn> update_vectors(Collection& collection, std::string_view json, Wait wait) {
  PointsRequest request = OMEN_TRY(read_points(json, collection.options()));
  const Batch& batch = request.points.batch();
  if (batch.ids.empty()) return nothing_to_do(collection);
  if (!batch.payloads.empty()) return bad_request("payloads have no place in an update of vectors");
  const Result<WriteReceipt> receipt = collection.update_vectors(batch, request.update_filter.value_or(Filter()), wait);
  if (!receipt.ok() && receipt.error().code == ErrorCode::NotFound) {
    for (const PointId id : batch.ids) {
      const Result<bool> there = collection.contains(id);
      if (there.ok() && !*there) return not_found("No point with id " + id.to_string() + " found");
    }
  }
  return lsn_of(receipt);
}

Outcome<Lsn> erase_selected(Collection& collection, const Json& json, Wait wait) {
  // A bare list of ids is as good, as older clients write it in batches.
  PointSelection points;
  if (json.is(JsonKind::Array))
    points.ids = OMEN_TRY(read_point_ids(json, "points"));
  else
    points = OMEN_TRY(read_selection(json));
  if (points.nothing()) return nothing_to_do(collection);
  return lsn_of(points.filter ? collection.erase(*points.filter, wait) : collection.erase(points.ids, wait));
}

Outcome<Lsn> erase_vectors(Collection& collection, const Json& json, Wait wait) {
  const PointSelection points = OMEN_TRY(read_selection(json));
  const Json* list = json.find("vector");
  if (list == nullptr) list = json.find("vectors");
  if (list == nullptr) return wrong_format("missing field `vector`");
  std::vector<std::string_view> names;
  for (const Json& name : list->items()) names.push_back(OMEN_TRY(read_string(name, "vector")));
  if (names.empty()) return Refusal(422, "Validation error in JSON body: [vector: must not be empty]");
  OMEN_TRY(read_vector_selector(list, collection.options()));
  if (points.nothing()) return nothing_to_do(collection);
  return lsn_of(collection.delete_vectors(points.view(), names, wait));
}

Outcome<Lsn> change(Collection& collection, const PointSelection& points, const PayloadChange& how, Wait wait) {
  if (points.nothing()) return nothing_to_do(collection);
  return lsn_of(collection.change_payload(points.view(), how, wait));
}

// Points that are named and missing are an error, and the others are changed all the same.
Outcome<Lsn> change_named(Collection& collection, const PointSelection& points, const PayloadChange& how, Wait wait) {
  const Lsn lsn = OMEN_TRY(change(collection, points, how, wait));
  for (const PointId id : points.ids) {
    if (!OMEN_TRY(collection.contains(id))) return not_found("No point with id " + id.to_string() + " found");
  }
  return lsn;
}

Outcome<const Json*> need_payload(const Json& json) {
  const Json* payload = OMEN_TRY(need(json, "payload"));
  OMEN_TRY(must_be_object(*payload, "payload"));
  return payload;
}

Outcome<Lsn> set(Collection& collection, const Json& json, Wait wait) {
  const Json* payload = OMEN_TRY(need_payload(json));
  const PointSelection points = OMEN_TRY(read_selection(json));
  const auto key = OMEN_TRY(maybe_string(json, "key"));
  return change_named(collection, points, SetPayload{.payload = payload->text(), .key = key.value_or("")}, wait);
}

Outcome<Lsn> overwrite(Collection& collection, const Json& json, Wait wait) {
  const Json* payload = OMEN_TRY(need_payload(json));
  const PointSelection points = OMEN_TRY(read_selection(json));
  // With a key, Qdrant sets what lies there.
  const auto key = OMEN_TRY(maybe_string(json, "key"));
  if (key) return change_named(collection, points, SetPayload{.payload = payload->text(), .key = *key}, wait);
  return change_named(collection, points, OverwritePayload{.payload = payload->text()}, wait);
}

Outcome<Lsn> delete_keys(Collection& collection, const Json& json, Wait wait) {
  const Json* list = OMEN_TRY(need(json, "keys"));
  if (!list->is(JsonKind::Array)) return wrong_format("keys: invalid type, expected a sequence");
  std::vector<std::string_view> keys;
  for (const Json& key : list->items()) keys.push_back(OMEN_TRY(read_string(key, "keys")));
  const PointSelection points = OMEN_TRY(read_selection(json));
  if (keys.empty()) return nothing_to_do(collection);
  return change_named(collection, points, DeletePayloadKeys{.keys = keys}, wait);
}

Outcome<Lsn> clear(Collection& collection, const Json& json, Wait wait) {
  PointSelection points;
  if (json.is(JsonKind::Array))
    points.ids = OMEN_TRY(read_point_ids(json, "points"));
  else
    points = OMEN_TRY(read_selection(json));
  return change(collection, points, ClearPayload{}, wait);
}

Wait wait_for(bool waits) { return waits ? Wait::Durable : Wait::Accepted; }

// A whole request that is one change.
Outcome<void> run(Call& call, Change apply) {
  OMEN_TRY(check_timeout(call.request));
  const bool waits = OMEN_TRY(wait_parameter(call.request));
  Collection collection = OMEN_TRY(call.collection());
  const JsonDocument document = OMEN_TRY(call.body());
  const Lsn lsn = OMEN_TRY(apply(collection, document.root(), wait_for(waits)));
  write_update_result(call.result, lsn, waits);
  return {};
}

using TextChange = Outcome<Lsn> (*)(Collection& collection, std::string_view json, Wait wait);

// The same without a tree of its body.
Outcome<void> run_on_text(Call& call, TextChange apply) {
  OMEN_TRY(check_timeout(call.request));
  const bool waits = OMEN_TRY(wait_parameter(call.request));
  Collection collection = OMEN_TRY(call.collection());
  const Lsn lsn = OMEN_TRY(apply(collection, call.request.body.text(), wait_for(waits)));
  write_update_result(call.result, lsn, waits);
  return {};
}

struct NamedChange {
  std::string_view name;
  Change apply;
};
constexpr NamedChange kChanges[] = {
    {"upsert",
     [](Collection& collection, const Json& json, Wait wait) { return upsert(collection, json.text(), wait); }},
    {"delete", erase_selected},
    {"delete_points", erase_selected},
    {"set_payload", set},
    {"overwrite_payload", overwrite},
    {"delete_payload", delete_keys},
    {"clear_payload", clear},
    {"update_vectors",
     [](Collection& collection, const Json& json, Wait wait) { return update_vectors(collection, json.text(), wait); }},
    {"delete_vectors", erase_vectors},
};

Outcome<Lsn> apply_operation(Collection& collection, const Json& operation) {
  for (const NamedChange& change : kChanges) {
    const Json* json = operation.find(change.name);
    if (json != nullptr) return change.apply(collection, *json, Wait::Accepted);
  }
  return wrong_format("data did not match any variant of untagged enum UpdateOperation");
}

}  // namespace

Outcome<void> upsert_points(Call& call) { return run_on_text(call, upsert); }
Outcome<void> update_point_vectors(Call& call) { return run_on_text(call, update_vectors); }
Outcome<void> delete_points(Call& call) { return run(call, erase_selected); }
Outcome<void> delete_point_vectors(Call& call) { return run(call, erase_vectors); }
Outcome<void> set_payload(Call& call) { return run(call, set); }
Outcome<void> overwrite_payload(Call& call) { return run(call, overwrite); }
Outcome<void> delete_payload(Call& call) { return run(call, delete_keys); }
Outcome<void> clear_payload(Call& call) { return run(call, clear); }

// One after the other; an operation that is refused ends the batch, and those before it stay. Flushed once.
Outcome<void> update_batch(Call& call) {
  OMEN_TRY(check_timeout(call.request));
  const bool waits = OMEN_TRY(wait_parameter(call.request));
  Collection collection = OMEN_TRY(call.collection());
  const JsonDocument document = OMEN_TRY(call.body());
  const Json* operations = OMEN_TRY(need(document.root(), "operations"));
  if (!operations->is(JsonKind::Array)) return wrong_format("operations: invalid type, expected a sequence");
  if (operations->items().size() > kOperationsMax)
    return bad_request("at most " + std::to_string(kOperationsMax) + " operations fit in a batch");
  call.result.begin_array();
  for (const Json& operation : operations->items()) {
    const Lsn lsn = OMEN_TRY(apply_operation(collection, operation));
    write_update_result(call.result, lsn, waits);
  }
  call.result.end_array();
  if (waits) OMEN_TRY(collection.flush());
  return {};
}

}  // namespace omendb
