// Points and payloads put, changed and deleted.
#include "base/function_ref.h"
#include "server/limits.h"
#include "server/operations.h"
#include "server/points_reader.h"
#include "server/selection.h"
#include "server/update_result.h"
#include "server/work_memory.h"

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
  const PointSelection points = OMEN_TRY(read_selection(json));
  if (points.nothing()) return nothing_to_do(collection);
  return lsn_of(points.filter ? collection.erase(*points.filter, wait) : collection.erase(points.ids, wait));
}

Outcome<Lsn> erase_vectors(Collection& collection, const Json& json, Wait wait) {
  const PointSelection points = OMEN_TRY(read_selection(json));
  const Json* list = json.find("vector");
  if (list == nullptr) list = json.find("vectors");
  if (list == nullptr) return wrong_format("missing field `vector`");
  std::vector<std::string_view> names;
  OMEN_TRY(must_be_list(*list, "vector"));
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
  std::vector<std::string_view> keys;
  for (const Json& key : OMEN_TRY(need_list(json, "keys"))) keys.push_back(OMEN_TRY(read_string(key, "keys")));
  const PointSelection points = OMEN_TRY(read_selection(json));
  if (keys.empty()) return nothing_to_do(collection);
  return change_named(collection, points, DeletePayloadKeys{.keys = keys}, wait);
}

Outcome<Lsn> clear(Collection& collection, const Json& json, Wait wait) {
  const PointSelection points = OMEN_TRY(read_selection(json));
  return change(collection, points, ClearPayload{}, wait);
}

Wait wait_for(bool waits) { return waits ? Wait::Durable : Wait::Accepted; }

// A whole request that is one change.
Outcome<void> answer_change(Call& call, FunctionRef<Outcome<Lsn>(Collection&, Wait)> apply) {
  const bool waits = OMEN_TRY(wait_parameter(call.request));
  Collection collection = OMEN_TRY(call.collection());
  const Lsn lsn = OMEN_TRY(apply(collection, wait_for(waits)));
  write_update_result(call.result, lsn, waits);
  return {};
}

Outcome<void> run(Call& call, Change change) {
  return answer_change(call, [&](Collection& collection, Wait wait) -> Outcome<Lsn> {
    const JsonDocument document = OMEN_TRY(call.body());
    return change(collection, document.root(), wait);
  });
}

// Points are many: no tree is made of them.
using TextChange = Outcome<Lsn> (*)(Collection& collection, std::string_view json, Wait wait);

Outcome<void> run_on_text(Call& call, TextChange change) {
  const std::string_view body = call.request.body.text();
  OMEN_TRY(cover(call.request.memory, kBytesPerBodyByte * body.size()));
  return answer_change(call, [&](Collection& collection, Wait wait) { return change(collection, body, wait); });
}

// A string that holds such a request is none.
Outcome<Lsn> change_by_text(Collection& collection, const Json& json, Wait wait, TextChange change) {
  OMEN_TRY(must_be_object(json, ""));
  return change(collection, json.text(), wait);
}

struct NamedChange {
  std::string_view name;
  Change apply;
};
constexpr NamedChange kChanges[] = {
    {"upsert",
     [](Collection& c, const Json& json, Wait wait) { return change_by_text(c, json, wait, upsert); }},
    {"delete", erase_selected},
    {"delete_points", erase_selected},
    {"set_payload", set},
    {"overwrite_payload", overwrite},
    {"delete_payload", delete_keys},
    {"clear_payload", clear},
    {"update_vectors",
     [](Collection& c, const Json& json, Wait wait) { return change_by_text(c, json, wait, update_vectors); }},
    {"delete_vectors", erase_vectors},
};

Outcome<const NamedChange*> change_of(const Json& operation) {
  for (const NamedChange& change : kChanges) {
    if (operation.find(change.name) != nullptr) return &change;
  }
  return wrong_format("data did not match any variant of untagged enum UpdateOperation");
}

Outcome<std::vector<const NamedChange*>> changes_of(std::span<const Json> operations) {
  std::vector<const NamedChange*> changes;
  changes.reserve(operations.size());
  for (const Json& operation : operations) changes.push_back(OMEN_TRY(change_of(operation)));
  return changes;
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

// One after the other. What no operation is refuses the batch before anything is done; an operation that is refused
// later ends it, and those before it stay. Flushed once.
Outcome<void> update_batch(Call& call) {
  const bool waits = OMEN_TRY(wait_parameter(call.request));
  Collection collection = OMEN_TRY(call.collection());
  const JsonDocument document = OMEN_TRY(call.body());
  const std::span<const Json> operations = OMEN_TRY(need_list(document.root(), "operations"));
  if (operations.size() > kOperationsMax)
    return bad_request("at most " + std::to_string(kOperationsMax) + " operations fit in a batch");
  const std::vector<const NamedChange*> changes = OMEN_TRY(changes_of(operations));
  call.result.begin_array();
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const Json& json = *operations[i].find(changes[i]->name);
    const Lsn lsn = OMEN_TRY(changes[i]->apply(collection, json, Wait::Accepted));
    write_update_result(call.result, lsn, waits);
  }
  call.result.end_array();
  if (waits) OMEN_TRY(collection.flush());
  return {};
}

}  // namespace omendb
