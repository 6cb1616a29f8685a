"""`omendb bench` from outside: figures that can be told beforehand, files that are refused, nothing left behind.

OMENDB_BUILD names the build directory, OMENDB_SEED repeats a run.
"""

import json
import os
import pathlib
import random
import struct
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

BUILD = pathlib.Path(os.environ.get("OMENDB_BUILD", "build/release")).resolve()
OMENDB = BUILD / "src" / "apps" / "omendb"
SEED = int(os.environ.get("OMENDB_SEED", str(random.SystemRandom().randrange(1 << 32))))

ROWS, QUERIES, DIMENSIONS, K = 600, 12, 8, 10


def vecs(rows, code):
    return b"".join(struct.pack(f"<I{len(row)}{code}", len(row), *row) for row in rows)


def bin_file(rows, code):
    values = [value for row in rows for value in row]
    return struct.pack(f"<II{len(values)}{code}", len(rows), len(rows[0]), *values)


def squared(a, b):
    return sum((x - y) ** 2 for x, y in zip(a, b))


def nearest(base, query):
    return sorted(range(len(base)), key=lambda row: (squared(base[row], query), row))[:K]


class BenchTest(unittest.TestCase):
    def setUp(self):
        randomness = random.Random(f"{SEED} {self.id()}")
        folder = tempfile.TemporaryDirectory(prefix="omendb-bench-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.data = self.folder / "data"
        self.data.mkdir()
        self.base = [[randomness.randrange(256) for _ in range(DIMENSIONS)] for _ in range(ROWS)]
        self.queries = [[randomness.randrange(256) for _ in range(DIMENSIONS)] for _ in range(QUERIES)]
        self.write("base.fvecs", vecs(self.base, "f"))
        self.write("queries.fvecs", vecs(self.queries, "f"))
        self.write("groundtruth.ivecs", vecs([nearest(self.base, query) for query in self.queries], "i"))
        self.write("meta.json", b'{"metric": "l2"}')

    def write(self, name, content):
        (self.data / name).write_bytes(content)

    def run_bench(self, kind, *arguments):
        command = [OMENDB, "bench", kind, "--data", self.data, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=300)

    def bench(self, kind, *arguments):
        found = self.folder / "found.json"
        done = self.run_bench(kind, "--json", found, *arguments)
        self.assertEqual(done.returncode, 0, f"seed {SEED}: {done.stderr}")
        figures = json.loads(found.read_text())
        self.assertEqual(figures["bench"], kind)
        self.assertEqual(figures["dim"], DIMENSIONS)
        for key in ("rows", "threads", "k", "rss_anon_mib"):
            self.assertGreater(figures[key], 0, key)
        for key in figures:
            self.assertIn(key, done.stdout)
        return figures

    def refused(self, said, kind="search", *arguments):
        done = self.run_bench(kind, *arguments)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(said, done.stderr)


class Recall(BenchTest):
    """Six hundred points are scanned, so every answer is right."""

    def test_a_right_answer_counts_as_one(self):
        curve = self.bench("search")["curve"]
        self.assertEqual(curve[0]["recall"], 1)
        self.assertEqual(curve[0]["ef"], K)
        self.assertGreater(curve[0]["qps"], 0)
        self.assertLessEqual(curve[0]["p50_ms"], curve[0]["p99_ms"])

    def test_what_lies_beyond_the_true_kth_does_not_count(self):
        only_the_nearest = [[nearest(self.base, query)[0]] * K for query in self.queries]
        self.write("groundtruth.ivecs", vecs(only_the_nearest, "i"))
        curve = self.bench("search")["curve"]
        self.assertAlmostEqual(curve[-1]["recall"], 1 / K, delta=0.02)  # more only where two rows lie equally near

    def test_a_part_of_the_base_is_compared_with_that_part(self):
        figures = self.bench("search", "--rows", 300)
        self.assertEqual(figures["rows"], 300)
        self.assertEqual(figures["curve"][0]["recall"], 1)

    def test_byte_and_float_files_hold_the_same_vectors(self):
        for suffix, code in (("u8bin", "B"), ("fbin", "f")):
            with self.subTest(suffix):
                for old in [*self.data.glob("base.*"), *self.data.glob("queries.*")]:
                    old.unlink()
                self.write(f"base.{suffix}", bin_file(self.base, code))
                self.write(f"queries.{suffix}", bin_file(self.queries, code))
                self.assertEqual(self.bench("search", "--datatype", "uint8")["curve"][0]["recall"], 1)

    def test_every_metric_has_exact_answers_without_a_ground_truth_file(self):
        (self.data / "groundtruth.ivecs").unlink()
        for metric in ("l2", "dot", "cosine", "angular"):
            with self.subTest(metric):
                self.write("meta.json", json.dumps({"metric": metric}).encode())
                self.assertEqual(self.bench("tail")["recall"], 1)


class Figures(BenchTest):
    def test_ingest_compares_with_the_bare_disk(self):
        figures = self.bench("ingest", "--batch", 50, "--payload-bytes", 100)
        for key in ("acked_rows_per_s", "batch_p50_ms", "disk_rows_per_s"):
            self.assertGreater(figures[key], 0, key)
        self.assertGreaterEqual(figures["batch_p999_ms"], figures["batch_p50_ms"])

    def test_ingest_may_wait_for_less(self):
        self.assertEqual(self.bench("ingest", "--accepted", "--no-index")["wait"], "accepted")

    def test_mixed_finds_the_newest_and_counts_what_was_live_at_the_time(self):
        figures = self.bench("mixed", "--batch", 50, "--insert-rate", 400, "--search-rate", 200)
        self.assertEqual(figures["newest_found"], 1)
        for phase in ("during", "after"):
            self.assertEqual(figures[phase]["recall"], 1, phase)
            self.assertLess(figures[phase]["qps"], 300, phase)
        self.assertLess(figures["acked_rows_per_s"], 700)

    def test_mixed_starts_from_rows_that_were_there(self):
        figures = self.bench("mixed", "--initial", 500, "--search-rate", 0)
        self.assertEqual(figures["during"]["recall"], 1)
        self.refused("--initial leaves no rows", "mixed", "--initial", ROWS)

    def test_build_counts_rows_and_searches_them(self):
        figures = self.bench("build", "--threads", 2)
        self.assertEqual(figures["threads"], 2)
        self.assertGreater(figures["rows_per_s"], 0)
        self.assertEqual(figures["curve"][0]["recall"], 1)

    def test_churn_asks_for_the_points_that_are_left(self):
        figures = self.bench("churn")
        self.assertEqual(figures["points_left"], ROWS * 7 / 10)
        for key in ("recall_fresh", "recall", "recall_vacuumed"):
            self.assertEqual(figures[key], 1, key)
        for key in ("qps_ratio", "qps_ratio_vacuumed", "disk_ratio", "disk_ratio_churned"):
            self.assertGreater(figures[key], 0, key)

    def test_open_answers_after_a_kill(self):
        figures = self.bench("open", "--batch", 10)
        self.assertGreaterEqual(figures["points"], figures["acknowledged"])
        self.assertGreaterEqual(figures["first_answer_ms"], figures["open_ms"])


class Files(BenchTest):
    def test_a_chart_is_a_picture(self):
        plot = self.folder / "plot.svg"
        self.bench("mixed", "--plot", plot)
        picture = xml.etree.ElementTree.parse(plot).getroot()
        self.assertEqual(picture.tag, "{http://www.w3.org/2000/svg}svg")
        texts = picture.iter("{http://www.w3.org/2000/svg}text")
        titles = [text.text for text in texts if text.get("class") == "title"]
        self.assertEqual(len(titles), 4)
        self.assertNotIn("nan", plot.read_text())

    def test_the_database_is_gone_afterwards_unless_it_is_kept(self):
        self.bench("tail")
        self.assertEqual([path.name for path in self.folder.iterdir() if path.is_dir()], ["data"])
        database = self.folder / "kept"
        self.bench("tail", "--db", database, "--keep")
        self.assertTrue(database.is_dir())
        self.bench("search", "--db", database, "--keep")
        self.refused(f"holds {ROWS} points, not 300", "search", "--db", database, "--keep", "--rows", 300)

    def test_a_damaged_data_set_is_named_with_what_was_found(self):
        cases = (
            ("base.fvecs", vecs(self.base, "f")[:-3], "base.fvecs"),
            ("base.fvecs", b"\0" * 64, "says 0 dimensions"),
            ("queries.fvecs", vecs([[1, 2]], "f"), "the base has 8 dimensions, the queries 2"),
            ("meta.json", b'{"metric": "hamming"}', 'metric is "hamming"'),
            ("meta.json", b"{}", 'has no "metric"'),
            ("groundtruth.ivecs", vecs([[ROWS] * K] * QUERIES, "i"), f"names row {ROWS}, but the base has {ROWS}"),
        )
        for name, content, said in cases:
            with self.subTest(said):
                whole = (self.data / name).read_bytes()
                self.write(name, content)
                self.refused(said)
                self.write(name, whole)

    def test_what_is_missing_is_named(self):
        (self.data / "base.fvecs").unlink()
        self.refused("has no base.fvecs, .u8bin or .fbin")
        self.refused('no benchmark is called "speed"', "speed")


if __name__ == "__main__":
    unittest.main()
