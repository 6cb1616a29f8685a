#!/usr/bin/env python3
"""words: 341,479 words as GloVe vectors with the word itself as payload; something to look at. Needs numpy and npm."""
import numpy as np

import glove_words
from common import Recipe

QUERIES = 300


def main():
    recipe = Recipe("words", __doc__)
    words, values = glove_words.load(recipe)
    recipe.write_vectors("base", values)
    recipe.write_payloads("payload.jsonl", ({"word": word, "rank": rank} for rank, word in enumerate(words)))
    # Words that people know: out of the 20,000 most frequent.
    asked = np.sort(np.random.default_rng(1).choice(20_000, QUERIES, replace=False))
    recipe.write_vectors("queries", values[asked])
    recipe.write_payloads("queries_payload.jsonl", ({"word": words[i], "rank": int(i)} for i in asked))
    recipe.finish("cosine", values, values[asked],
                  method="values as shipped, not normalised; rank 0 is the most frequent word")


if __name__ == "__main__":
    main()
