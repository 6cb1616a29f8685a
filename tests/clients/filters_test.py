"""Filters mean what they mean to Qdrant's Python client, whose local mode evaluates them without a server.

Random payloads and random filters, with a vocabulary small enough for most conditions to match some points."""
import json
import os
import random
import subprocess
import tempfile
import unittest
import uuid
from pathlib import Path

from qdrant_client import models
from qdrant_client.local import payload_filters

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / os.environ.get("OMENDB_BUILD", "build/release")
OMENDB = BUILD / "src" / "apps" / "omendb"

POINTS = 400
FILTERS = int(os.environ.get("OMENDB_FILTERS", "200"))

WORDS = ["red", "Red", "blue", "quick brown", "brown, quick fox", "straße", "ÉCOLE", "l'école", "", "a_b c-d"]
TIMES = ["2024-01-01", "2024-01-01T00:00:00Z", "2024-06-15 12:30", "2024-06-15T12:30:00.25+02:00", "2023-12-31T23:59:59",
         "2024-06-15T10:30:00.250001Z", "2024-13-01", "soon"]
KEYS = ["a", "b", "c.d", "c.e[]", "e", "e[]", "e[1]", "f[].g", "f[].h[]", '"x y"', "missing", "place"]


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def scalar(self):
        r = self.random
        return r.choice([None, True, False, r.randint(-3, 3), r.randint(-3, 3), r.randint(0, 30) / 10, float(r.randint(0, 2)),
                         r.choice(WORDS), r.choice(WORDS), r.choice(TIMES), 2**63 + 5])

    def value(self, depth=0):
        r = self.random
        kind = r.randint(0, 9)
        if kind < 6 or depth > 2:
            return self.scalar()
        if kind < 9:
            return [self.value(depth + 1) for _ in range(r.randint(0, 3))]
        return {key: self.value(depth + 1) for key in r.sample(["d", "e", "g", "h"], r.randint(0, 3))}

    def place(self):
        return {"lon": round(self.random.uniform(-180, 180), 3), "lat": round(self.random.uniform(-90, 90), 3)}

    def payload(self):
        r = self.random
        fields = {
            "a": self.value, "b": self.value, "e": self.value, "x y": self.value,
            "c": lambda: r.choice([self.value(), {"d": self.value(), "e": self.value()}]),
            "f": lambda: r.choice([self.value(), [{"g": self.value(2), "h": self.value(1)} for _ in range(r.randint(0, 3))]]),
            "place": lambda: r.choice([self.place(), [self.place(), self.place()], {"lon": 1}, "here"]),
        }
        return {key: fields[key]() for key in r.sample(sorted(fields), r.randint(0, len(fields)))}

    def bounds(self, make):
        return {name: make() for name in self.random.sample(["gt", "gte", "lt", "lte"], self.random.randint(0, 2))}

    def text(self):
        return self.random.choice(WORDS + ["quick", "fox quick", "brown quick", "école", "ecole", "b", "d c"])

    def match(self):
        r = self.random
        values = r.choice([[r.choice(WORDS + TIMES) for _ in range(r.randint(0, 3))],
                           [r.randint(-3, 3) for _ in range(r.randint(1, 3))]])
        return r.choice([
            {"value": r.choice([True, False, r.randint(-3, 3), r.randint(-3, 3), r.choice(WORDS)])},
            {"any": values}, {"except": values}, {"text": self.text()}, {"text_any": self.text()},
            {"phrase": self.text()}, {"prefix": self.text()[:2]}, {"substring": self.text()[1:3]},
        ])

    def ring(self):
        lon, lat = self.random.uniform(-170, 100), self.random.uniform(-80, 20)
        corners = [(0, 0), (70, 5), (60, 60), (5, 50), (0, 0)]
        return {"points": [{"lon": lon + x, "lat": lat + y} for x, y in corners]}

    def area(self):
        r = self.random
        west, south = r.uniform(-180, 180), r.uniform(-90, 0)
        east = west + r.uniform(10, 150)
        return r.choice([
            ("geo_radius", {"center": self.place(), "radius": r.uniform(1e6, 1e7)}),
            ("geo_bounding_box", {"top_left": {"lon": west, "lat": south + 80},
                                  "bottom_right": {"lon": east if east <= 180 else east - 360, "lat": south}}),
            ("geo_polygon", {"exterior": self.ring(), "interiors": [self.ring()]}),
        ])

    def field(self):
        r = self.random
        kind = r.randint(0, 9)
        if kind == 9:
            name, area = self.area()
            return {"key": r.choice(["place", "place", "place[]", "a"]), name: area}
        test = [
            lambda: {"match": self.match()},
            lambda: {"range": self.bounds(lambda: r.choice([r.randint(-3, 3), r.randint(0, 30) / 10]))},
            lambda: {"range": self.bounds(lambda: r.choice(TIMES[:6])) or {"gt": TIMES[0]}},
            lambda: {"values_count": self.bounds(lambda: r.randint(0, 3))},
            lambda: {"is_empty": r.choice([True, False])},
            lambda: {"is_null": r.choice([True, False])},
        ][max(0, kind - 3)]()
        return {"key": r.choice(KEYS), **test}

    def condition(self, ids, depth):
        r = self.random
        kind = r.randint(0, 19)
        if kind == 0:
            return {"has_id": r.sample(ids, r.randint(0, 20))}
        if kind == 1:
            total = r.randint(1, 4)
            return {"slice": {"total": total, "index": r.randrange(total)}}
        if kind == 2:
            return {"has_vector": r.choice(["", "other"])}
        if kind == 3:
            return {r.choice(["is_empty", "is_null"]): {"key": r.choice(KEYS)}}
        if kind in (4, 5) and depth < 3:
            inner = {"must": [{"key": r.choice(["g", "h", "h[]"]), "match": self.match()} for _ in range(r.randint(1, 2))]}
            return {"nested": {"key": r.choice(["f", "f[]", "e", "c"]), "filter": inner}}
        if kind in (6, 7, 8) and depth < 3:
            return self.filter(ids, depth + 1)
        return self.field()

    def filter(self, ids, depth=0):
        r = self.random
        clauses = {}
        for name in r.sample(["must", "should", "must_not", "min_should"], r.choice([1, 1, 1, 2, 3])):
            conditions = [self.condition(ids, depth) for _ in range(r.choice([1, 1, 2, 3]))]
            if name == "min_should":
                clauses[name] = {"conditions": conditions, "min_count": r.randint(1, 2)}
            else:
                clauses[name] = r.choice([conditions, conditions, conditions[0]])
        return clauses


