"""The settings of `omendb serve` as its operator meets them: a file, the environment, flags, and what `omendb config` says."""
import json
import os
import re
import signal
import ssl
import subprocess
import tempfile
import unittest
from pathlib import Path

from serve_test import OMENDB, WAIT_S, Server


class Settings(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="omendb-config-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.file = self.folder / "omendb.toml"

    def write(self, text):
        self.file.write_text(text)
        self.file.chmod(0o600)

    def run_omendb(self, *arguments, **environment):
        return subprocess.run([OMENDB, *arguments], capture_output=True, text=True, timeout=WAIT_S, env={**os.environ, **environment})

    def table(self, *arguments, **environment):
        """What `omendb config` says: key to (value, source)."""
        done = self.run_omendb("config", *arguments, **environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = [[cell.strip() for cell in line.split("  ") if cell] for line in done.stdout.splitlines()]
        return {key: (value, source) for key, value, source in rows}

    def test_a_file_says_all_that_serve_needs(self):
        self.write(f"""[service]
http_port = 0
api_key = "secret"
max_request_size_mb = 1
[storage]
storage_path = "{self.folder}/db"
""")
        with Server(None, "--config", self.file, listen=None) as server:
            self.assertEqual(server.ask("GET", "/collections")[0], 401)
            self.assertEqual(server.ask("GET", "/collections", api_key="secret")[0], 200)
            self.assertEqual(server.ask("PUT", "/collections/a", {"long": "x" * (1 << 20)}, api_key="secret")[0], 413)
        self.assertTrue((self.folder / "db").is_dir())

    def test_requests_hold_no_more_memory_than_allowed(self):
        body = {"points": [{"id": 1, "vector": [1, 2], "payload": {"text": "x" * (2 << 20)}}]}
        with Server(self.folder / "db", environment={"OMENDB__SERVICE__MEMORY_LIMIT_MB": "1"}) as server:
            server.result("PUT", "/collections/a", {"vectors": {"size": 2, "distance": "Dot"}})
            self.assertEqual(server.ask("PUT", "/collections/a/points", body)[0], 429)
        with Server(self.folder / "db") as server:
            self.assertEqual(server.ask("PUT", "/collections/a/points", body)[0], 200)

    def test_a_compose_file_for_qdrant_works(self):
        environment = {"QDRANT__STORAGE__STORAGE_PATH": f"{self.folder}/db", "QDRANT__SERVICE__HTTP_PORT": "0",
                       "QDRANT__SERVICE__HOST": "0.0.0.0", "QDRANT__SERVICE__API_KEY": "secret",
                       "QDRANT__CLUSTER__ENABLED": "false"}
        with Server(listen=None, environment=environment) as server:
            server.url = server.url.replace("0.0.0.0", "127.0.0.1")
            self.assertEqual(server.ask("GET", "/collections", api_key="secret")[0], 200)
            server.process.terminate()
            said = server.process.stderr.read()
        self.assertEqual(said.count("QDRANT__CLUSTER__ENABLED"), 1)
        self.assertNotIn("secret", said)

    def test_config_says_where_each_value_came_from(self):
        self.write('[service]\nhost = "127.0.0.2"\napi_key = "word"\n')
        table = self.table("--config", self.file, "--db", "/here", OMENDB__SERVICE__HTTP_PORT="7000")
        self.assertEqual(table["service.host"], ("127.0.0.2", f"{self.file}:2"))
        self.assertEqual(table["service.api_key"], ("(set)", f"{self.file}:3"))
        self.assertEqual(table["service.http_port"], ("7000", "environment OMENDB__SERVICE__HTTP_PORT"))
        self.assertEqual(table["storage.storage_path"], ("/here", "flag --db"))
        self.assertEqual(table["service.read_only_api_key"], ("(not set)", "default"))
        self.assertEqual(self.table("--db", "/here", "--listen", "[::1]:5", "--insecure-listen")["service.insecure_listen"],
                         ("true", "flag --insecure-listen"))

    def test_what_is_wrong_stops_serve_and_config_alike(self):
        self.write("[service]\nhttp_prot = 1\n")
        for command in ("serve", "config"):
            with self.subTest(command):
                done = self.run_omendb(command, "--config", self.file)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn("service.http_prot", done.stderr)
                self.assertIn(f"{self.file}:2", done.stderr)
                self.assertIn("OMENDB__SPEED", self.run_omendb(command, OMENDB__SPEED="fast").stderr)

    def test_serve_asks_where_the_database_is(self):
        for command in ("serve", "config"):
            with self.subTest(command):
                done = self.run_omendb(command, "--listen", "127.0.0.1:0")
                self.assertNotEqual(done.returncode, 0)
                self.assertIn("--db", done.stderr)
                self.assertIn("storage.storage_path", done.stderr)

    def test_others_who_may_read_the_keys_are_warned_of(self):
        self.write('[service]\napi_key = "word"\n')
        self.assertEqual(self.run_omendb("config", "--config", self.file, "--db", "/here").stderr, "")
        self.file.chmod(0o640)
        done = self.run_omendb("config", "--config", self.file, "--db", "/here")
        self.assertEqual(done.returncode, 0)
        self.assertIn(f"others may read {self.file}", done.stderr)
        self.assertNotIn("word", done.stdout + done.stderr)

    def test_the_log_is_a_line_for_each_event(self):
        with Server(self.folder / "db", "--log-format", "json", "--log-level", "INFO", "--api-key", "secret") as server:
            server.ask("PUT", "/collections/a", {"vectors": {"size": 2, "distance": "Dot"}}, api_key="secret")
            server.ask("DELETE", "/collections/a", api_key="secret")
            server.process.terminate()
            lines = server.process.stderr.read().splitlines()
        entries = [json.loads(line) for line in lines]
        self.assertEqual([entry["message"] for entry in entries],
                         ["starting", "listening", "collection created", "collection dropped", "stopping", "stopped"])
        self.assertEqual(entries[0]["database"], str(self.folder / "db"))
        self.assertRegex(entries[0]["version"], r"^omendb/\d")
        self.assertEqual(entries[1]["address"], server.url)
        self.assertEqual(entries[2]["collection"], "a")
        self.assertTrue(all(re.match(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", entry["time"]) for entry in entries))
        self.assertNotIn("secret", "".join(lines))

    def make_certificate(self):
        """A new one, of a new key; its text."""
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                        "-subj", "/CN=localhost", "-keyout", self.folder / "key.pem", "-out", self.folder / "cert.pem"],
                       check=True, capture_output=True)
        return (self.folder / "cert.pem").read_text()

    def wait_for_line(self, server, words):
        for line in server.process.stderr:
            if words in line:
                return line
        self.fail(f"the server ended without a word of: {words}")

    def test_certificates_are_reloaded_when_they_change_or_somebody_says_so(self):
        self.make_certificate()
        tls = ("--tls-cert", self.folder / "cert.pem", "--tls-key", self.folder / "key.pem")
        with Server(self.folder / "db", *tls) as server:
            host, port = server.url.removeprefix("https://").split(":")
            second = self.make_certificate()
            server.process.send_signal(signal.SIGHUP)
            self.wait_for_line(server, "info certificate reloaded")
            self.assertEqual(ssl.get_server_certificate((host, int(port))), second)

            (self.folder / "cert.pem").write_text("nonsense")
            self.assertIn("cert.pem", self.wait_for_line(server, "error certificate not reloaded"))
            self.assertEqual(ssl.get_server_certificate((host, int(port))), second)

            third = self.make_certificate()
            self.wait_for_line(server, "info certificate reloaded")
            self.assertEqual(ssl.get_server_certificate((host, int(port))), third)
            self.assertEqual(server.end(), 0)

    def test_without_tls_a_hangup_changes_nothing(self):
        with Server(self.folder / "db") as server:
            server.process.send_signal(signal.SIGHUP)
            self.wait_for_line(server, "there is no certificate to reload")
            self.assertEqual(server.ask("GET", "/healthz")[0], 200)
            self.assertEqual(server.end(), 0)

    def test_slow_requests_are_in_the_log(self):
        points = [{"id": i, "vector": [i % 89] * 256} for i in range(3000)]
        with Server(self.folder / "db", "--slow-query-ms", "1", "--log-format", "json") as server:
            server.result("PUT", "/collections/a", {"vectors": {"size": 256, "distance": "Euclid"}})
            server.result("PUT", "/collections/a/points", {"points": points})
            server.process.terminate()
            entries = [json.loads(line) for line in server.process.stderr.read().splitlines()]
        slow = [entry for entry in entries if entry["message"] == "slow request"]
        self.assertEqual([(entry["level"], entry["route"]) for entry in slow][-1], ("warning", "/collections/{}/points"))
        self.assertGreaterEqual(slow[-1]["milliseconds"], 1)

    def test_at_a_higher_level_the_log_is_silent(self):
        with Server(self.folder / "db", environment={"QDRANT__LOG_LEVEL": "ERROR"}) as server:
            server.process.terminate()
            self.assertEqual(server.process.stderr.read(), "")

    def test_why_nothing_is_served_is_in_the_log(self):
        done = self.run_omendb("serve", "--db", self.folder / "db", "--listen", "0.0.0.0:0", "--log-format", "json")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("set --api-key", json.loads(done.stderr.splitlines()[0])["reason"])


if __name__ == "__main__":
    unittest.main()
