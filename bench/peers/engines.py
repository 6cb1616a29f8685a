"""The peers: each builds, saves, loads and searches its index through its own Python package.

Vectors are float32, and of unit length under the angular metric. `search` hands all queries to the package at once,
with one thread: the loop over them is the package's own, compiled. Packages are imported where they are used: whoever
only reads the table of engines has none of them yet.
"""
import os

LINKS = 16  # HNSW's M: 32 links in the base layer
EF_CONSTRUCTION = 200


class Hnswlib:
    def build(self, base, metric, threads):
        import hnswlib

        self.index = hnswlib.Index("l2" if metric == "l2" else "ip", base.shape[1])
        self.index.init_index(max_elements=len(base), ef_construction=EF_CONSTRUCTION, M=LINKS)
        self.index.add_items(base, num_threads=threads)

    def save(self, path):
        self.index.save_index(path)

    def load(self, path, metric, dim):
        import hnswlib

        self.index = hnswlib.Index("l2" if metric == "l2" else "ip", dim)
        self.index.load_index(path)

    def search(self, queries, k, ef):
        self.index.set_ef(ef)
        return self.index.knn_query(queries, k, num_threads=1)[0]


class Usearch:
    def __init__(self, dtype):
        self.dtype = dtype

    def _new(self, metric, dim):
        from usearch.index import Index

        return Index(
            ndim=dim,
            metric="l2sq" if metric == "l2" else "cos",
            dtype=self.dtype,
            connectivity=LINKS,
            expansion_add=EF_CONSTRUCTION,
        )

    def build(self, base, metric, threads):
        import numpy as np

        self.scale = 1.0
        if self.dtype == "i8":  # values are taken to lie within -1 and 1
            self.scale = float(1 / np.abs(base).max())
        self.index = self._new(metric, base.shape[1])
        self.index.add(np.arange(len(base), dtype=np.uint64), base * self.scale, threads=threads)

    def save(self, path):
        self.index.save(path)
        with open(path + ".scale", "w") as out:
            out.write(repr(self.scale))

    def load(self, path, metric, dim):
        self.index = self._new(metric, dim)
        self.index.load(path)
        with open(path + ".scale") as lines:
            self.scale = float(lines.read())

    def search(self, queries, k, ef):
        self.index.expansion_search = ef
        return self.index.search(queries * self.scale, k, threads=1).keys.astype("int64")


class Faiss:
    def __init__(self, links, quantizer=None):
        self.links = links
        self.quantizer = quantizer

    def build(self, base, metric, threads):
        import faiss

        faiss.omp_set_num_threads(threads)
        kind = faiss.METRIC_L2 if metric == "l2" else faiss.METRIC_INNER_PRODUCT
        if self.quantizer is None:
            self.index = faiss.IndexHNSWFlat(base.shape[1], self.links, kind)
        else:
            code = getattr(faiss.ScalarQuantizer, self.quantizer)
            self.index = faiss.IndexHNSWSQ(base.shape[1], code, self.links, kind)
        self.index.hnsw.efConstruction = EF_CONSTRUCTION
        self.index.train(base)
        self.index.add(base)

    def save(self, path):
        import faiss

        faiss.write_index(self.index, path)

    def load(self, path, metric, dim):
        import faiss

        faiss.omp_set_num_threads(1)
        self.index = faiss.read_index(path)

    def search(self, queries, k, ef):
        self.index.hnsw.efSearch = ef
        return self.index.search(queries, k)[1]


class Svs:
    """Scalable Vector Search: a Vamana graph with as many links as the base layers of the others."""

    def _distance(self, metric):
        import svs

        return svs.DistanceType.L2 if metric == "l2" else svs.DistanceType.MIP

    def build(self, base, metric, threads):
        import svs

        parameters = svs.VamanaBuildParameters(
            graph_max_degree=2 * LINKS, window_size=EF_CONSTRUCTION, alpha=1.2 if metric == "l2" else 0.95
        )
        self.index = svs.Vamana.build(parameters, base, self._distance(metric), num_threads=threads)

    def save(self, path):
        for part in ("config", "graph", "data"):
            os.makedirs(os.path.join(path, part), exist_ok=True)
        self.index.save(*(os.path.join(path, part) for part in ("config", "graph", "data")))

    def load(self, path, metric, dim):
        import svs

        config, graph, data = (os.path.join(path, part) for part in ("config", "graph", "data"))
        loader = svs.VectorDataLoader(data, svs.DataType.float32, dims=dim)
        self.index = svs.Vamana(config, svs.GraphLoader(graph), loader, self._distance(metric), num_threads=1)

    def search(self, queries, k, ef):
        self.index.search_window_size = max(ef, k)
        return self.index.search(queries, k)[0].astype("int64")


# Name, package to install, how to make one.
ENGINES = {
    "hnswlib": ("hnswlib", Hnswlib),
    "usearch f32": ("usearch", lambda: Usearch("f32")),
    "usearch i8": ("usearch", lambda: Usearch("i8")),
    "faiss M16": ("faiss-cpu", lambda: Faiss(16)),
    "faiss M32": ("faiss-cpu", lambda: Faiss(32)),
    "faiss M16 SQ8": ("faiss-cpu", lambda: Faiss(16, "QT_8bit")),
    "svs": ("scalable-vs", Svs),
}
