"""`omendb serve` as those who run it meet it: where it listens, who gets in, how it ends, what it remembers."""
import json
import os
import resource
import signal
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OMENDB = ROOT / os.environ.get("OMENDB_BUILD", "build/release") / "src" / "apps" / "omendb"
WAIT_S = 60


class Server:
    """Without `db` or `listen`, file and environment say where."""

    def __init__(self, db=None, *arguments, listen="127.0.0.1:0", environment=None):
        flags = [*(("--db", db) if db else ()), *(("--listen", listen) if listen else ())]
        self.process = subprocess.Popen([OMENDB, "serve", *flags, *arguments], text=True, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env={**os.environ, **(environment or {})})
        self.url = self.process.stdout.readline().strip().removeprefix("omendb listens on ")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.end()

    def end(self, how=signal.SIGTERM):
        """The exit status."""
        self.process.send_signal(how)
        status = self.process.wait(WAIT_S)
        self.process.stdout.close()
        self.process.stderr.close()
        return status

    def ask(self, method, path, body=None, **headers):
        """Status and body."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data, {k.replace("_", "-"): v for k, v in headers.items()}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=WAIT_S) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def result(self, method, path, body=None):
        status, answer = self.ask(method, path, body)
        if status != 200:
            raise AssertionError(f"{method} {path}: {status} {answer}")
        return json.loads(answer)["result"]


class Serve(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="omendb-serve-")
        self.addCleanup(folder.cleanup)
        self.db = Path(folder.name) / "db"

    def fails(self, *arguments):
        done = subprocess.run([OMENDB, "serve", "--db", self.db, *arguments], capture_output=True, text=True, timeout=WAIT_S)
        self.assertNotEqual(done.returncode, 0)
        return done.stderr

    def test_it_says_where_it_listens_and_ends_when_told(self):
        for how in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(how), Server(self.db) as server:
                self.assertRegex(server.url, r"^http://127\.0\.0\.1:[1-9]\d*$")
                self.assertEqual(server.ask("GET", "/healthz"), (200, "healthz check passed"))
                self.assertEqual(server.end(how), 0)

    def test_what_was_put_is_there_after_a_restart(self):
        with Server(self.db) as server:
            server.result("PUT", "/collections/a", {"vectors": {"size": 2, "distance": "Dot"}, "metadata": {"owner": "me"}})
            server.result("PUT", "/collections/a/points", {"points": [{"id": 1, "vector": [1, 2], "payload": {"n": 1}}]})
            self.assertEqual(server.end(), 0)
        with Server(self.db) as server:
            self.assertEqual(server.result("GET", "/collections/a/points/1"), {"id": 1, "payload": {"n": 1}, "vector": [1.0, 2.0]})
            self.assertEqual(server.result("GET", "/collections/a")["config"]["metadata"], {"owner": "me"})

    def test_a_thousand_collections_are_served_and_no_more(self):
        settings = {"vectors": {"size": 2, "distance": "Dot"}}
        with Server(self.db, "--log-level", "warn") as server:
            for i in range(1000):
                server.result("PUT", f"/collections/{i}", settings)
            for i in (0, 999):
                server.result("PUT", f"/collections/{i}/points?wait=true", {"points": [{"id": i, "vector": [1, 2]}]})
            status, answer = server.ask("PUT", "/collections/1000", settings)
            self.assertEqual((status, json.loads(answer)["status"]["error"]), (400, "Bad request: there are 1000 collections already"))
            self.assertEqual(server.end(), 0)
        with Server(self.db, "--log-level", "warn") as server:
            self.assertEqual(len(server.result("GET", "/collections")["collections"]), 1000)
            found = server.result("POST", "/collections/999/points/query", {"query": [1, 1]})
            self.assertEqual([point["id"] for point in found["points"]], [999])
            server.result("DELETE", "/collections/500")
            server.result("PUT", "/collections/1000", settings)

    def test_a_system_that_allows_few_open_files_is_named_and_loses_nothing(self):
        few = 150
        settings = {"vectors": {"size": 2, "distance": "Dot"}}
        points = [{"points": [{"id": i, "vector": [1, 2]}]} for i in range(2)]
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        with Server(self.db) as server:
            resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (few, before[1]))
            server.result("PUT", "/collections/0", settings)
            server.result("PUT", "/collections/0/points?wait=true", points[0])
            made = 1
            while (answer := server.ask("PUT", f"/collections/{made}", settings))[0] == 200 and made < few:
                made += 1
            self.assertEqual(answer[0], 507)
            self.assertIn("Too many open files", answer[1])
            self.assertGreater(made, 5)
            server.result("PUT", "/collections/0/points?wait=true", points[1])
        with Server(self.db) as server:
            self.assertEqual(len(server.result("GET", "/collections")["collections"]), made)
            self.assertEqual(server.result("POST", "/collections/0/points/count", {})["count"], 2)

    def test_an_indexer_that_was_switched_off_stays_off(self):
        # So many that they are worth a graph.
        points = [{"id": i, "vector": [i % 97, i % 89] * 512} for i in range(6000)]
        with Server(self.db) as server:
            server.result("PUT", "/collections/a", {"vectors": {"size": 1024, "distance": "Euclid"},
                                                      "optimizers_config": {"max_optimization_threads": 0}})
            server.result("PUT", "/collections/a/points?wait=true", {"points": points})
            self.assertEqual(server.result("GET", "/collections/a")["status"], "grey")
        with Server(self.db) as server:
            self.assertEqual(server.result("GET", "/collections/a")["status"], "grey")
            found = server.result("POST", "/collections/a/points/query", {"query": 96, "limit": 1})
            self.assertEqual(len(found["points"]), 1, "what is not indexed is found all the same")
            server.result("PATCH", "/collections/a", {"optimizers_config": {"max_optimization_threads": "auto"}})
            self.assertIn(server.result("GET", "/collections/a")["status"], ("yellow", "green"))

    def test_others_get_in_only_if_somebody_said_so(self):
        self.assertIn("set --api-key", self.fails("--listen", "0.0.0.0:0"))
        with Server(self.db, "--insecure-listen", listen="0.0.0.0:0") as server:
            self.assertEqual(server.end(), 0)
        with Server(self.db, "--api-key", "secret", listen="0.0.0.0:0") as server:
            server.url = server.url.replace("0.0.0.0", "127.0.0.1")
            self.assertEqual(server.ask("GET", "/collections")[0], 401)
            self.assertEqual(server.ask("GET", "/collections", api_key="secret")[0], 200)

    def test_keys_may_come_from_the_environment(self):
        with Server(self.db, environment={"OMENDB_API_KEY": "secret", "OMENDB_READ_ONLY_API_KEY": "reader"}) as server:
            self.assertEqual(server.ask("GET", "/collections", api_key="reader")[0], 200)
            self.assertEqual(server.ask("DELETE", "/collections/a", api_key="reader")[0], 403)
            self.assertEqual(server.ask("DELETE", "/collections/a", api_key="secret")[0], 200)

    def test_an_address_that_is_none_is_refused(self):
        for listen in ("6333", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x", ":6333"):
            self.assertIn("HOST:PORT", self.fails("--listen", listen))

    def test_a_database_is_served_once(self):
        with Server(self.db):
            self.assertIn("omendb:", self.fails("--listen", "127.0.0.1:0"))


if __name__ == "__main__":
    unittest.main()
