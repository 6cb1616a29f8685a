"""One peer, one process: builds its index, or loads and searches it, and prints what it took as JSON.

    measure.py build  ENGINE DATA INDEX THREADS
    measure.py search ENGINE DATA INDEX K
    measure.py subset DATA INTO ROWS QUERIES
"""
import json
import shutil
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import ground_truth  # noqa: E402
import vectors  # noqa: E402
from engines import ENGINES  # noqa: E402

PASSES = 3
QUERIES_MAX = 10_000
EF_MAX = 1_024
RECALL_ENOUGH = 0.999
ROUNDING = 1e-5  # ground truth distances are float32


def metric_of(data):
    metric = json.loads((Path(data) / "meta.json").read_text())["metric"]
    if metric not in ("l2", "angular", "cosine"):
        sys.exit(f"peers are measured under l2 and angular, not {metric}")
    return "l2" if metric == "l2" else "angular"


def load(data, stem, metric):
    values = np.array(vectors.read_first(data, stem), np.float32)
    if metric == "angular":
        values /= np.linalg.norm(values, axis=1, keepdims=True)
    return values


def anonymous_mib():
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) / 1024


def efforts(k):
    ef = float(k)
    while ef < EF_MAX:
        yield int(ef)
        ef *= 1.5
    yield EF_MAX


def build(engine, data, index, threads):
    metric = metric_of(data)
    base = load(data, "base", metric)
    start = time.perf_counter()
    engine.build(base, metric, threads)
    seconds = time.perf_counter() - start
    engine.save(index)
    return {"build_s": seconds, "rows_per_s": len(base) / seconds, "threads": threads}


class Recall:
    """Ties count by distance, as `omendb bench` counts them."""

    def __init__(self, data, queries, metric, k):
        self.base = vectors.read_first(data, "base")
        self.queries, self.angular, self.k = queries, metric == "angular", k
        neighbors = vectors.read_ivecs(Path(data) / "groundtruth.ivecs")[: len(queries), k - 1]
        self.limits = self._distances(neighbors[:, None])[:, 0] * (1 + ROUNDING) + 1e-7

    def _distances(self, ids):
        return np.array([
            ground_truth.distances_to(self.base, query, row, self.angular) for query, row in zip(self.queries, ids)
        ])

    def of(self, answers):
        return float((self._distances(answers) <= self.limits[:, None]).mean())


def search(engine, data, index, k):
    metric = metric_of(data)
    queries = load(data, "queries", metric)[:QUERIES_MAX]
    before = anonymous_mib()
    engine.load(index, metric, queries.shape[1])
    memory = anonymous_mib() - before
    recall = Recall(data, queries, metric, k)
    curve = []
    for ef in efforts(k):
        if not curve:
            engine.search(queries, k, ef)  # warms up
        best = float("inf")
        for _ in range(PASSES):
            start = time.perf_counter()
            answers = engine.search(queries, k, ef)
            best = min(best, time.perf_counter() - start)
        curve.append({"ef": ef, "recall": recall.of(answers), "qps": len(queries) / best})
        if curve[-1]["recall"] > RECALL_ENOUGH:
            break
    return {"rss_anon_mib": memory, "curve": curve}


def subset(data, into, rows, queries_count):
    """A small data set with ground truth of its own, out of the first rows."""
    into = Path(into)
    into.mkdir(parents=True, exist_ok=True)
    base = vectors.read_first(data, "base")[:rows]
    queries = vectors.read_first(data, "queries")[:queries_count]
    ids, _ = ground_truth.exact_neighbors(base, queries, metric_of(data), 100)
    vectors.write_vecs(into / "base.fvecs", base)
    vectors.write_vecs(into / "queries.fvecs", queries)
    vectors.write_vecs(into / "groundtruth.ivecs", ids, np.int32)
    shutil.copy(Path(data) / "meta.json", into)
    return {"rows": len(base)}


def main():
    act, *arguments = sys.argv[1:]
    if act == "subset":
        data, into, rows, queries = arguments
        found = subset(data, into, int(rows), int(queries))
    else:
        name, data, index, number = arguments
        engine = ENGINES[name][1]()
        found = {"build": build, "search": search}[act](engine, data, index, int(number))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
