"""What the benchmarks of REST share: a server process, and a client of it."""
import contextlib
import http.client
import json
import subprocess
import tempfile


class Address(tuple):
    """Host and port; and the server's process."""
    pid = None


class Client:
    """One connection, kept; the answers' bodies."""

    def __init__(self, address):
        self.connection = http.client.HTTPConnection(*address)

    def __call__(self, method, path, body=None):
        self.connection.request(method, path, body, {"content-type": "application/json"})
        response = self.connection.getresponse()
        answer = response.read()
        assert response.status == 200, answer
        return json.loads(answer)


@contextlib.contextmanager
def serving(omendb, directory=None):
    """A server of the database in this directory, or of one of its own that is gone afterwards: its address."""
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen([omendb, "serve", "--db", directory or f"{folder}/db", "--listen", "127.0.0.1:0",
                                   "--log-level", "warn"], stdout=subprocess.PIPE, text=True)
        try:
            host, port = server.stdout.readline().split("http://")[1].split()[0].split(":")
            address = Address((host, int(port)))
            address.pid = server.pid
            yield address
        finally:
            server.terminate()
            server.wait()
