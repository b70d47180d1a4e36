"""Makes src/commonground/formats/land.bin, the coarse map that tells a school from a slip of the hand.

    npm pack world-atlas@2 && tar xzf world-atlas-2.*.tgz
    python tools/land_mask.py package/land-10m.json

Source: Natural Earth 1:10m land (public domain), as TopoJSON of the npm package world-atlas (ISC license). Only
needed to make the file again; the result is committed, so that installing needs no download.
"""

import json
import sys
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CELLS_PER_DEGREE = 10
TARGET = Path(__file__).resolve().parents[1] / "src" / "commonground" / "formats" / "land.bin"

Floats = NDArray[np.float64]
Bits = NDArray[np.bool_]


def arcs(topology: dict[str, object]) -> list[Floats]:
    """Longitude and latitude of every arc, from TopoJSON's whole-number steps."""
    transform = topology["transform"]
    scale, shift = np.array(transform["scale"]), np.array(transform["translate"])  # type: ignore[index]
    return [np.cumsum(np.array(arc), axis=0) * scale + shift for arc in topology["arcs"]]  # type: ignore[attr-defined]


def rings(topology: dict[str, object]) -> list[Floats]:
    """All rings of all polygons. A negative number of an arc means the arc backwards."""
    lines = arcs(topology)
    shapes = topology["objects"]["land"]["geometries"]  # type: ignore[index]
    found = [ring for shape in shapes for polygon in shape["arcs"] for ring in polygon]
    return [np.concatenate([lines[k] if k >= 0 else lines[~k][::-1] for k in ring]) for ring in found]


def inside(outlines: list[Floats], rows: int, columns: int) -> Bits:
    """Cells whose middle is on land: along every row, land begins and ends where an outline crosses it."""
    land = np.zeros((rows, columns), dtype=bool)
    start = np.concatenate([ring[:-1] for ring in outlines])
    end = np.concatenate([ring[1:] for ring in outlines])
    middles = (np.arange(columns) + 0.5) / CELLS_PER_DEGREE - 180
    for row in range(rows):
        y = 90 - (row + 0.5) / CELLS_PER_DEGREE
        crossing = (start[:, 1] <= y) != (end[:, 1] <= y)
        a, b = start[crossing], end[crossing]
        x = np.sort(a[:, 0] + (y - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0]))
        land[row] = np.searchsorted(x, middles) % 2 == 1
    return land


def coast(outlines: list[Floats], rows: int, columns: int) -> Bits:
    """Cells that hold a point of an outline: small islands lie between the middles of cells."""
    points = np.concatenate(outlines)
    marked = np.zeros((rows, columns), dtype=bool)
    row = np.clip(((90 - points[:, 1]) * CELLS_PER_DEGREE).astype(int), 0, rows - 1)
    column = np.clip(((points[:, 0] + 180) * CELLS_PER_DEGREE).astype(int), 0, columns - 1)
    marked[row, column] = True
    return marked


def widened(land: Bits) -> Bits:
    """Land and the cells around it, so that no school on a pier or a small island is called wrong."""
    wide = land.copy()
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            wide |= np.roll(np.roll(land, down, axis=0), right, axis=1)
    return wide


def main() -> None:
    topology = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    outlines = rings(topology)
    rows, columns = 180 * CELLS_PER_DEGREE, 360 * CELLS_PER_DEGREE
    land = widened(inside(outlines, rows, columns) | coast(outlines, rows, columns))
    packed = zlib.compress(np.packbits(land).tobytes(), 9)
    TARGET.write_bytes(packed)
    sys.stdout.write(f"{TARGET.name}: {len(packed):,} bytes, {land.mean():.1%} of the cells are land or near it\n")


if __name__ == "__main__":
    main()
