#!/usr/bin/env python3
"""Searches over REST beside an upload that never rests: bench/rest_beside_upload.py OMENDB BASE.fvecs COUNT

One client puts COUNT points in batches of 1,000 (wait=false), another makes 50 searches a second until the collection is green. A
search begins when its time has come, whatever became of the ones before, and its latency is counted from there. Every other one asks
for the newest point that was acknowledged before; the others for neighbours, which are compared with the exact ones among all points
acknowledged before."""
import json
import multiprocessing
import statistics
import sys
import time

import numpy

from rest_client import Client, serving

BATCH = 1_000
PER_SECOND = 50
K = 10
CHECKED = 300  # searches whose neighbours are compared


def read_fvecs(path, count):
    raw = numpy.fromfile(path, dtype="<i4", count=1)
    width = int(raw[0])
    return numpy.fromfile(path, dtype="<f4", count=count * (width + 1)).reshape(-1, width + 1)[:, 1:].copy()


def bodies_of(vectors):
    for begin in range(0, len(vectors), BATCH):
        points = [{"id": begin + i, "vector": vector} for i, vector in enumerate(vectors[begin:begin + BATCH].tolist())]
        yield json.dumps({"points": points}).encode()


def upload(address, bodies, acknowledged):
    client = Client(address)
    for body in bodies:
        client("PUT", "/collections/bench/points?wait=false", body)
        acknowledged.value += BATCH


def exact(vectors, query, count):
    distances = ((vectors[:count] - query) ** 2).sum(axis=1)
    return numpy.argsort(distances, kind="stable")[:K]


def recall_of(vectors, searches):
    """Points that came after the search was sent may be in an answer, in the place of the furthest."""
    shares = []
    for query, before, found in searches:
        older = [point for point in found if point < before]
        wanted = set(exact(vectors, query, before)[:len(older)].tolist())
        shares.append(len(wanted & set(older)) / max(1, len(wanted)))
    return statistics.mean(shares)


def report(name, latencies):
    cuts = statistics.quantiles(latencies, n=1000)
    print(f"{name}: {len(latencies)} searches, p50 {cuts[499] * 1e3:.2f} ms, p99 {cuts[989] * 1e3:.2f} ms, "
          f"p99.9 {cuts[998] * 1e3:.2f} ms, longest {max(latencies) * 1e3:.1f} ms")


def search_beside(address, vectors, queries, acknowledged, is_uploading):
    client = Client(address)
    watch = Client(address)
    beside, behind, searches, missing = [], [], [], 0
    begin = time.perf_counter()
    looked = begin
    number = 0
    while True:
        due = begin + number / PER_SECOND
        time.sleep(max(0, due - time.perf_counter()))
        before = acknowledged.value
        number += 1
        if before == 0:
            continue
        newest = number % 2 == 0
        query = vectors[before - 1] if newest else queries[number % len(queries)]
        body = json.dumps({"query": query.tolist(), "limit": K})
        hits = client("POST", "/collections/bench/points/query", body)["result"]["points"]
        (beside if is_uploading() else behind).append(time.perf_counter() - due)
        if not newest:
            searches.append((query, before, [hit["id"] for hit in hits]))
        elif before - 1 not in [hit["id"] for hit in hits] and hits[-1]["score"] > 0:
            missing += 1
        if not is_uploading() and time.perf_counter() - looked > 1:
            looked = time.perf_counter()
            if watch("GET", "/collections/bench")["result"]["status"] == "green":
                return beside, behind, searches, missing


def main():
    omendb, base, count = sys.argv[1], sys.argv[2], int(sys.argv[3]) // BATCH * BATCH
    everything = read_fvecs(base, count + 1_000)
    vectors, queries = everything[:count], everything[count:]
    if len(queries) == 0:
        queries = vectors[::997] + 0.5
    bodies = list(bodies_of(vectors))
    acknowledged = multiprocessing.Value("q", 0)
    with serving(omendb) as address:
        size = vectors.shape[1]
        Client(address)("PUT", "/collections/bench", json.dumps({"vectors": {"size": size, "distance": "Euclid"}}))
        uploader = multiprocessing.Process(target=upload, args=(address, bodies, acknowledged))
        begin = time.perf_counter()
        uploader.start()
        ended = []

        def is_uploading():
            if not ended and not uploader.is_alive():
                ended.append(time.perf_counter())
            return not ended

        beside, behind, searches, missing = search_beside(address, vectors, queries, acknowledged, is_uploading)
    print(f"uploaded {count:,} points at {count / (ended[0] - begin):,.0f} a second, "
          f"green {time.perf_counter() - ended[0]:.0f} s later")
    report("beside the upload", beside)
    report("until green", behind)
    report("both", beside + behind)
    step = max(1, len(searches) // CHECKED)
    print(f"newest points not found: {missing}, recall@{K} {recall_of(vectors, searches[::step]):.4f}")


if __name__ == "__main__":
    main()
