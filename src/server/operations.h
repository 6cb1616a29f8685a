// The operations that routes lead to. Each lies in the file named above it.
#pragma once

#include "server/call.h"

namespace omendb {

// server/about.cc
Outcome<void> show_version(Call& call);
Outcome<void> say_healthy(Call& call);
Outcome<void> say_alive(Call& call);
Outcome<void> say_ready(Call& call);
Outcome<void> show_telemetry(Call& call);
Outcome<void> show_metrics(Call& call);
Outcome<void> show_issues(Call& call);
Outcome<void> clear_issues(Call& call);
Outcome<void> show_cluster(Call& call);
Outcome<void> show_collection_cluster(Call& call);
Outcome<void> show_shard_keys(Call& call);
Outcome<void> show_optimizations(Call& call);
Outcome<void> refuse_cluster_change(Call& call);
Outcome<void> refuse_shard_key(Call& call);

// server/omen.cc
Outcome<void> show_progress(Call& call);
Outcome<void> stream_events(Call& call);
Outcome<void> show_server(Call& call);

// server/collections.cc
Outcome<void> list_collections(Call& call);
Outcome<void> create_collection(Call& call);
Outcome<void> update_collection(Call& call);
Outcome<void> delete_collection(Call& call);
Outcome<void> collection_exists(Call& call);

// server/collection_info.cc
Outcome<void> show_collection(Call& call);

// server/aliases.cc
Outcome<void> change_aliases(Call& call);
Outcome<void> list_aliases(Call& call);
Outcome<void> list_collection_aliases(Call& call);

// server/field_indexes.cc
Outcome<void> create_field_index(Call& call);
Outcome<void> delete_field_index(Call& call);

// server/changes.cc
Outcome<void> upsert_points(Call& call);
Outcome<void> delete_points(Call& call);
Outcome<void> update_point_vectors(Call& call);
Outcome<void> delete_point_vectors(Call& call);
Outcome<void> set_payload(Call& call);
Outcome<void> overwrite_payload(Call& call);
Outcome<void> delete_payload(Call& call);
Outcome<void> clear_payload(Call& call);
Outcome<void> update_batch(Call& call);

// server/reading.cc
Outcome<void> get_point(Call& call);
Outcome<void> retrieve_points(Call& call);
Outcome<void> scroll_points(Call& call);
Outcome<void> count_points(Call& call);
Outcome<void> facet_points(Call& call);

// server/searching.cc
Outcome<void> query_points(Call& call);
Outcome<void> query_batch(Call& call);
Outcome<void> query_groups(Call& call);
Outcome<void> search_points(Call& call);
Outcome<void> search_batch(Call& call);
Outcome<void> search_groups(Call& call);
Outcome<void> recommend_points(Call& call);
Outcome<void> recommend_batch(Call& call);
Outcome<void> recommend_groups(Call& call);
Outcome<void> discover_points(Call& call);
Outcome<void> discover_batch(Call& call);

// server/matrix.cc
Outcome<void> matrix_pairs(Call& call);
Outcome<void> matrix_offsets(Call& call);

}  // namespace omendb
