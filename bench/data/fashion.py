#!/usr/bin/env python3
"""fashion: Fashion-MNIST, 60,000 images of 784 pixels and 10,000 queries, l2. Needs numpy and Debian's apt-get."""
import gzip

import numpy as np

from common import Recipe

PACKAGE = "dataset-fashion-mnist"
LABELS = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
PIXELS = 784
IMAGES_HEADER, LABELS_HEADER = 16, 8  # bytes before the values in the IDX format


def read_idx(folder, name, header):
    path = next(folder.rglob(f"{name}-ubyte*"))
    opened = gzip.open(path, "rb") if path.suffix == ".gz" else open(path, "rb")
    with opened as file:
        return np.frombuffer(file.read(), np.uint8)[header:]


def payloads(labels, images):
    for label, image in zip(labels, images):
        yield {"label": int(label), "name": LABELS[label], "ink": int(np.count_nonzero(image))}


def main():
    recipe = Recipe("fashion", __doc__)
    folder = recipe.debian_package(PACKAGE, ["*ubyte*"], "MIT")
    found = {}
    for part, stem, payload in (("train", "base", "payload.jsonl"), ("t10k", "queries", "queries_payload.jsonl")):
        images = read_idx(folder, f"{part}-images-idx3", IMAGES_HEADER).reshape(-1, PIXELS)
        recipe.write_vectors(stem, images, as_bytes=True)
        recipe.write_payloads(payload, payloads(read_idx(folder, f"{part}-labels-idx1", LABELS_HEADER), images))
        found[stem] = images
    recipe.write_ground_truth(found["base"], found["queries"], "l2")
    recipe.finish("l2", found["base"], found["queries"],
                  split="its own: training images are the base, test images the queries",
                  method="pixels from 0 to 255, row by row; "
                         "payload: class, its name, number of pixels that are not zero")


if __name__ == "__main__":
    main()
