"""Payloads and filters of many widths for filter_bench: filters.py DIR OUT reads DIR/base.fvecs.

OUT/payload.jsonl has a line a row: "n" is a number that has nothing to do with the vector, "x" the rank of the row along a
random direction, so that a filter on it keeps one side of the cloud. OUT/filters.tsv has a name and a filter a line."""
import sys
from pathlib import Path

import numpy as np

SHARES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.5, 0.9)


def main(data, out):
    raw = np.fromfile(data / "base.fvecs", dtype=np.float32)
    dimensions = int(raw[:1].view(np.int32)[0])
    vectors = raw.reshape(-1, dimensions + 1)[:, 1:]
    random = np.random.default_rng(1)
    rows = len(vectors)
    numbers = random.permutation(rows)
    ranks = np.empty(rows, dtype=np.int64)
    ranks[np.argsort(vectors @ random.standard_normal(dimensions).astype(np.float32))] = np.arange(rows)
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "payload.jsonl", "w") as file:
        for number, rank in zip(numbers, ranks):
            file.write(f'{{"n":{number},"x":{rank}}}\n')
    with open(out / "filters.tsv", "w") as file:
        for share in SHARES:
            kept = int(share * rows)
            for name, key, test in [("unrelated", "n", f'{{"lt":{kept}}}'), ("low x", "x", f'{{"lt":{kept}}}'),
                                    ("high x", "x", f'{{"gte":{rows - kept}}}')]:
                file.write(f'{name} {share:g}\t{{"must":{{"key":"{key}","range":{test}}}}}\n')


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
