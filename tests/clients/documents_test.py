"""The programs on the pages for users run as they are written, and print what the pages say.

The blocks of a page run from its top to its bottom, in one folder: ```bash by a shell, ```python in one interpreter, ```javascript by
Node.js, ```ini as a systemd unit. A ```text is what the block before it prints; `...` in it stands for anything. Nothing is fetched: what
pip and npm are told to install must be there. OpenAI is one of our own, so that mem0 has something to ask."""
import configparser
import contextlib
import http.server
import io
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import threading
import unittest
import unittest.mock
import zlib
from pathlib import Path

from server import OMENDB, ROOT, Server

DOCS = ROOT / "docs"
MODULES = ROOT / "build" / "clients" / "javascript" / "node_modules"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SYSTEMCTL = re.compile(r"^sudo systemctl (\w+) omendb\n", re.MULTILINE)
TIMEOUT_S = 60

# Programs that would change the machine: stand-ins on the PATH.
COMMANDS = {
    "omendb": f'#!/bin/sh\nexec "{OMENDB}" "$@"\n',
    "sudo": '#!/bin/sh\nexec "$@"\n',
    "npm": """#!/bin/sh
shift
for package; do [ -d "node_modules/$package" ] || { echo "no $package"; exit 1; }; done
""",
    "pip": f"""#!{sys.executable}
import importlib.metadata, sys
for package in sys.argv[2:]: importlib.metadata.version(package)
""",
}


