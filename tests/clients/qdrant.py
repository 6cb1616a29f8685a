"""What the tests with Qdrant's own Python client share."""
import time

from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse
from server import ServerTest

INDEXED_WITHIN_S = 30


class QdrantTest(ServerTest):
    def setUp(self):
        self.client = QdrantClient(url=self.server.url)
        self.addCleanup(self.client.close)

    def refusal(self, status, call, *arguments, **options):
        """The text of the error that a call must end with."""
        with self.assertRaises(UnexpectedResponse) as raised:
            call(*arguments, **options)
        error = raised.exception
        self.assertEqual(error.status_code, status, error.content)
        return error.structured()["status"]["error"]

    def wait_until_green(self, name):
        deadline = time.monotonic() + INDEXED_WITHIN_S
        while (info := self.client.get_collection(name)).status != models.CollectionStatus.GREEN:
            self.assertLess(time.monotonic(), deadline,
                            f"still {info.status} with {info.indexed_vectors_count} indexed")
            time.sleep(0.05)
        return info

    def ids(self, points):
        return [point.id for point in points]

    def payloads(self, name):
        """Payload by id, of every point."""
        points, _ = self.client.scroll(name, limit=10_000)
        return {point.id: point.payload for point in points}
