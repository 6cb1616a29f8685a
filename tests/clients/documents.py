"""Texts and an embedding without a model: every word is a dimension, so the text that shares words with a question is
found first. Words that are in no text do not count. documents.mjs is the same in JavaScript."""
import json
import re
from collections import Counter
from pathlib import Path

DOCUMENTS = json.loads((Path(__file__).parent / "documents.json").read_text())
TEXTS = [document["text"] for document in DOCUMENTS]


def words(text):
    return re.findall(r"[a-z]+", text.lower())


VOCABULARY = sorted({word for text in TEXTS for word in words(text)})
DIMENSIONS = len(VOCABULARY)

# Sparse vectors name their dimensions by numbers from all over the range of 32 bits.
SPARSE_STEP = 2**32 // DIMENSIONS


def dense(text):
    counts = Counter(words(text))
    return [float(counts[word]) for word in VOCABULARY]


def sparse(text):
    """Indices, in order, and values."""
    counts = Counter(words(text))
    found = [(number, word) for number, word in enumerate(VOCABULARY) if word in counts]
    return [number * SPARSE_STEP for number, _ in found], [float(counts[word]) for _, word in found]
