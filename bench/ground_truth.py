"""Exact nearest neighbours by comparing every query with every row.

A float32 pass over blocks keeps twice the candidates needed; these are ranked again in float64, ties by the smaller id.
"""
import numpy as np

QUERIES_AT_ONCE = 1_000
ROWS_AT_ONCE = 50_000  # the block of products is 200 MB


def _smallest(distances, ids, count):
    if distances.shape[1] <= count:
        return distances, ids
    chosen = np.argpartition(distances, count - 1, axis=1)[:, :count]
    return np.take_along_axis(distances, chosen, 1), np.take_along_axis(ids, chosen, 1)


def _candidates(base, squares, queries, angular, count):
    best = np.empty((len(queries), 0), np.float32)
    best_ids = np.empty((len(queries), 0), np.int32)
    for begin in range(0, len(base), ROWS_AT_ONCE):
        rows = np.ascontiguousarray(base[begin : begin + ROWS_AT_ONCE], np.float32)
        distances = queries @ rows.T
        part = squares[begin : begin + len(rows)]
        if angular:
            distances /= -np.sqrt(part)
        else:
            distances *= -2
            distances += part
        ids = np.broadcast_to(np.arange(begin, begin + len(rows), dtype=np.int32), distances.shape)
        distances, ids = _smallest(distances, ids, count)
        best, best_ids = _smallest(np.hstack([best, distances]), np.hstack([best_ids, ids]), count)
    return best_ids


def distances_to(base, query, ids, angular):
    """In float64: Euclidean distance, or 1 - cosine."""
    rows = np.asarray(base[ids], np.float64)
    query = np.asarray(query, np.float64)
    if not angular:
        return np.sqrt(((rows - query) ** 2).sum(-1))
    return 1 - (rows * query).sum(-1) / np.sqrt((rows**2).sum(-1) * (query**2).sum(-1))


def exact_neighbors(base, queries, metric, k):
    """(ids, distances), each len(queries) x k, nearest first. `metric`: "l2" or "angular"."""
    angular = metric == "angular"
    blocks = (np.asarray(base[i : i + ROWS_AT_ONCE], np.float32) for i in range(0, len(base), ROWS_AT_ONCE))
    squares = np.concatenate([np.einsum("ij,ij->i", block, block) for block in blocks])
    ids = np.empty((len(queries), k), np.int32)
    distances = np.empty((len(queries), k), np.float32)
    for begin in range(0, len(queries), QUERIES_AT_ONCE):
        part = np.ascontiguousarray(queries[begin : begin + QUERIES_AT_ONCE], np.float32)
        for i, candidates in enumerate(_candidates(base, squares, part, angular, 2 * k), begin):
            exact = distances_to(base, queries[i], candidates, angular)
            order = np.lexsort((candidates, exact))[:k]
            ids[i], distances[i] = candidates[order], exact[order]
    return ids, distances
