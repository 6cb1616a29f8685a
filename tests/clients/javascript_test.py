"""Clients for JavaScript: each script runs with Node.js, beside the packages it needs, against a server of its own."""
import os
import shutil
import subprocess
import unittest
from pathlib import Path

from server import ROOT, ServerTest

HERE = Path(__file__).resolve().parent
INSTALLED = ROOT / "build" / "clients" / "javascript"
TIMEOUT_S = 120


class JavaScript(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for pattern in ("*.mjs", "*.json"):
            for file in HERE.glob(pattern):
                shutil.copy(file, INSTALLED)

    def run_script(self, script, **environment):
        environment = {**os.environ, **environment, "OMENDB_URL": self.server.url}
        done = subprocess.run(
            [INSTALLED / "node_modules" / ".bin" / "node", "--test-reporter=spec", script], cwd=INSTALLED,
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT_S)
        self.assertEqual(done.returncode, 0, f"\n{done.stdout}")

    def test_the_client_before_this_one(self):
        self.run_script("qdrant_client.mjs", QDRANT_CLIENT="qdrant-js-1.18")

    def test_the_client(self):
        self.run_script("qdrant_client.mjs", QDRANT_CLIENT="qdrant-js-1.19")

    def test_langchain(self):
        self.run_script("langchain.mjs")


if __name__ == "__main__":
    unittest.main()
