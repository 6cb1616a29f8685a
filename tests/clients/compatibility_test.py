"""docs/compatibility.md is up to date: with the server's operations, with what it answers, and with the tests that are named."""
import re
import unittest

from compatibility import HERE, PAGE, Asked, page, routes
from server import Server

NAMED = re.compile(r"`(\w+_test)\.(test_\w+)`")


def read_tests(text):
    """What the page says of which test called which operation: as read_calls() has it of a run."""
    rows = re.findall(r"^\| (\w+) `(\S+)` \| (\w+).*? \| (.*) \|$", text, re.MULTILINE)
    return {(method, path, "refused" if how == "refused" else "works"): [".".join(test) for test in NAMED.findall(tests)]
            for method, path, how, tests in rows}


class Compatibility(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.text = PAGE.read_text()

    def test_the_page_says_what_the_server_answers(self):
        with Server() as server:
            self.assertEqual(self.text, page(Asked(server), read_tests(self.text)))

    def test_every_operation_is_called_by_a_test(self):
        tests = read_tests(self.text)
        called = {call[:2] for call, names in tests.items() if names}
        self.assertEqual([route for route in routes() if route not in called], [])

    def test_the_tests_that_are_named_exist(self):
        named = NAMED.findall(self.text)
        self.assertGreater(len(named), len(routes()))
        for module, name in named:
            self.assertIn(f"def {name}(self)", (HERE / f"{module}.py").read_text(), module)


if __name__ == "__main__":
    unittest.main()
