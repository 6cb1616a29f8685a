"""The omendb command from outside: files in, answers and errors out, and what is left after a kill.

OMENDB_BUILD names the build directory, OMENDB_KILLS the number of kills (12), OMENDB_SEED repeats a run.
"""

import json
import math
import os
import pathlib
import random
import signal
import struct
import subprocess
import tempfile
import time
import unittest
import uuid

BUILD = pathlib.Path(os.environ.get("OMENDB_BUILD", "build/release")).resolve()
OMENDB = BUILD / "src" / "apps" / "omendb"
KILLS = int(os.environ.get("OMENDB_KILLS", "12"))
SEED = int(os.environ.get("OMENDB_SEED", str(random.SystemRandom().randrange(1 << 32))))


def run(*arguments):
    return subprocess.run([OMENDB, *map(str, arguments)], capture_output=True, text=True, timeout=300)


def float32(number):
    return struct.unpack("<f", struct.pack("<f", number))[0]


def point_of(line):
    """An exported line, its values as the floats they were printed from: Python would read -0 as the whole number 0."""
    point = json.loads(line, parse_int=lambda digits: -0.0 if digits == "-0" else int(digits))
    point["vector"] = [float32(value) for value in point["vector"]]
    return point


def pack(code, numbers):
    return struct.pack(f"<{len(numbers)}{code}", *numbers)


def flat(rows):
    return [value for row in rows for value in row]


# --- Writers, one for each format. ---------------------------------------------------------------------------------


def vecs(rows, code):
    return b"".join(struct.pack("<I", len(row)) + pack(code, row) for row in rows)


def bin_file(rows, code):
    return struct.pack("<II", len(rows), len(rows[0])) + pack(code, flat(rows))


def npy(rows, descr, code, version=1, order="False", shape=None):
    shape = shape or f"({len(rows)}, {len(rows[0])})"
    header = f"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}".encode()
    header = header.ljust(118 - 2 * (version > 1)) + b"\n"
    length = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + length + header + pack(code, flat(rows))


def jsonl(points):
    return "".join(json.dumps(point) + "\n" for point in points).encode()


def points_of(rows):
    return [{"id": i, "vector": row} for i, row in enumerate(rows)]


def hdf5(datasets, distance):
    """The least an HDF5 file can be: superblock 0, a root group of links, contiguous float32 datasets."""
    undefined = b"\xff" * 8

    def padded(data):
        return data + b"\0" * (-len(data) % 8)

    def header(messages):
        body = b"".join(struct.pack("<HHB3x", kind, len(padded(data)), 0) + padded(data) for kind, data in messages)
        return struct.pack("<BxHII4x", 1, len(messages), 1, len(body)) + body

    float_type = bytes([0x11, 0x20, 0x1F, 0]) + struct.pack("<IHHBBBBI", 4, 0, 32, 23, 8, 0, 23, 127)
    address = 96
    blocks, links = [], []
    for name, rows in datasets.items():
        data = pack("f", flat(rows))
        blocks.append(padded(data))
        space = struct.pack("<BBB5xQQ", 1, 2, 0, len(rows), len(rows[0]))
        layout = struct.pack("<BBQQ", 3, 1, address, len(data))
        block = header([(1, space), (3, float_type), (8, layout)])
        links.append((6, struct.pack("<BBB", 1, 0, len(name)) + name.encode()
                      + struct.pack("<Q", address + len(padded(data)))))
        blocks.append(block)
        address += len(padded(data)) + len(block)

    text = distance.encode() + b"\0"
    text_type = bytes([0x13, 0, 0, 0]) + struct.pack("<I", len(text))
    scalar = struct.pack("<BBB5x", 1, 0, 0)
    attribute = struct.pack("<BxHHH", 1, 9, 8, 8) + padded(b"distance\0") + text_type + scalar + text
    root = header([(2, struct.pack("<BB", 0, 0) + undefined * 2), *links, (12, attribute)])
    entry = struct.pack("<QQI4x16x", 0, address, 0)
    superblock = (b"\x89HDF\r\n\x1a\n" + struct.pack("<BBBxBBBxHHI", 0, 0, 0, 0, 8, 8, 4, 16, 0)
                  + struct.pack("<Q", 0) + undefined + struct.pack("<Q", address + len(root)) + undefined + entry)
    return superblock + b"".join(blocks) + root


