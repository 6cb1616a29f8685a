#!/usr/bin/env python3
"""What many small collections take: bench/many_collections.py OMENDB COUNT

Makes them over REST, with ten points of 128 dimensions each; then says how long that took, what the server's process holds, how
much of a core it uses while nobody asks, and how long stopping and opening take."""
import json
import os
import sys
import tempfile
import time
import urllib.error
import urllib.request

from rest_client import Client, serving

POINTS = 10
DIMENSIONS = 128
IDLE_S = 5


def status_of(pid, key):
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(key + ":"))


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def is_ready(address):
    try:
        return urllib.request.urlopen(f"http://{address[0]}:{address[1]}/readyz").status == 200
    except urllib.error.HTTPError:
        return False


def make(client, count):
    settings = json.dumps({"vectors": {"size": DIMENSIONS, "distance": "Cosine"}})
    points = json.dumps({"points": [{"id": i, "vector": [(i * j) % 17 - 8.5 for j in range(DIMENSIONS)]} for i in range(POINTS)]})
    for i in range(count):
        client("PUT", f"/collections/{i}", settings)
        client("PUT", f"/collections/{i}/points?wait=true", points)


def main():
    omendb, count = sys.argv[1], int(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        with serving(omendb, folder) as address:
            make(Client(address), count)
            print(f"made {count} in {time.perf_counter() - begin:.1f} s")
            print(f"{status_of(address.pid, 'RssAnon') / 1024:.0f} MiB of memory, {status_of(address.pid, 'VmSize') / 2**30:.1f} TiB of "
                  f"address space, {len(os.listdir(f'/proc/{address.pid}/fd'))} open files")
            used = processor_seconds(address.pid)
            time.sleep(IDLE_S)
            print(f"idle: {(processor_seconds(address.pid) - used) / IDLE_S:.0%} of a core")
            begin = time.perf_counter()
        print(f"stopped in {time.perf_counter() - begin:.1f} s")
        begin = time.perf_counter()
        with serving(omendb, folder) as address:
            while not is_ready(address):
                time.sleep(0.05)
            assert len(Client(address)("GET", "/collections")["result"]["collections"]) == count
            print(f"open after {time.perf_counter() - begin:.1f} s")


if __name__ == "__main__":
    main()
