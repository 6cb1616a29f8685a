#!/usr/bin/env python3
"""OmenDB beside other libraries, on the same vectors, on this machine.

    bench/peers/run.py --data DIR [--quick] [--json FILE] [--plot FILE.svg]

Every measurement is a process of its own; engines take turns, so that a change of the machine meets all of them. One
thread searches; the best of all passes counts, for everybody. A peer is handed all queries at once and loops over them
itself, which spares it the cost of a call from Python; OmenDB is called once a query. All processes get huge pages for
their heap.
"""
import argparse
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import chart
from engines import ENGINES

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / "build" / "peers"  # the virtual environment
OURS = "OmenDB"
RECALLS = (0.90, 0.95, 0.99)
QUICK_ROWS, QUICK_QUERIES = 50_000, 1_000
QUICK_ENGINES = ("hnswlib", "usearch f32", "faiss M16")


def child_environment():
    return {**os.environ, "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}


def python():
    return str(ENVIRONMENT / "bin" / "python3")


def install(packages):
    """Those that can be had; the others are named and left out."""
    if not Path(python()).exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
    installed = set()
    for package in packages:
        done = subprocess.run([python(), "-m", "pip", "install", "--quiet", package], capture_output=True, text=True)
        if done.returncode == 0:
            installed.add(package)
        else:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            print(f"left out: {package} cannot be installed: {reason}", file=sys.stderr)
    return installed


def measure(*arguments):
    command = [python(), str(Path(__file__).with_name("measure.py")), *map(str, arguments)]
    done = subprocess.run(command, env=child_environment(), stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, arguments))} failed")
    return json.loads(done.stdout.splitlines()[-1])


class Peer:
    def __init__(self, name, data, work, options):
        self.name, self.data, self.options = name, data, options
        self.index = work / name.replace(" ", "-")

    def build(self):
        return measure("build", self.name, self.data, self.index, self.options.threads)

    def search(self):
        return measure("search", self.name, self.data, self.index, self.options.k)


class Ours:
    """The build's figures are of the graph alone: the rows are stored before."""

    name = OURS

    def __init__(self, data, work, options):
        self.data, self.options = data, options
        self.database, self.found = work / "omendb", work / "omendb.json"
        subprocess.run(["rm", "-rf", str(self.database)], check=True)

    def _bench(self, kind, threads):
        command = [
            self.options.omendb, "bench", kind, "--data", self.data, "--db", self.database, "--keep",
            "--k", self.options.k, "--threads", threads, "--json", self.found,
        ]
        subprocess.run(list(map(str, command)), env=child_environment(), stdout=subprocess.DEVNULL, check=True)
        return json.loads(self.found.read_text())

    def build(self):
        return self._bench("build", self.options.threads)

    def search(self):
        return self._bench("search", 1)


def best_of(curves):
    """For each effort the fastest pass of all rounds."""
    best = {}
    for point in (point for curve in curves for point in curve):
        known = best.get(point["ef"])
        if known is None or point["qps"] > known["qps"]:
            best[point["ef"]] = point
    return [best[ef] for ef in sorted(best)]


def qps_at(curve, recall):
    """Interpolated between the two efforts around it, on a logarithmic scale; None if it is never reached."""
    previous = None
    for point in curve:
        if point["recall"] >= recall:
            if previous is None or point["recall"] == previous["recall"]:
                return point["qps"]
            share = (recall - previous["recall"]) / (point["recall"] - previous["recall"])
            return math.exp(math.log(previous["qps"]) * (1 - share) + math.log(point["qps"]) * share)
        previous = point
    return None


def summary(build, searches):
    curve = best_of([search["curve"] for search in searches])
    return {
        "rows_per_s": build["rows_per_s"],
        "rss_anon_mib": min(search["rss_anon_mib"] for search in searches),
        "qps_at": {f"{recall:.2f}": qps_at(curve, recall) for recall in RECALLS},
        "curve": curve,
    }


