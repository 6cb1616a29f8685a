"""Writes docs/compatibility.md from what tests called and from what a server answers:

    compatibility.py CALLS [--check]

CALLS is the file that the tests wrote while OMENDB_CALLS named it. With --check nothing is written; a page that differs is an error."""
import json
import re
import sys
import urllib.error
import urllib.request
from collections import Counter, defaultdict
from pathlib import Path

import compatibility_rows as rows
from server import ROOT, Server

HERE = Path(__file__).resolve().parent
PAGE = ROOT / "docs" / "compatibility.md"

# They call what chance tells them, so they are named for nothing.
BY_CHANCE = {"local_mode_test", "model_test"}
TESTS_NAMED = 2

INTRODUCTION = """# Compatibility with Qdrant

What programs for Qdrant find here. `tests/clients/compatibility.py` writes this page: operations come from the server's own table and from
what the tests called, every other row from a request that a server has just answered. "Works" is shown by the test beside it, in
`tests/clients/`; "differs" works and says how it is not the same; "refused" has the status. Where no test is named, this page is the test:
it is compared with a server in every `./dev test`. [rest.md](rest.md) has the differences in words.
"""
CLIENTS = [
    ("qdrant-client", "Python client", "qdrant_client_*_test.py, local_mode_test.py"),
    ("langchain-qdrant", "LangChain", "langchain_test.py"),
    ("llama-index-vector-stores-qdrant", "LlamaIndex", "llama_index_test.py"),
    ("qdrant-haystack", "Haystack", "haystack_test.py"),
    ("mem0ai", "mem0", "mem0_test.py"),
    ("@qdrant/js-client-rest", "JavaScript client", "javascript_test.py, qdrant_client.mjs"),
    ("@langchain/qdrant", "LangChain for JavaScript", "javascript_test.py, langchain.mjs"),
]

# --- Sources. ---


def routes():
    """(method, path) of every operation."""
    table = (ROOT / "src" / "server" / "routes.cc").read_text()
    return [(method.upper(), path) for method, path in re.findall(r'\{(\w+), "([^"]+)", \w+, \w+\}', table)]


def versions():
    """Of pinned packages, by name."""
    found = defaultdict(set)
    for file in HERE.glob("requirements*.txt"):
        for name, version in re.findall(r"^([\w-]+)==(\S+)$", file.read_text(), re.MULTILINE):
            found[name].add(version)
    for path, package in json.loads((HERE / "package-lock.json").read_text())["packages"].items():
        found[package.get("name", path.removeprefix("node_modules/"))].add(package.get("version"))
    return found


def read_calls(file):
    """Tests by operation and by whether it worked, those first that call little else."""
    lines = [line.split() for line in Path(file).read_text().splitlines()]
    # Qdrant's Python client asks for the version in a thread of its own, in this test or the next.
    lines = [line for line in lines if line[1:3] != ["GET", "/"] or line[0].startswith("rest_test.")]
    called = Counter(test for test, *_ in {tuple(line) for line in lines})
    tests = defaultdict(set)
    for test, method, path, how in lines:
        module, _, name = test.split(".")
        if module not in BY_CHANCE:
            tests[method, path, how].add((called[test], f"{module}.{name}"))
    return {call: [name for _, name in sorted(found)][:TESTS_NAMED] for call, found in tests.items()}


class Asked:
    """A server with a few points, for requests one after the other."""

    def __init__(self, server):
        self.url = server.url
        for method, path, body in [("PUT", "/collections/c", rows.COLLECTION),
                                   ("PUT", "/collections/c/points?wait=true", {"points": rows.POINTS}),
                                   *(("PUT", "/collections/c/index?wait=true", {"field_name": key, "field_schema": kind})
                                     for key, kind in rows.INDEXES)]:
            assert self.status(method, path, body) == 200, path

    def status(self, method, path, body=None):
        request = urllib.request.Request(self.url + path.replace("{}", "c"), json.dumps(body or {}).encode(),
                                         {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def status_of(self, row):
        _, method, path, body, *_ = row
        status = self.status(method, path, body)
        if path == "/collections/new":
            self.status("DELETE", path)
        return status


# --- The page. ---


def table(head, lines):
    return "\n".join(["| " + " | ".join(head) + " |", "|---" * len(head) + "|", *("| " + " | ".join(line) + " |" for line in lines)])


def outcome(status, note):
    if status != 200:
        return f"refused ({status})"
    return f"differs: {note}" if note else "works"


def shown(tests):
    """All but the page's own."""
    return ", ".join(f"`{test}`" for test in tests if test != rows.PAGE)


def clients():
    pinned = versions()
    return table(["", "package", "versions", "tests"],
                 [(what, f"`{name}`", ", ".join(sorted(pinned[name])), tests) for name, what, tests in CLIENTS])


def operations(asked, tests):
    lines = []
    for call in routes():
        works = tests.get((*call, "works"))
        refused = tests.get((*call, "refused"), [])
        here = outcome(200 if works else asked.status(*call), rows.DIFFERENT.get(call))
        lines.append((name_of(call), here, shown(works or refused)))
    lines += [(name_of(call), outcome(asked.status(*call), ""), "") for call in rows.ABSENT]
    return table(["operation", "here", "shown by"], lines)


def name_of(call):
    return f"{call[0]} `{call[1]}`"


def features(asked, section):
    return table(["", "here", "shown by"], [(row[0], outcome(asked.status_of(row), row[5]), shown([row[4]])) for row in section])


def page(asked, tests):
    parts = [INTRODUCTION, "## Clients and frameworks\n", clients(), "\n## Operations\n", operations(asked, tests)]
    for title, section in rows.SECTIONS:
        parts += [f"\n## {title}\n", features(asked, section)]
    return "\n".join(parts) + "\n"


def main(calls, *options):
    with Server() as server:
        text = page(Asked(server), read_calls(calls))
    if "--check" not in options:
        PAGE.write_text(text)
    elif PAGE.read_text() != text:
        sys.exit(f"{PAGE.relative_to(ROOT)} is out of date: run {' '.join(sys.argv[:2])}")


if __name__ == "__main__":
    main(*sys.argv[1:])
