#!/usr/bin/env python3
"""glove: GloVe vectors of 331,479 words, angular; 10,000 other words are the queries. Needs numpy and npm."""
import numpy as np

import glove_words
from common import Recipe

QUERIES = 10_000


def payloads(words, ranks):
    for rank in ranks:
        yield {"word": words[rank], "rank": int(rank), "length": len(words[rank]), "first": words[rank][0]}


def main():
    recipe = Recipe("glove", __doc__)
    words, values = glove_words.load(recipe)
    # Shuffled: the package's order is by frequency, and inserting in that order is a case of its own.
    order = np.random.default_rng(1).permutation(len(words))
    asked, kept = order[:QUERIES], order[QUERIES:]
    base, queries = values[kept], values[asked]
    recipe.write_vectors("base", base)
    recipe.write_vectors("queries", queries)
    recipe.write_payloads("payload.jsonl", payloads(words, kept))
    recipe.write_payloads("queries_payload.jsonl", payloads(words, asked))
    recipe.write_ground_truth(base, queries, "angular")
    recipe.finish("angular", base, queries, split="10,000 random words are the queries",
                  method="values as shipped, not normalised; payload: word, rank by frequency, length, first letter")


if __name__ == "__main__":
    main()