def cell(value, ours, smaller_is_better=False):
    """The figure, and how many times better ours is."""
    if value is None:
        return "-"
    text = f"{value:,.0f}"
    if ours is None:
        return text
    return f"{text} ({(value / ours if smaller_is_better else ours / value):.2f}x)"


def print_table(results):
    ours = results.get(OURS)
    heads = ["", *(f"QPS at {recall:.2f}" for recall in RECALLS), "build rows/s", "memory MiB"]
    lines = [heads]
    for name, found in results.items():
        beside = ours if name != OURS else None
        line = [name]
        for recall in RECALLS:
            key = f"{recall:.2f}"
            line.append(cell(found["qps_at"][key], beside and beside["qps_at"][key]))
        line.append(cell(found["rows_per_s"], beside and beside["rows_per_s"]))
        line.append(cell(found["rss_anon_mib"], beside and beside["rss_anon_mib"], smaller_is_better=True))
        lines.append(line)
    widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
    for line in lines:
        first, *rest = zip(line, widths)
        print("  ".join([first[0].ljust(first[1])] + [text.rjust(width) for text, width in rest]))
    print("In brackets: how many times better OmenDB is. "
          "Memory is anonymous; OmenDB's vectors lie in the page cache besides.")


def parse():
    parser = argparse.ArgumentParser(description="OmenDB beside other libraries, on the same vectors, on this machine.")
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--omendb", default=ROOT / "build" / "release" / "src" / "apps" / "omendb", type=Path)
    parser.add_argument("--engines", help="names, comma separated: " + ", ".join(ENGINES))
    parser.add_argument("--k", default=10, type=int)
    parser.add_argument("--threads", default=2, type=int, help="that build (default: 2)")
    parser.add_argument("--rounds", default=3, type=int, help="searching processes an engine (default: 3)")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROWS:,} rows, one round, fewer engines")
    parser.add_argument("--work", default=ENVIRONMENT / "work", type=Path, help="where the indexes go")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    return parser.parse_args()


def main():
    options = parse()
    names = options.engines.split(",") if options.engines else list(QUICK_ENGINES if options.quick else ENGINES)
    unknown = [name for name in names if name not in ENGINES]
    if unknown:
        sys.exit(f"no engine is called {', '.join(unknown)}")
    installed = install(dict.fromkeys(["numpy", *(ENGINES[name][0] for name in names)]))
    work = options.work
    work.mkdir(parents=True, exist_ok=True)
    data, rounds = options.data, options.rounds
    if options.quick:
        data, rounds = work / "quick", 1
        measure("subset", options.data, data, QUICK_ROWS, QUICK_QUERIES)

    engines = [Peer(name, data, work, options) for name in names if ENGINES[name][0] in installed]
    if options.omendb.exists():
        engines.insert(0, Ours(data, work, options))
    else:
        print(f"left out: {options.omendb} is not built", file=sys.stderr)

    builds, searches = {}, {}
    for engine in engines:
        print(f"building {engine.name}", file=sys.stderr)
        try:
            builds[engine.name] = engine.build()
        except (RuntimeError, subprocess.CalledProcessError) as error:
            print(f"left out: {engine.name}: {error}", file=sys.stderr)
    for turn in range(rounds):
        for engine in (engine for engine in engines if engine.name in builds):
            print(f"searching {engine.name}, round {turn + 1} of {rounds}", file=sys.stderr)
            searches.setdefault(engine.name, []).append(engine.search())

    results = {name: summary(builds[name], searches[name]) for name in builds}
    print_table(results)
    if options.json:
        report = {"data": options.data.name, "k": options.k, "engines": results}
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    if options.plot:
        curves = {name: [(p["recall"], p["qps"]) for p in found["curve"]] for name, found in results.items()}
        options.plot.write_text(chart.draw(f"{options.data.name}: one thread, k = {options.k}", curves))


if __name__ == "__main__":
    main()