def client_ids(points, filter_json):
    """The ids that match, as the client says."""
    wanted = models.Filter.model_validate_json(json.dumps(filter_json))
    return {key for key, payload in points.items() if payload_filters.check_filter(wanted, payload, key, {"": True})}


class Filters(unittest.TestCase):
    def test_every_filter_matches_the_same_points(self):
        seed = int(os.environ.get("OMENDB_SEED", random.SystemRandom().randrange(2**32)))
        print(f"seed {seed}")
        generator = Generator(seed)
        points = {}
        for number in range(POINTS):
            key = number if number % 3 else str(uuid.UUID(int=generator.random.getrandbits(128)))
            points[key] = generator.payload()
        ids = list(points)
        matched = 0
        with tempfile.TemporaryDirectory() as directory:
            lines = Path(directory) / "points.jsonl"
            lines.write_text("".join(
                json.dumps({"id": key, "vector": [1.0, 2.0], "payload": payload}) + "\n" for key, payload in points.items()))
            db = str(Path(directory) / "db")
            subprocess.run([OMENDB, "import", lines, "--db", db], check=True, stdout=subprocess.DEVNULL)
            for number in range(FILTERS):
                wanted = generator.filter(ids)
                with self.subTest(number=number, filter=json.dumps(wanted)):
                    exported = subprocess.run(
                        [OMENDB, "export", "--db", db, "--out", "-", "--filter", json.dumps(wanted)],
                        check=True, stdout=subprocess.PIPE, text=True).stdout
                    ours = {json.loads(line)["id"] for line in exported.splitlines()}
                    theirs = client_ids(points, wanted)
                    matched += 0 < len(theirs) < POINTS
                    self.assertEqual(
                        ours, theirs, [(key, json.dumps(points[key])) for key in sorted(ours ^ theirs, key=str)[:3]])
        self.assertGreater(matched, FILTERS // 3, "most filters match all points or none")


if __name__ == "__main__":
    unittest.main()
