#!/usr/bin/env python3
"""sift: 1,000,000 SIFT descriptors of photographs and 10,000 of other photographs, l2.

Needs python3-opencv and apt-get; about 670 MB of downloads and a quarter of an hour.
"""
import re
import zlib

import cv2
import numpy as np

from common import Recipe

ROWS, QUERIES = 1_000_000, 10_000
PIXELS_MAX = 1 << 20             # photographs are scaled down to this many
DESCRIPTORS_MAX = 4_500          # of one photograph, drawn at random
CONTRAST_THRESHOLD = 0.02
QUERY_SHARE = 10                 # one photograph in so many is for queries alone
OPAQUE = 200                     # alpha above which a pixel belongs to the photograph

# Package -> what to unpack, which of it are photographs (artwork and logos are not), licence.
PHOTOGRAPHS = {
    "endless-sky-high-dpi": (["*images/land/*"], r"\.jpg$", "public domain for most, CC-BY-SA-3.0 and -4.0"),
    "lomiri-wallpapers-16.04": (["*.jpg"], r"\.jpg$", "CC-BY-4.0, CC-BY-SA-4.0, CC0-1.0"),
    "lomiri-wallpapers-20.04": (["*Kleiber*.jpg"], r"\.jpg$", "CC-BY-SA-3.0"),
    "mate-backgrounds": (["*backgrounds/mate/nature/*"], r"\.jpg$", "GPL-2+"),
    "lxqt-themes": (
        ["*wallpapers/*"],
        r"/(Butterfly-Kenneth-Wimer|Valendas|after-the-rain|appleflower|beam|butterfly|cloud|drop|flowers|fog)"
        r"\.(jpg|png)$",
        "LGPL-2.1+, CC-BY-SA-3.0",
    ),
    "plasma-workspace-wallpapers": (
        ["*contents/images/2560x1600.*"],
        r"/(BytheWater|ColdRipple|ColorfulCups|EveningGlow|FallenLeaf|Grey|Kite|OneStandsOut|Path|summer_1am)/"
        r".*\.(jpg|png)$",
        "GPL-2+",
    ),
    "opencv-doc": (
        ["*examples/data/*.jpg", "*examples/data/*.png", "*examples/text/scenetext*"],
        r"/(scenetext\d+|baboon|fruits|squirrel_cls|home|building|graf1|box_in_scene|leuvenA|messi5|butterfly|aero1"
        r"|board|lena|orange|apple|aloeL|HappyFish|rubberwhale1|basketball1|stuff)\.(jpg|png)$",
        "Apache-2.0",
    ),
    "stellarium-data": (
        ["*landscapes/*"],
        r"/(hurricane|guereins|garching|geneva|trees|grossmugl|jupiter|saturn|moon|mars)/[^/]*\.(jpg|png)$",
        "GPL-2+",
    ),
}


def grey_and_mask(path):
    """The photograph in grey, and which pixels of it count; (None, None) if it is none."""
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if image is None or grey is None:
        return None, None
    has_alpha = image.ndim == 3 and image.shape[2] == 4
    mask = np.where(image[:, :, 3] > OPAQUE, 255, 0).astype(np.uint8) if has_alpha else None
    scale = (PIXELS_MAX / grey.size) ** 0.5
    if scale < 1:
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        if mask is not None:
            mask = cv2.resize(mask, grey.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return grey, mask


def descriptors(path):
    grey, mask = grey_and_mask(path)
    if grey is None:
        return np.empty((0, 128), np.uint8)
    sift = cv2.SIFT_create(contrastThreshold=CONTRAST_THRESHOLD)
    points = sift.detect(grey, mask)
    if len(points) > DESCRIPTORS_MAX:
        random = np.random.default_rng(zlib.crc32(path.name.encode()))
        chosen = random.choice(len(points), DESCRIPTORS_MAX, replace=False)
        points = [points[i] for i in np.sort(chosen)]
    if not points:
        return np.empty((0, 128), np.uint8)
    return np.clip(np.rint(sift.compute(grey, points)[1]), 0, 255).astype(np.uint8)


def is_for_queries(path):
    """By its name, so that a photograph stays on its side whatever else is added."""
    return zlib.crc32(b"query " + path.name.encode()) % QUERY_SHARE == 0


def sample(values, count, what):
    if len(values) < count:
        raise SystemExit(f"only {len(values):,} distinct descriptors for {count:,} {what}")
    return values[np.random.default_rng(1).permutation(len(values))[:count]]


def main():
    recipe = Recipe("sift", __doc__)
    sides = {True: [], False: []}
    for package, (patterns, keep, licence) in PHOTOGRAPHS.items():
        folder = recipe.debian_package(package, patterns, licence)
        photographs = [path for path in sorted(folder.rglob("*")) if path.is_file() and re.search(keep, str(path))]
        for path in photographs:
            sides[is_for_queries(path)].append(descriptors(path))
        recipe.sources[package]["photographs"] = len(photographs)
        print(f"{package}: {len(photographs)} photographs", flush=True)
    base = np.unique(np.concatenate(sides[False]), axis=0)
    queries = np.unique(np.concatenate(sides[True]), axis=0)
    known = set(map(bytes, base))
    queries = queries[[bytes(query) not in known for query in queries]]
    base, queries = sample(base, ROWS, "rows"), sample(queries, QUERIES, "queries")
    recipe.write_vectors("base", base, as_bytes=True)
    recipe.write_vectors("queries", queries, as_bytes=True)
    recipe.write_ground_truth(base, queries, "l2")
    recipe.finish("l2", base, queries,
                  method=f"OpenCV {cv2.__version__} SIFT; whole numbers from 0 to 255, no two rows equal",
                  split="queries come from photographs that give no row; both sides drawn at random")


if __name__ == "__main__":
    main()
