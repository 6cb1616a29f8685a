"""Vector files: fvecs, ivecs, u8bin and fbin, read and written with numpy.

fvecs and ivecs: a row is its width (int32), then the values. u8bin and fbin: rows and width (uint32), then the values.
"""
from pathlib import Path

import numpy as np

ROWS_AT_ONCE = 65_536


def read_fvecs(path, dtype=np.float32):
    """A view of the file; nothing is read before it is used."""
    cells = np.memmap(path, dtype=np.int32, mode="r")
    width = int(cells[0])
    return cells.reshape(-1, width + 1)[:, 1:].view(dtype)


def read_ivecs(path):
    return read_fvecs(path, np.int32)


def read_bin(path, dtype):
    rows, width = np.fromfile(path, np.uint32, 2)
    return np.memmap(path, dtype=dtype, mode="r", offset=8, shape=(int(rows), int(width)))


def read_first(folder, stem):
    """The vectors of the first file there is, in the order in which `omendb bench` looks for them."""
    for suffix, read in (
        (".fvecs", read_fvecs),
        (".u8bin", lambda path: read_bin(path, np.uint8)),
        (".fbin", lambda path: read_bin(path, np.float32)),
    ):
        path = Path(folder) / (stem + suffix)
        if path.exists():
            return read(path)
    raise FileNotFoundError(f"{folder} has no {stem}.fvecs, .u8bin or .fbin")


def write_vecs(path, vectors, dtype=np.float32):
    with open(path, "wb") as out:
        for begin in range(0, len(vectors), ROWS_AT_ONCE):
            part = np.ascontiguousarray(vectors[begin : begin + ROWS_AT_ONCE], dtype)
            rows = np.empty((len(part), part.shape[1] + 1), np.int32)
            rows[:, 0] = part.shape[1]
            rows[:, 1:] = part.view(np.int32)
            rows.tofile(out)


def write_u8bin(path, vectors):
    with open(path, "wb") as out:
        np.array(vectors.shape, np.uint32).tofile(out)
        np.ascontiguousarray(vectors, np.uint8).tofile(out)
