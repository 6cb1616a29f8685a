"""`omendb serve` as a process of its own, for tests that talk to it through clients that others wrote.

OMENDB_BUILD names the build directory. OMENDB_CALLS names a file that takes down which operations each test called, for
compatibility.py."""
import os
import re
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.request
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / os.environ.get("OMENDB_BUILD", "build/release")
OMENDB = BUILD / "src" / "apps" / "omendb"
CALLS = os.environ.get("OMENDB_CALLS")

START_S = 20
STOP_S = 30
COUNTED = re.compile(r'^rest_responses_(fail_)?total\{method="(\w+)",endpoint="([^"]+)".*\} (\d+)$', re.MULTILINE)
ALARMING = re.compile(r"error|assert|abort|corrupt|sanitizer|panic|fatal|leak", re.IGNORECASE)
COLLECTION = re.compile(r" collection=\S+")  # may be called anything


class Server:
    """Serves `db`, or a folder of its own, on a free port; `url` is where. Stopping it is a check as well."""

    def __init__(self, db=None, *arguments, listen="127.0.0.1:0"):
        self.db = db
        self.arguments = ["--listen", listen, *arguments]

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="omendb-clients-")
        self.log = Path(self.folder.name) / "log"
        db = self.db or Path(self.folder.name) / "db"
        command = [OMENDB, "serve", "--db", db, *self.arguments]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        try:
            self.url = self._wait_for_url()
        except BaseException:
            self.process.kill()
            self.process.wait()
            self.folder.cleanup()
            raise
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = f"{self.process.wait()} after {STOP_S} s"
        log = self.log.read_text(errors="replace")
        self.folder.cleanup()
        if status != 0:
            raise AssertionError(f"the server ended with {status}; it wrote:\n{log}")
        alarms = [line for line in log.splitlines() if ALARMING.search(COLLECTION.sub("", line))]
        if alarms:
            raise AssertionError("the server wrote:\n" + "\n".join(alarms))

    def kill(self):
        """In place of leaving it: without a warning."""
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()

    def calls(self):
        """How often each operation was called: by method, path, and whether it worked or was refused."""
        return Counter({(method, path, "refused" if failed else "works"): int(count)
                        for failed, method, path, count in COUNTED.findall(self.metrics())})

    def metrics(self):
        with urllib.request.urlopen(self.url + "/metrics") as answer:
            return answer.read().decode()

    def _wait_for_url(self):
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            ended = self.process.poll() is not None
            log = self.log.read_text(errors="replace")
            found = re.search(r"https?://[\d.]+:[1-9]\d*\b(?=.*\n)", log)
            if found:
                return found[0]
            if ended:
                raise AssertionError(f"the server ended with {self.process.returncode} before it listened:\n{log}")
            time.sleep(0.01)
        raise AssertionError(f"the server did not listen within {START_S} s:\n{log}")


class ServerTest(unittest.TestCase):
    """Tests that share one server; each has a collection name to itself."""

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server())

    def run(self, result=None):
        if not CALLS:
            return super().run(result)
        before = self.server.calls()
        result = super().run(result)
        called = self.server.calls() - before - Counter([("GET", "/metrics", "works")])
        with open(CALLS, "a") as file:
            file.writelines(f"{self.id()} {' '.join(call)}\n" for call in sorted(called))
        return result

    @property
    def name(self):
        return self.id().split(".")[-1]
