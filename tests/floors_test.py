"""The house stands: an include stays in its folder or points to a lower floor (ARCHITECTURE.md), and nobody but os
makes threads or system calls."""
import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"

FLOORS = {
    "base": 0,
    "os": 1, "simd": 1,
    "storage": 2,
    "payload": 3, "search": 3,
    "graph": 4,
    "db": 5,
    "server": 6,
    "apps": 7,
}
# These know the engine by its public API alone, like every user.
MAY_USE = {"server": {"base", "os"}, "apps": {"server", "base", "os"}}

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
SYSTEM_HEADERS = re.compile(
    r"^\s*#\s*include\s+<(?:sys/(?!auxv)[^>]+|unistd\.h|fcntl\.h|pthread\.h|sched\.h|linux/[^>]+)>", re.MULTILINE)
THREADS = re.compile(r"\bstd::j?thread\b(?!::hardware_concurrency|::id)")


def sources():
    return sorted(p for p in SOURCE.rglob("*") if p.suffix in {".h", ".cc"})


def floor_of(path):
    return path.relative_to(SOURCE).parts[0]


class Floors(unittest.TestCase):
    def test_every_folder_has_a_floor(self):
        folders = {p.name for p in SOURCE.iterdir() if p.is_dir()}
        self.assertEqual(folders, set(FLOORS))

    def test_no_include_points_up_or_across(self):
        wrong = []
        for path in sources():
            here = floor_of(path)
            for target in INCLUDE.findall(path.read_text()):
                there = target.split("/")[0]
                if there == "omendb" or there == here:
                    continue
                if there not in FLOORS:
                    wrong.append(f"{path.relative_to(ROOT)} includes {target}: not a full path from src/")
                elif there not in MAY_USE.get(here, FLOORS):
                    wrong.append(f"{path.relative_to(ROOT)} includes {target}: {here} uses the public API")
                elif FLOORS[there] >= FLOORS[here]:
                    wrong.append(f"{path.relative_to(ROOT)} includes {target}: not a lower floor")
        self.assertEqual(wrong, [])

    def test_the_public_api_needs_nothing_from_src(self):
        for header in (ROOT / "include").rglob("*.h"):
            for target in INCLUDE.findall(header.read_text()):
                self.assertTrue(target.startswith("omendb/"), f"{header} includes {target}")

    def test_only_os_makes_system_calls(self):
        wrong = [str(p.relative_to(ROOT)) for p in sources()
                 if floor_of(p) not in {"os", "apps"} and not p.stem.endswith("_test")
                 and SYSTEM_HEADERS.search(p.read_text())]
        self.assertEqual(wrong, [])

    def test_only_the_executor_constructs_threads(self):
        wrong = [str(p.relative_to(ROOT)) for p in sources()
                 if p.name != "executor.cc" and not p.stem.endswith("_test") and THREADS.search(p.read_text())]
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
