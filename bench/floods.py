#!/usr/bin/env python3
"""What strangers' floods cost a healthy client: bench/floods.py OMENDB [ROWS]

The client makes 50 searches a second of a collection of ROWS (100,000) points, in three windows: alone, beside 500 connections that send
a byte of a request every second, and beside those and a flood of malformed requests (300 a second, each on a new connection). Linux
gives every process all of 127.0.0.0/8, so that the floods come from other addresses than the client."""
import json
import multiprocessing
import random
import socket
import statistics
import sys
import time

from rest_client import Client, serving

DIMENSIONS = 128
PER_SECOND = 50
WINDOW_S = 20
SLOW = 500
MALFORMED_PER_SECOND = 300

MALFORMED = [b"GET / HTTP/9.9\r\n\r\n", b"\x00\x01\x02\x03" * 64, b"POST /collections/bench/points/query HTTP/1.1\r\nHost: x\r\n"
             b"Content-Length: 10\r\nContent-Length: 11\r\n\r\n", b"GET " + b"a" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
             b"PUT /collections/bench/points HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
             b"POST /collections/bench/points/query HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n" + b"[" * 40,
             b"PUT /collections/bench/points HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n"]


def connect(address, source):
    connection = socket.socket()
    connection.bind((source, 0))
    connection.settimeout(5)
    connection.connect(address)
    return connection


def send_slowly(address):
    """Keeps SLOW connections, each a byte a second; one that is closed is opened again."""
    head = b"POST /collections/bench/points/query HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\nX: " + b"y" * 4_000
    connections = {}
    while True:
        begin = time.monotonic()
        for i in range(SLOW):
            try:
                if i not in connections:
                    connections[i] = (connect(address, f"127.0.1.{1 + i % 4}"), iter(head))
                connection, rest = connections[i]
                connection.send(bytes([next(rest)]))
            except (OSError, StopIteration):
                connections.pop(i, (None,))
        time.sleep(max(0, 1 - (time.monotonic() - begin)))


def send_malformed(address):
    begin = time.monotonic()
    number = 0
    while True:
        number += 1
        time.sleep(max(0, begin + number / MALFORMED_PER_SECOND - time.monotonic()))
        try:
            with connect(address, "127.0.2.1") as connection:
                connection.sendall(random.choice(MALFORMED))
                connection.recv(1_000)
        except OSError:
            pass


def search_latencies(client, seconds):
    taken = []
    begin = time.perf_counter()
    for number in range(seconds * PER_SECOND):
        due = begin + number / PER_SECOND
        time.sleep(max(0, due - time.perf_counter()))
        query = [random.gauss(0, 1) for _ in range(DIMENSIONS)]
        client("POST", "/collections/bench/points/query", json.dumps({"query": query, "limit": 10}))
        taken.append(time.perf_counter() - due)
    return taken


def fill(client, rows):
    client("PUT", "/collections/bench", json.dumps({"vectors": {"size": DIMENSIONS, "distance": "Cosine"}}))
    for begin in range(0, rows, 1_000):
        points = [{"id": begin + i, "vector": [random.gauss(0, 1) for _ in range(DIMENSIONS)]} for i in range(1_000)]
        client("PUT", "/collections/bench/points?wait=true", json.dumps({"points": points}))
    while client("GET", "/collections/bench")["result"]["status"] != "green":
        time.sleep(0.2)


def report(name, taken, quiet=None):
    cuts = statistics.quantiles(taken, n=100)
    ratio = f", {cuts[98] / statistics.quantiles(quiet, n=100)[98]:.2f} of the quiet p99" if quiet else ""
    print(f"{name}: p50 {cuts[49] * 1e3:.2f} ms, p99 {cuts[98] * 1e3:.2f} ms{ratio}", flush=True)


def main():
    omendb = sys.argv[1]
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    with serving(omendb) as address:
        client = Client(address)
        fill(client, rows)
        quiet = search_latencies(client, WINDOW_S)
        report("alone", quiet)
        floods = []
        try:
            for flood, name in ((send_slowly, f"beside {SLOW} slow connections"), (send_malformed, "and malformed requests")):
                floods.append(multiprocessing.Process(target=flood, args=(address,), daemon=True))
                floods[-1].start()
                time.sleep(3)
                report(name, search_latencies(client, WINDOW_S), quiet)
        finally:
            for flood in floods:
                flood.kill()
        time.sleep(1)
        report("alone again", search_latencies(client, WINDOW_S), quiet)


if __name__ == "__main__":
    main()
