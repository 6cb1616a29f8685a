#!/usr/bin/env python3
"""Upserts and searches over REST, by one client beside the server: bench/rest.py OMENDB BASE.fvecs COUNT

Points go in batches of 1,000, the first half with wait=false, the second with wait=true. Then, once the collection is green, searches
for 10 neighbours of its own points: one after the other, and by wrk (Debian's package) on 1 and 8 connections; and once the server
has stopped, the same queries by `omendb search`, embedded, on 1 and 2 threads."""
import json
import random
import statistics
import struct
import subprocess
import sys
import tempfile
import time

from rest_client import Client, serving

BATCH = 1_000
QUERIES = 2_000
ROUNDS_EMBEDDED = 10  # the first reads the vectors, which lie in the server's page cache already
SECONDS = 6


def read_fvecs(path, count):
    with open(path, "rb") as file:
        for _ in range(count):
            width = struct.unpack("<i", file.read(4))[0]
            yield struct.unpack(f"<{width}f", file.read(4 * width))


def upsert(client, bodies, wait):
    begin = time.perf_counter()
    for body in bodies:
        client("PUT", f"/collections/bench/points?wait={wait}", body)
    seconds = time.perf_counter() - begin
    print(f"upsert wait={wait}: {len(bodies) * BATCH / seconds:,.0f} points/s, "
          f"{sum(map(len, bodies)) / seconds / 1e6:.0f} MB/s of JSON")


def search_in_turn(client, queries):
    sent, served = [], []
    for query in queries:
        begin = time.perf_counter()
        answer = client("POST", "/collections/bench/points/query", query)
        sent.append(time.perf_counter() - begin)
        served.append(answer["time"])
    cuts = statistics.quantiles(sent, n=100)
    print(f"search, this client: p50 {cuts[49] * 1e6:.0f} us, p99 {cuts[98] * 1e6:.0f} us, "
          f"of it in the server p50 {statistics.median(served) * 1e6:.0f} us")


def search_by_wrk(address, queries, folder):
    with open(f"{folder}/queries", "w") as file:
        file.write("\n".join(queries))
    with open(f"{folder}/post.lua", "w") as file:
        file.write(f"""
local bodies, i = {{}}, 0
for line in io.lines("{folder}/queries") do bodies[#bodies + 1] = line end
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
function request() i = i + 1; return wrk.format(nil, nil, nil, bodies[i % #bodies + 1]) end
""")
    for connections in (1, 8):
        out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", "-s", f"{folder}/post.lua",
                              f"http://{address[0]}:{address[1]}/collections/bench/points/query"],
                             check=True, capture_output=True, text=True).stdout
        wanted = [" ".join(line.split()) for line in out.splitlines()
                  if line.strip().startswith(("50%", "99%", "Requests/sec", "Non-2xx"))]
        print(f"search, {connections} connections: {', '.join(wanted)}")


def search_embedded(omendb, database, queries, folder):
    with open(f"{folder}/queries.fvecs", "wb") as file:
        for vector in ROUNDS_EMBEDDED * queries:
            file.write(struct.pack(f"<i{len(vector)}f", len(vector), *vector))
    for threads in (1, 2):
        out = subprocess.run([omendb, "search", "--db", database, "--collection", "bench", "--queries", f"{folder}/queries.fvecs",
                              "--out", f"{folder}/found.ivecs", "--explain", "--threads", str(threads)],
                             check=True, capture_output=True, text=True).stdout
        print(f"search, embedded, {threads} threads: {out.splitlines()[-1]}")


def main():
    omendb, base, count = sys.argv[1], sys.argv[2], int(sys.argv[3]) // BATCH * BATCH
    vectors = list(read_fvecs(base, count))
    bodies = [json.dumps({"points": [{"id": i, "vector": vectors[i]} for i in range(begin, begin + BATCH)]}).encode()
              for begin in range(0, count, BATCH)]
    wanted = random.choices(vectors, k=QUERIES)
    queries = [json.dumps({"query": vector, "limit": 10}) for vector in wanted]
    with tempfile.TemporaryDirectory() as folder:
        database = f"{folder}/db"
        with serving(omendb, database) as address:
            client = Client(address)
            client("PUT", "/collections/bench", json.dumps({"vectors": {"size": len(vectors[0]), "distance": "Euclid"}}))
            upsert(client, bodies[:len(bodies) // 2], "false")
            upsert(client, bodies[len(bodies) // 2:], "true")
            begin = time.perf_counter()
            while client("GET", "/collections/bench")["result"]["status"] != "green":
                time.sleep(0.1)
            print(f"green after {time.perf_counter() - begin:.1f} s")
            search_in_turn(client, queries)
            search_by_wrk(address, queries, folder)
        search_embedded(omendb, database, wanted, folder)


if __name__ == "__main__":
    main()
