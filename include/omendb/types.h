// The words of the API: metrics, datatypes, batches, answers.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "omendb/filter.h"
#include "omendb/point_id.h"
#include "omendb/result.h"
#include "omendb/sparse_vector.h"

namespace omendb {

// Log sequence number: the position of an operation in its collection's history. The first is 1.
using Lsn = std::uint64_t;

enum class Metric : std::uint8_t {
  L2,      // Euclidean distance (not its square); smaller is nearer
  Dot,     // inner product; larger is nearer
  Cosine,  // cosine similarity, -1 to 1; larger is nearer. A zero vector is refused with InvalidArgument.
  L1,      // Manhattan distance; smaller is nearer. Has no codes and no graph: every search compares all rows.
};

constexpr bool larger_is_nearer(Metric metric) { return metric == Metric::Dot || metric == Metric::Cosine; }

// How vectors are kept. They are handed in and out as float32; `get` returns what was put, rounded to the datatype.
enum class Datatype : std::uint8_t {
  Float32,
  Float16,  // values beyond 65504 are refused
  Uint8,    // whole numbers from 0 to 255; anything else is refused
};

constexpr std::uint32_t kDimensionsMax = 65'536;

std::string_view name_of(Metric metric);      // "l2", "dot", "cosine", "l1"
std::string_view name_of(Datatype datatype);  // "float32", "float16", "uint8"

// A vector that a point may have beside others.
struct VectorOptions {
  std::string name;              // unlike any other's of the collection, 1 to 255 bytes
  std::uint32_t dimensions = 0;  // 1 to kDimensionsMax
  Metric metric = Metric::L2;
  Datatype datatype = Datatype::Float32;
};

// Compared by dot product, and only with queries that share an index with it.
struct SparseVectorOptions {
  std::string name;  // as above
  SparseModifier modifier = SparseModifier::None;
};

constexpr std::size_t kVectorFieldsMax = 16;  // the unnamed one included
constexpr std::size_t kSparseFieldsMax = 8;

// What a collection holds, fixed when it is created.
struct CollectionOptions {
  std::uint32_t dimensions = 0;  // of the unnamed vector, 1 to kDimensionsMax; 0: there is none
  Metric metric = Metric::L2;
  Datatype datatype = Datatype::Float32;
  std::vector<VectorOptions> vectors = {};  // named ones
  std::vector<SparseVectorOptions> sparse_vectors = {};
};

// The vectors of one name, "" for the unnamed one, for the points of a batch.
struct VectorColumn {
  std::string_view name;
  std::span<const float> vectors;         // of the points that have one, row by row
  std::span<const std::uint8_t> present;  // one a point, 0: it has none; empty: all have one
};
struct SparseColumn {
  std::string_view name;
  std::span<const SparseView> vectors;    // one a point
  std::span<const std::uint8_t> present;  // as above; the others' `vectors` do not matter
};

// Points to put, all or none. With two equal ids the last one wins.
struct Batch {
  std::span<const PointId> ids;
  std::span<const float> vectors = {};              // unnamed ones, ids.size() x dimensions, row by row
  std::span<const std::string_view> payloads = {};  // none at all, or one JSON text a point; empty text: no payload
  // Other vectors. A point has none of the names that are left out; "" here stands in place of `vectors`.
  std::span<const VectorColumn> columns = {};
  std::span<const SparseColumn> sparse_columns = {};
};

// What an upsert does with the points of its batch; a point that is passed over is not an error.
enum class UpsertMode : std::uint8_t {
  Upsert,      // replaces those that exist, inserts the others
  InsertOnly,  // passes over those that exist
  UpdateOnly,  // passes over the others
};

// The points an operation is about: those of `ids` that exist, or, without ids, those that match.
struct Selection {
  std::span<const PointId> ids = {};
  const Filter* filter = nullptr;
};

// What becomes of payloads. Keys are paths, as in filters.
struct SetPayload {
  std::string_view payload;   // JSON object: its keys replace the payload's, null removes the key
  std::string_view key = {};  // a path to the object to change, made if it is not there; empty: the whole payload
};
struct OverwritePayload {
  std::string_view payload;  // JSON object
};
struct DeletePayloadKeys {
  std::span<const std::string_view> keys;
};
struct ClearPayload {};

using PayloadChange = std::variant<SetPayload, OverwritePayload, DeletePayloadKeys, ClearPayload>;

// When a write returns.
enum class Wait : std::uint8_t {
  Accepted,  // in the log and findable; survives the process, flushed within 200 ms
  Durable,   // also flushed to disk; survives power loss
  Indexed,   // also in the graph
};

struct WriteReceipt {
  Lsn lsn = 0;  // of the operation; answers whose `lsn` is at least this include it
};

struct NamedVector {
  std::string name;
  std::vector<float> values;
};
struct NamedSparseVector {
  std::string name;
  SparseVector vector;  // by index
};

struct Point {
  PointId id;
  std::vector<float> vector;  // the unnamed one; empty if it has none
  std::string payload;        // the JSON text as it was put; empty if none
  std::vector<NamedVector> vectors = {};  // those it has, in the collection's order
  std::vector<NamedSparseVector> sparse_vectors = {};
};

// What to read of a point.
struct Reading {
  bool payload = true;
  bool vectors = true;  // all of them
};

// Points by the values of a field, each value of an array for itself: whole numbers, floats or dates and times (as
// microseconds since 1970). Points without one are left out.
using OrderValue = std::variant<std::int64_t, double>;

struct OrderBy {
  std::string key;
  bool descending = false;
  std::optional<OrderValue> start_from = std::nullopt;  // this value and what comes behind it
};

struct ScrollOptions {
  Filter filter = {};
  std::uint32_t limit = 10;
  std::optional<PointId> from = std::nullopt;   // ids from here on
  std::optional<OrderBy> order_by = std::nullopt;  // not with `from`
  Reading reading = {};
};

struct ScrollPage {
  std::vector<Point> points;             // by id, or by value and then id
  std::vector<OrderValue> order_values;  // one a point, with order_by
  std::optional<PointId> next;           // where the next page begins; none: this is the last, or order_by
};

// How many points have a value.
using FacetValue = std::variant<std::string, std::int64_t, bool>;
struct FacetHit {
  FacetValue value;
  std::uint64_t count = 0;
};

enum class Freshness : std::uint8_t {
  All,      // everything accepted
  Indexed,  // only what the graph covers: never scans a tail
};

struct SearchOptions {
  std::uint32_t k = 10;                            // 1 to 10,000
  std::uint32_t ef = 0;  // candidates the graph walk keeps; 0: as many as were measured to be enough (MeasuredRecall)
  Filter filter = {};                              // only points that match it
  bool exact = false;                              // compare with every row; `ef` and the graph are ignored
  Freshness freshness = Freshness::All;
  std::optional<float> score_threshold = std::nullopt;  // L2 and L1: at most; dot and cosine: at least
  std::uint32_t threads = 0;  // 0: one, but all cores for one query with a long tail, if no other search has them
  bool with_payload = false;
  bool with_vector = false;       // all of them
  std::string vector_name = {};   // which vector the query is compared with
};

struct Neighbor {
  PointId id;
  float score = 0;            // as the metric says
  std::string payload;        // with_payload
  std::vector<float> vector;  // with_vector: as of Point
  std::vector<NamedVector> vectors;
  std::vector<NamedSparseVector> sparse_vectors;
};

enum class SearchPlan : std::uint8_t {
  Exact,        // every row was compared
  Scan,         // of all rows, by their codes
  Graph,        // a walk, and a scan of the tail: rows_by_scan tells of how many rows
  GraphTwoHop,  // the same, for a filter: the walk went through rows that do not match without comparing them
  List,         // only rows that may match the filter, as field indexes listed them
};

std::string_view name_of(SearchPlan plan);  // "exact", "scan", "graph", "graph two-hop", "list"

// How an answer was found.
struct Explanation {
  SearchPlan plan = SearchPlan::Exact;   // the one that gave the answer
  bool walk_was_left = false;            // the graph was tried first, and given up: what matches is rare around the query
  std::uint64_t steps = 0;               // rows whose links were read
  std::uint64_t rows_by_graph = 0;       // rows the graph walk answered for
  std::uint64_t rows_by_scan = 0;        // rows the scan answered for
  std::uint64_t rows_by_list = 0;        // rows that matched the filter, as field indexes listed them
  std::uint64_t distances = 0;           // exact distances and code distances computed
  std::uint64_t payloads_read = 0;       // for the filter
  std::uint64_t microseconds = 0;        // of this query, on this machine
};

struct SearchResult {
  std::vector<Neighbor> neighbors;  // nearest first; ties by id
  Lsn lsn = 0;                      // the points searched: all operations up to here, none after; payloads as of now
  Explanation explanation;
};

enum class IndexState : std::uint8_t {
  Settled,   // nothing is left to do
  Indexing,  // the tail is being linked
  Yielding,  // slowed down for queries
  Waiting,   // for more rows, for old readers, or for memory: see `reason`
  Stopped,   // switched off, or broken: see `reason`
};

std::string_view name_of(IndexState state);

// How far the indexer is.
struct Progress {
  std::uint64_t accepted = 0;                     // rows ever accepted in this generation, erased ones included
  std::uint64_t covered = 0;                      // of them in the graph (or settled without one)
  std::uint64_t tail = 0;                         // accepted - covered
  double rows_per_second = 0;                     // of the indexer, lately
  std::optional<std::chrono::milliseconds> eta;   // until the tail is empty, if no more rows come
  std::chrono::microseconds tail_scan{0};         // what the tail adds to a query, estimated
  IndexState state = IndexState::Settled;
  std::string reason;                             // why it isn't moving; empty when it is
  bool ids_ready = true;                          // false for a moment after open: gets and writes wait for the id map
};

// Memory by part, in bytes.
struct MemoryUse {
  std::uint64_t codes = 0;
  std::uint64_t graph = 0;
  std::uint64_t ids = 0;
  std::uint64_t erasures = 0;
  std::uint64_t fields = 0;    // indexes of payload fields
  std::uint64_t sparse = 0;    // inverted indexes of sparse vectors
  std::uint64_t building = 0;  // the indexer's private copy
  std::uint64_t total() const { return codes + graph + ids + erasures + fields + sparse + building; }
};

// What searches find that name no `ef`. The indexer asks rows of the collection for their neighbours, compares with
// exact answers, and widens walks, from an `ef` of 64, until a recall of 0.95 is reached with 95 % confidence.
struct MeasuredRecall {
  std::uint32_t queries = 0;  // asked; 0: not measured yet, or no graph: walks keep 64 or k, and scans miss next to nothing
  std::uint64_t rows = 0;     // the graph covered then
  std::uint32_t ef = 0;       // for k = 10; other k in proportion
  double recall_at_10 = 0;
};

struct Stats {
  std::uint64_t points = 0;         // live
  std::uint64_t rows = 0;           // live and erased
  std::uint64_t generation = 0;
  Lsn lsn = 0;                      // visible
  Lsn durable_lsn = 0;              // flushed
  Lsn checkpoint_lsn = 0;           // in the row files; the log after it is replayed at open
  std::uint64_t disk_bytes = 0;     // all files of the collection
  std::uint64_t log_bytes = 0;      // of them the log
  MemoryUse memory;
  MeasuredRecall measured;
  std::optional<Error> read_only;   // why it takes no writes any more
};

struct VerifyReport {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::vector<Error> damage;  // empty: everything at rest is as it was written
};

}  // namespace omendb
