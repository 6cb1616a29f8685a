"""What a collection of points holds and answers, as plainly as can be: dictionaries, and all compared with all.

Selections and vectors are what requests say; scores are by id, so that ties need no rule. model_test.py asks a server the same."""
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone

import numpy as np
from filter_model import elements, is_number, is_whole, matches, moment

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

# --- Payloads, changed. ---


def with_set(value, steps, patch):
    """The patch replaces keys of the objects that the steps lead to, which are made where they are missing; null removes."""
    if not steps:
        merged = {**(value if isinstance(value, dict) else {}), **patch}
        return {key: one for key, one in merged.items() if key not in patch or one is not None}
    step, *rest = steps
    if isinstance(step, str):
        there = value if isinstance(value, dict) else {}
        return {**there, step: with_set(there.get(step, {}), rest, patch)}
    there = value if isinstance(value, list) else []
    return [with_set(one, rest, patch) if step in (None, place) else one for place, one in enumerate(there)]


def without(value, steps):
    """`[]` at the end empties an array; `[2]` there would move what comes after it, and does nothing."""
    step, *rest = steps
    if isinstance(step, str) and isinstance(value, dict) and step in value:
        others = {key: one for key, one in value.items() if key != step}
        return {**value, step: without(value[step], rest)} if rest else others
    if isinstance(step, str) or not isinstance(value, list):
        return value
    if not rest:
        return [] if step is None else value
    return [without(one, rest) if step in (None, place) else one for place, one in enumerate(value)]


# --- Vectors, compared. ---


def unit(vector):
    return np.asarray(vector, float) / np.linalg.norm(vector)


def sparse_dot(a, b):
    """None for vectors that share no index."""
    weights = dict(zip(a["indices"], a["values"]))
    common = [weights[index] * value for index, value in zip(b["indices"], b["values"]) if index in weights]
    return sum(common) if common else None


SCORES = {
    "Cosine": lambda a, b: float(unit(a) @ unit(b)),
    "Dot": lambda a, b: float(np.dot(a, b)),
    "Euclid": lambda a, b: float(np.linalg.norm(np.subtract(a, b))),
    "Manhattan": lambda a, b: float(np.abs(np.subtract(a, b)).sum()),
    "Sparse": sparse_dot,
}


class Model:
    """A collection. `distances` are by vector name, "Sparse" among them."""

    def __init__(self, distances):
        self.distances = distances
        self.points = {}

    # --- Changes. ---

    def upsert(self, points, mode="upsert", only_if=None):
        for point in points:
            old = self.points.get(point["id"])
            if old is None:
                allowed = mode != "update_only"
            else:
                allowed = mode != "insert_only" and (only_if is None or matches(only_if, old))
            if allowed:
                self.points[point["id"]] = {
                    "id": point["id"], "payload": point["payload"] or {}, "vectors": dict(point["vectors"])}

    def selected(self, selection):
        """Points that exist, by ids or by a filter."""
        if "points" in selection:
            return [self.points[key] for key in dict.fromkeys(selection["points"]) if key in self.points]
        return [point for point in self.points.values() if matches(selection["filter"], point)]

    def delete(self, selection):
        for point in self.selected(selection):
            del self.points[point["id"]]

    def change_payloads(self, selection, change):
        for point in self.selected(selection):
            point["payload"] = change(point["payload"])

    def update_vectors(self, points, only_if=None):
        for point in points:
            if only_if is None or matches(only_if, self.points[point["id"]]):
                self.points[point["id"]]["vectors"].update(point["vectors"])

    def delete_vectors(self, selection, names):
        for point in self.selected(selection):
            for name in names:
                point["vectors"].pop(name, None)

    # --- Answers. ---

    def matching(self, wanted=None):
        """In order: numbers before UUIDs."""
        found = [point for point in self.points.values() if wanted is None or matches(wanted, point)]
        return sorted(found, key=lambda point: (isinstance(point["id"], str), point["id"]))

    def scores(self, name, vector, wanted=None, but=()):
        """Of every point that has the vector and can be compared."""
        score = SCORES[self.distances[name]]
        scored = {point["id"]: score(vector, point["vectors"][name]) for point in self.matching(wanted)
                  if name in point["vectors"] and point["id"] not in but}
        return {key: value for key, value in scored.items() if value is not None}

    def best(self, name, scores):
        """Scores alone, best first."""
        return sorted(scores, reverse=self.distances[name] not in ("Euclid", "Manhattan"))

    def average(self, name, positive, negative):
        """Of ids and vectors: as far beyond the mean of the positives as that is away from the mean of the negatives."""
        mean = lambda examples: np.mean([self.example(name, one) for one in examples], axis=0)
        return 2 * mean(positive) - mean(negative) if negative else mean(positive)

    def example(self, name, one):
        if isinstance(one, list):
            return one
        stored = self.points[one]["vectors"][name]
        return unit(stored) if self.distances[name] == "Cosine" else stored

    def groups(self, key, scores):
        """Scores by id, by the values of a field; a value of another kind than texts and whole numbers keeps a point out."""
        groups = defaultdict(dict)
        for point_id, score in scores.items():
            found = elements(key, self.points[point_id]["payload"])
            if all(type(value) in (str, int) for value in found):
                for value in found:
                    groups[value][point_id] = score
        return groups

    def facet(self, key, wanted):
        """How many points have each text, whole number or truth value."""
        return Counter(value for point in self.matching(wanted)
                       for value in {(type(value), value) for value in elements(key, point["payload"])
                                     if type(value) in (str, bool) or is_whole(value)})

    def ordered(self, key, wanted):
        """(value, id) of every number and time, which is in microseconds."""
        return [(order_value(value), point["id"]) for point in self.matching(wanted)
                for value in elements(key, point["payload"]) if order_value(value) is not None]


def order_value(value):
    if is_number(value):
        return value if is_whole(value) else float(value)
    time = moment(value)
    return time and (time - EPOCH) // timedelta(microseconds=1)