# --- The tests. ----------------------------------------------------------------------------------------------------


class CommandTest(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(f"{SEED} {self.id()}")
        folder = tempfile.TemporaryDirectory(prefix="omendb-cli-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def ok(self, *arguments):
        done = run(*arguments)
        self.assertEqual(done.returncode, 0, f"seed {SEED}: {arguments}: {done.stderr}")
        return done.stdout

    def refused(self, said, *arguments, code=1):
        done = run(*arguments)
        self.assertEqual(done.returncode, code, f"{arguments}: {done.stdout} {done.stderr}")
        self.assertIn(said, done.stderr)

    def exported(self, database):
        return [point_of(line) for line in self.ok("export", "--db", database, "--out", "-").splitlines()]

    def whole_rows(self, count, dimensions):
        return [[self.random.randrange(256) for _ in range(dimensions)] for _ in range(count)]

    def float_rows(self, count, dimensions):
        return [[float32(self.random.gauss(0, 1)) for _ in range(dimensions)] for _ in range(count)]


class Formats(CommandTest):
    def test_every_format_gives_the_same_export(self):
        rows = self.whole_rows(257, 12)
        files = {
            "a.fvecs": vecs(rows, "f"),
            "a.bvecs": vecs(rows, "B"),
            "a.fbin": bin_file(rows, "f"),
            "a.u8bin": bin_file(rows, "B"),
            "f4.npy": npy(rows, "<f4", "f"),
            "f8.npy": npy(rows, "<f8", "d", version=2),
            "f2.npy": npy(rows, "<f2", "e", version=3),
            "u1.npy": npy(rows, "|u1", "B"),
            "a.hdf5": hdf5({"train": rows, "test": rows[:3]}, "euclidean"),
            "a.jsonl": jsonl(points_of(rows)),
        }
        for name, content in files.items():
            with self.subTest(name):
                database = self.folder / f"{name}.db"
                self.ok("import", self.file(name, content), "--db", database, "--batch", "100")
                self.assertEqual(self.exported(database), points_of(rows))

    def test_half_floats_are_read_as_the_numbers_they_are(self):
        rows = [[0.0, -0.5, 65504.0, 6e-8, 0.333251953125, -2.0]]
        self.ok("import", self.file("a.npy", npy(rows, "<f2", "e")), "--db", self.folder / "db")
        want = [struct.unpack("<e", struct.pack("<e", value))[0] for value in rows[0]]
        self.assertEqual(self.exported(self.folder / "db")[0]["vector"], want)

    def test_an_export_comes_back_as_it_was(self):
        tricky = [7.038531e-26, 1e-45, 1.2345679e18, -0.0, 0.1, 16777216.0, 1.17549435e-38, 1 / 3]
        points = [
            {"id": 0, "vector": tricky},
            {"id": 2**64 - 1, "vector": tricky[::-1], "payload": {"a": [1, None, {"b": "ü \"\\ \n"}], "c": 1e300}},
            {"id": 17, "vector": tricky, "payload": {}},
        ]
        for _ in range(200):
            vector = [struct.unpack("<f", struct.pack("<I", bits))[0]
                      for bits in (self.random.randrange(0x5D800000) for _ in tricky)]
            identity = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
            points.append({"id": identity, "vector": vector, "payload": {"text": identity * 3}})

        first, second = self.folder / "first.jsonl", self.folder / "second.jsonl"
        self.ok("import", self.file("in.jsonl", jsonl(points)), "--db", self.folder / "a")
        self.ok("export", "--db", self.folder / "a", "--out", first)
        self.ok("import", first, "--db", self.folder / "b")
        self.ok("export", "--db", self.folder / "b", "--out", second)
        self.assertEqual(first.read_bytes(), second.read_bytes())

        out = {point["id"]: point for point in map(point_of, first.read_text().splitlines())}
        self.assertEqual(len(out), len(points))
        for point in points:
            self.assertEqual(pack("f", out[point["id"]]["vector"]), pack("f", point["vector"]))
            self.assertEqual(out[point["id"]].get("payload"), point.get("payload"))

    def test_export_is_in_id_order(self):
        ids = [30, 4, 2**63, 100, 5]
        points = [{"id": i, "vector": [1.0]} for i in ids]
        self.ok("import", self.file("a.jsonl", jsonl(points)), "--db", self.folder / "db")
        self.assertEqual([point["id"] for point in self.exported(self.folder / "db")], sorted(ids))

    def test_a_payload_file_gives_each_row_its_line(self):
        rows = self.float_rows(2500, 4)
        payloads = [{"n": i, "word": "w" * (i % 40)} for i in range(len(rows))]
        self.ok("import", self.file("a.fvecs", vecs(rows, "f")), "--db", self.folder / "db",
                "--payload", self.file("p.jsonl", jsonl(payloads)))
        self.assertEqual([point["payload"] for point in self.exported(self.folder / "db")], payloads)

    def test_importing_again_replaces_by_id(self):
        before, after = self.float_rows(300, 4), self.float_rows(200, 4)
        database = self.folder / "db"
        self.ok("import", self.file("a.fvecs", vecs(before, "f")), "--db", database)
        self.ok("import", self.file("b.fvecs", vecs(after, "f")), "--db", database)
        self.assertEqual(self.exported(database), points_of(after + before[200:]))

    def test_datatypes_round_as_they_say(self):
        rows = [[0.1, 0.2, 3.0]]
        self.ok("import", self.file("a.fvecs", vecs(rows, "f")), "--db", self.folder / "db", "--datatype", "float16")
        want = [struct.unpack("<e", struct.pack("<e", value))[0] for value in rows[0]]
        self.assertEqual(self.exported(self.folder / "db")[0]["vector"], want)


class Searching(CommandTest):
    def setUp(self):
        super().setUp()
        self.rows = self.float_rows(1500, 16)
        self.queries = self.float_rows(20, 16)

    def nearest(self, query, metric, k):
        def score(row):
            dot = sum(a * b for a, b in zip(query, row))
            if metric == "dot":
                return -dot
            if metric == "cosine":
                return -dot / math.hypot(*row)
            return math.dist(query, row)

        return sorted(range(len(self.rows)), key=lambda i: score(self.rows[i]))[:k]

    def test_answers_equal_brute_force(self):
        base = self.file("a.fvecs", vecs(self.rows, "f"))
        queries = self.file("q.fvecs", vecs(self.queries, "f"))
        for metric in ["l2", "dot", "cosine"]:
            database, out = self.folder / metric, self.folder / f"{metric}.ivecs"
            self.ok("import", base, "--db", database, "--metric", metric)
            truth = [self.nearest(query, metric, 10) for query in self.queries]
            with self.subTest(metric=metric, how="exact, into a file"):
                self.ok("search", "--db", database, "--queries", queries, "--exact", "--out", out)
                self.assertEqual(out.read_bytes(), vecs(truth, "i"), f"seed {SEED}")
            with self.subTest(metric=metric, how="by index, printed"):
                printed = self.ok("search", "--db", database, "--queries", queries, "--ef", "400", "--threads", "2")
                found = [[int(pair.split()[0]) for pair in line.split("\t")] for line in printed.splitlines()]
                hits = sum(len(set(a) & set(b)) for a, b in zip(found, truth))
                self.assertEqual(len(found), len(truth))
                self.assertGreaterEqual(hits, 10 * len(truth) - 2, f"seed {SEED}")
            with self.subTest(metric=metric, how="recall"):
                said = self.ok("search", "--db", database, "--queries", queries, "--exact", "--groundtruth", out,
                               "--explain")
                self.assertIn("recall@10 1.0000", said)
                self.assertIn("rows by scan", said)

    def test_an_hdf5_file_brings_metric_and_queries(self):
        data = self.file("a.hdf5", hdf5({"train": self.rows, "test": self.queries}, "angular"))
        database, out = self.folder / "db", self.folder / "out.ivecs"
        self.ok("import", data, "--db", database)
        self.ok("search", "--db", database, "--queries", data, "--exact", "--out", out, "--k", "3")
        self.assertEqual(out.read_bytes(), vecs([self.nearest(q, "cosine", 3) for q in self.queries], "i"))

    def test_jsonl_queries_need_only_a_vector(self):
        self.ok("import", self.file("a.fvecs", vecs(self.rows, "f")), "--db", self.folder / "db")
        queries = self.file("q.jsonl", jsonl([{"vector": query} for query in self.queries[:2]]))
        printed = self.ok("search", "--db", self.folder / "db", "--queries", queries, "--k", "1", "--exact")
        self.assertEqual([int(line.split()[0]) for line in printed.splitlines()],
                         [self.nearest(query, "l2", 1)[0] for query in self.queries[:2]])

    def test_ids_that_ivecs_cannot_hold_are_refused_in_words(self):
        queries = self.file("q.jsonl", jsonl([{"vector": [1]}]))
        for identity in [2**31, str(uuid.UUID(int=7))]:
            with self.subTest(identity):
                database = self.folder / f"{identity}.db"
                self.ok("import", self.file("a.jsonl", jsonl([{"id": identity, "vector": [1]}])), "--db", database)
                out = self.folder / "out.ivecs"
                self.refused(f"the id {identity} does not fit", "search", "--db", database, "--queries", queries,
                             "--out", out)
                self.assertFalse(out.exists())


class Refusals(CommandTest):
    def test_malformed_files_are_named_with_the_place_and_what_was_found(self):
        good = [[1, 2], [3, 4], [5, 6]]
        line = '{"id": 1, "vector": [1, 2]}\n'
        cases = [
            ("a row of another width", "a.fvecs", vecs([[1, 2], [3, 4], [5, 6, 7]], "f"),
             "row 2: the vector has 3 values, the first has 2"),
            ("a row cut short", "a.fvecs", vecs(good, "f")[:-1], "row 2: the file ends after 11 of the row's 12 bytes"),
            ("an absurd width", "a.fvecs", b"\xff" * 16, "row 0: the vector claims 4294967295 values"),
            ("an empty file", "a.fvecs", b"", "too short to hold a vector"),
            ("fewer rows than claimed", "a.fbin", bin_file(good, "f")[:-4], "claims 3 rows of 8 bytes, but 20 bytes"),
            ("no header", "a.u8bin", b"abc", "shorter than its header"),
            ("not NumPy's", "a.npy", b"hello, this is text", "not a NumPy array file"),
            ("big-endian values", "a.npy", npy(good, ">f4", "f"), "values of type '>f4'"),
            ("column order", "a.npy", npy(good, "<f4", "f", order="True"), "column by column"),
            ("one dimension", "a.npy", npy(good, "<f4", "f", shape="(6,)"), "has shape (6,)"),
            ("three dimensions", "a.npy", npy(good, "<f4", "f", shape="(3, 2, 1)"), "has shape (3, 2, 1)"),
            ("rows beyond 64 bits", "a.npy", npy(good, "<f4", "f", shape="(4611686018427387907, 2)"), "claims 46116"),
            ("not HDF5's", "a.hdf5", b"hello", "cannot be opened as an HDF5 file"),
            ("no train", "a.hdf5", hdf5({"test": good}, "angular"), 'no dataset "train"'),
            ("a distance we lack", "a.hdf5", hdf5({"train": good}, "jaccard"), 'distance is "jaccard"'),
            ("an empty jsonl", "a.jsonl", b"\n\n", "holds no points"),
            ("another width", "a.jsonl", (line * 16 + '{"id": 2, "vector": [1]}\n').encode(),
             "line 17: the vector has 1 values, the first has 2"),
            ("no id", "a.jsonl", (line + '{"vector": [1, 2]}').encode(), 'line 2: the point has no "id"'),
            ("no vector", "a.jsonl", b'{"id": 1}', 'line 1: the point has no "vector"'),
            ("a negative id", "a.jsonl", b'{"id": -1, "vector": [1]}', 'line 1: "id" is -1'),
            ("a word as a number", "a.jsonl", b'{"id": 1, "vector": [1, "x"]}', 'value 1 of the vector: "x" is not'),
            ("beyond float32", "a.jsonl", b'{"id": 1, "vector": [1e39]}', "1e39 is beyond the range of float32"),
            ("an unknown key", "a.jsonl", b'{"id": 1, "vectr": [1]}', 'line 1: unknown key "vectr"'),
            ("cut short", "a.jsonl", (line + '{"id": 2, "vector": [1, ').encode(), "line 2: "),
            ("two objects", "a.jsonl", b'{"id": 1, "vector": [1]} {}', "line 1: something follows"),
            ("a bad payload", "a.jsonl", b'{"id": 1, "vector": [1], "payload": {"a": tru}}', "line 1: not valid JSON"),
            ("an unknown ending", "a.csv", b"1,2", "ends in none of"),
        ]
        for name, file, content, said in cases:
            with self.subTest(name):
                path = self.file(file, content)
                self.refused(said, "import", path, "--db", self.folder / f"db {name}")
                self.refused(str(path), "import", path, "--db", self.folder / f"again {name}")

    def test_rows_before_a_bad_one_stay(self):
        rows = self.float_rows(1234, 4)
        bad = vecs(rows, "f") + vecs([[1, 2, 3]], "f")
        database = self.folder / "db"
        self.refused("1234 rows before it are imported", "import", self.file("a.fvecs", bad), "--db", database)
        self.assertEqual(self.exported(database), points_of(rows))

    def test_payload_lines_and_rows_must_agree(self):
        base = self.file("a.fvecs", vecs([[1, 2], [3, 4]], "f"))
        cases = [
            ("too few", b"{}\n", "ends after line 1, but there are more rows"),
            ("too many", b"{}\n{}\n{}\n", "line 3: there are fewer rows than payloads"),
            ("broken", b"{}\n{a}\n", "line 2: not valid JSON"),
        ]
        for name, content, said in cases:
            with self.subTest(name):
                self.refused(said, "import", base, "--db", self.folder / name.replace(" ", "_"),
                             "--payload", self.file("p.jsonl", content))

    def test_a_file_must_fit_the_collection(self):
        database = self.folder / "db"
        self.ok("import", self.file("a.fvecs", vecs([[1, 2]], "f")), "--db", database)
        wider = self.file("b.fvecs", vecs([[1, 2, 3]], "f"))
        self.refused('the vectors have 3 values, the collection "default" takes 2', "import", wider, "--db", database)
        same = self.folder / "a.fvecs"
        self.refused("has the metric l2, not cosine", "import", same, "--db", database, "--metric", "cosine")
        self.refused("has the datatype float32, not uint8", "import", same, "--db", database, "--datatype", "uint8")
        self.refused("the queries have 3 values", "search", "--db", database, "--queries", wider)

    def test_what_is_not_there_is_not_created(self):
        for command in (["info"], ["verify"], ["top", "--once"], ["export", "--out", "-"]):
            with self.subTest(command):
                self.refused("omendb: ", *command, "--db", self.folder / "nowhere")
                self.assertFalse((self.folder / "nowhere").exists())

    def test_wrong_usage_exits_with_2(self):
        for arguments in ([], ["import"], ["import", "x.fvecs"], ["search", "--db", "x"], ["no-such-command"],
                          ["import", "x.fvecs", "--db", "d", "--metric", "hamming"],
                          ["import", "x.fvecs", "--db", "d", "--batch", "0"],
                          ["search", "--db", "d", "--queries", "q", "--ef", "10", "--exact"]):
            with self.subTest(arguments):
                self.assertEqual(run(*arguments).returncode, 2)
        self.assertEqual(run("--help").returncode, 0)


class Looking(CommandTest):
    def test_info_says_what_is_there(self):
        database = self.folder / "db"
        self.ok("import", self.file("a.fvecs", vecs(self.float_rows(700, 8), "f")), "--db", database,
                "--collection", "things", "--metric", "dot")
        (found,) = json.loads(self.ok("info", "--db", database, "--json"))["collections"]
        self.assertEqual((found["name"], found["points"], found["dimensions"], found["metric"], found["erased"]),
                         ("things", 700, 8, "dot", 0))
        self.assertIn("700 live", self.ok("info", "--db", database))

    def test_verify_finds_a_changed_byte(self):
        database = self.folder / "db"
        rows = self.float_rows(3000, 32)
        self.ok("import", self.file("a.fvecs", vecs(rows, "f")), "--db", database)
        self.assertIn("all as it was written", self.ok("verify", "--db", database))

        pattern = pack("f", rows[1500])
        holders = [path for path in database.rglob("*") if path.is_file() and pattern in path.read_bytes()]
        self.assertTrue(holders)
        for path in holders:
            content = path.read_bytes()
            place = content.index(pattern) + 5
            path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1:])
        done = run("verify", "--db", database)
        self.assertEqual(done.returncode, 1)
        self.assertIn("omendb: damage was found", done.stderr)

    def test_a_second_process_is_told_who_holds_the_database(self):
        database = self.folder / "db"
        base = self.file("a.fvecs", vecs([[1, 2]], "f"))
        self.ok("import", base, "--db", database)
        holder = subprocess.Popen([OMENDB, "top", "--db", database], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        try:
            holder.stdout.readline()  # it is open now
            self.refused(str(holder.pid), "info", "--db", database)
            self.refused(str(holder.pid), "import", base, "--db", database)
            self.refused("publishes nothing to look at", "top", "--once", "--db", database)
        finally:
            holder.kill()
            holder.communicate()
        self.ok("info", "--db", database)

    def test_top_shows_an_import_that_is_running(self):
        database = self.folder / "db"
        base = self.file("a.fvecs", vecs(self.float_rows(20000, 4), "f"))
        importer = subprocess.Popen([OMENDB, "import", base, "--db", database, "--batch", "1", "--durable", "--ack"],
                                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            importer.stdout.readline()
            self.assertIn("default (import)", self.ok("top", "--once", "--db", database))
        finally:
            importer.kill()
            importer.communicate()
        self.assertIn("default (top)", self.ok("top", "--once", "--db", database))


class Kills(CommandTest):
    def test_every_acknowledged_row_survives_a_kill(self):
        print(f"cli_test: {KILLS} kills, OMENDB_SEED={SEED}", flush=True)
        rows = [[float32(self.random.uniform(-1, 1)) for _ in range(24)] for _ in range(12000)]
        base = self.file("a.fvecs", vecs(rows, "f"))
        payloads = self.file("p.jsonl", jsonl([{"row": i, "text": "x" * (i % 97)} for i in range(len(rows))]))

        def command(database, *more):
            return [OMENDB, "import", base, "--db", database, "--payload", payloads, "--batch", "100", "--ack", *more]

        started = time.monotonic()
        acks = subprocess.run(command(self.folder / "whole", "--durable"), capture_output=True, text=True, check=True)
        whole_seconds = time.monotonic() - started
        self.assertEqual([line for line in acks.stdout.splitlines() if line.startswith("acked")],
                         [f"acked {n}" for n in range(100, len(rows) + 1, 100)])
        whole = self.ok("export", "--db", self.folder / "whole", "--out", "-").splitlines()

        for kill in range(KILLS):
            more = self.random.choice([["--durable"], ["--durable", "--no-index"], []])
            moment = self.random.uniform(0, whole_seconds)
            with self.subTest(kill=kill, more=more, moment=round(moment, 4)):
                database = self.folder / f"kill{kill}"
                self.kill_and_check(database, command(database, *more), moment, whole)

    def kill_and_check(self, database, command, moment, whole):
        importer = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        time.sleep(moment)
        importer.send_signal(signal.SIGKILL)
        acks = importer.communicate()[0].splitlines()
        acked = max((int(line.split()[1]) for line in acks if line.startswith("acked ")), default=0)
        if not database.exists() or "default" not in json.dumps(self.collections(database)):
            self.assertEqual(acked, 0)
            return
        found = self.ok("export", "--db", database, "--out", "-").splitlines()
        self.assertGreaterEqual(len(found), acked, f"seed {SEED}")
        self.assertEqual(found, whole[: len(found)], f"seed {SEED}: rows are not as they were sent")
        self.assertEqual(len(found) % 100, 0, f"seed {SEED}: half a batch is there")
        self.ok("verify", "--db", database)

    def collections(self, database):
        done = run("info", "--db", database, "--json")
        return json.loads(done.stdout) if done.returncode == 0 else done.stderr


if __name__ == "__main__":
    unittest.main()