class OpenAI(http.server.BaseHTTPRequestHandler):
    """Texts that share words have embeddings near each other."""

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        texts = request["input"] if isinstance(request["input"], list) else [request["input"]]
        body = json.dumps({
            "object": "list", "model": request["model"], "usage": {"prompt_tokens": 1, "total_tokens": 1},
            "data": [{"object": "embedding", "index": place, "embedding": self.embedding(text)}
                     for place, text in enumerate(texts)]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def embedding(self, text):
        vector = [0.0] * 1536
        for word in re.findall(r"\w+", text.lower()):
            vector[zlib.crc32(word.encode()) % len(vector)] += 1
        return vector

    def log_message(self, *_):
        pass


class Page:
    """Runs a page. Its servers listen on ports of their own in place of the ones it names."""

    def __init__(self, path, folder):
        self.blocks = BLOCK.findall(path.read_text())
        self.folder = folder
        self.servers = {}  # by the port that the page says
        self.python = {"__name__": "__main__"}
        commands = folder / "commands"
        commands.mkdir()
        for name, text in COMMANDS.items():
            (commands / name).write_text(text)
            (commands / name).chmod(0o755)
        (folder / "node_modules").symlink_to(MODULES)
        self.environment = {**os.environ, "PATH": f"{commands}:{os.environ['PATH']}"}

    def run(self):
        """(block, what it printed, what the page says it prints) of each that has a word on it."""
        printed = block = None
        for kind, text in self.blocks:
            if kind == "text":
                yield block, printed, text
            else:
                block, printed = text, getattr(self, f"run_{kind}")(text)

    # --- Servers. ---

    def serve(self, command):
        """Starts what a page says: `omendb serve --db my.db --listen 0.0.0.0:6333 ...`."""
        arguments = shlex.split(self.placed(command).replace("\\\n", " "))[2:]
        options = dict(zip(arguments[::2], arguments[1::2]))
        host, port = options.pop("--listen", "127.0.0.1:6333").split(":")
        db = options.pop("--db")
        rest = [word for option in options.items() for word in option]
        with contextlib.chdir(self.folder):
            self.start(port, Server(self.folder / db, *rest, listen=f"{host}:0"))

    def start(self, port, server):
        self.servers[port] = server.__enter__()

    def stop(self, port="6333"):
        self.servers[port].__exit__()
        return self.servers.pop(port)

    def stop_all(self):
        for port in list(self.servers):
            self.stop(port)

    def systemctl(self, verb):
        """start, stop, restart: of the server that listens on 6333."""
        if verb in ("stop", "restart"):
            self.stopped = self.stop()
        if verb in ("start", "restart"):
            self.start("6333", self.stopped)

    def placed(self, text):
        """With paths inside the folder, and ports that servers have got; one that the page takes as there is started."""
        text = text.replace("/var/lib/", f"{self.folder}/")
        for port in set(re.findall(r"localhost:(\d+)", text)):
            if port not in self.servers:
                self.start(port, Server())
            text = text.replace(f"localhost:{port}", f"localhost:{self.servers[port].url.rsplit(':', 1)[1]}")
        return text

    # --- Blocks. ---

    def run_bash(self, text):
        if text.startswith("omendb serve"):
            return self.serve(text)
        before, *rest = SYSTEMCTL.split(text)
        printed = self.shell(before)
        for verb, commands in zip(rest[::2], rest[1::2]):
            self.systemctl(verb)
            printed += self.shell(commands)
        return printed

    def shell(self, commands):
        return self.execute(["bash", "-euo", "pipefail", "-c", self.placed(commands)]) if commands.strip() else ""

    def run_javascript(self, text):
        script = self.folder / "page.mjs"
        script.write_text(self.placed(text))
        return self.execute([MODULES / ".bin" / "node", "--no-warnings", script])

    def execute(self, command):
        done = subprocess.run(command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT_S)
        if done.returncode != 0:
            raise AssertionError(f"status {done.returncode} of {command}:\n{done.stdout}")
        return done.stdout

    def run_python(self, text):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.chdir(self.folder):
            exec(compile(self.placed(text), "page", "exec"), self.python)
        return printed.getvalue()

    def run_ini(self, text):
        """The unit's command."""
        unit = configparser.ConfigParser(strict=False)
        unit.optionxform = str
        unit.read_string(text)
        program, command = unit["Service"]["ExecStart"].split(" ", 1)
        if program != "/usr/local/bin/omendb":
            raise AssertionError(f"{program} is not where the page says that it is installed")
        self.serve(f"omendb {command}")


def says(page, printed):
    """Whether it was printed, where `...` is anything."""
    return re.fullmatch(".*?".join(re.escape(part) for part in page.rstrip().split("...")), printed.rstrip(), re.DOTALL)


class Documents(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="omendb-documents-")))
        self.servers = self.enterContext(contextlib.ExitStack())  # they end before their folder does

    def run_page(self, name):
        page = Page(DOCS / name, self.folder)
        self.servers.callback(page.stop_all)
        for block, printed, said in page.run():
            self.assertTrue(says(said, printed), f"{name}:\n{block}\nprinted\n{printed}\nin place of\n{said}")

    def test_quickstart(self):
        self.run_page("quickstart.md")

    def test_operations(self):
        self.run_page("operations.md")

    def test_langchain(self):
        self.run_page("frameworks/langchain.md")

    def test_langchain_js(self):
        self.run_page("frameworks/langchain-js.md")

    def test_llama_index(self):
        self.run_page("frameworks/llama-index.md")

    def test_haystack(self):
        os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
        self.run_page("frameworks/haystack.md")

    def test_mem0(self):
        openai = http.server.ThreadingHTTPServer(("127.0.0.1", 0), OpenAI)
        self.addCleanup(openai.server_close)
        self.addCleanup(openai.shutdown)
        threading.Thread(target=openai.serve_forever, daemon=True).start()
        home = {"MEM0_DIR": os.environ.get("MEM0_DIR", str(self.folder)), "MEM0_TELEMETRY": "False"}
        with unittest.mock.patch.dict(os.environ, {
                **home, "OPENAI_API_KEY": "none", "OPENAI_BASE_URL": f"http://127.0.0.1:{openai.server_port}/v1"}):
            self.run_page("frameworks/mem0.md")

    def test_every_metric_is_explained(self):
        with Server() as server:
            measured = set(re.findall(r"^# TYPE (\w+)", server.metrics(), re.MULTILINE)) | {"rest_responses_fail_total"}
        page = (DOCS / "operations.md").read_text()
        rows = re.findall(r"^\| (`.*?`) \|", page[page.index("## What to watch"):page.index("## Upgrade")], re.MULTILINE)
        self.assertEqual(set(re.findall(r"`(\w+)`", " ".join(rows))), measured)

    def test_every_page_for_users_is_run(self):
        pages = {"quickstart.md", "operations.md", *(f"frameworks/{page.name}" for page in (DOCS / "frameworks").glob("*.md"))}
        self.assertEqual(set(re.findall(r'run_page\("(.+)"\)', Path(__file__).read_text())), pages)
        for page in pages:
            text = (DOCS / page).read_text()
            self.assertEqual(len(re.findall(r"^\s*```", text, re.MULTILINE)), 2 * len(BLOCK.findall(text)), f"a block of {page} is not run")


if __name__ == "__main__":
    unittest.main()
