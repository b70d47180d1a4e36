"""Which places lie in the sea, more than about 10 km from any coast.

A map of the Earth in cells of a tenth of a degree (about 11 km), widened by one cell around all land, so that
schools on islands, piers and shores are never called wrong. Lakes count as land. Made by tools/land_mask.py from
Natural Earth (public domain). The packages that tell land from sea are either unmaintained or a hundred megabytes
large.
"""

import zlib
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

_CELLS_PER_DEGREE = 10
_ROWS, _COLUMNS = 180 * _CELLS_PER_DEGREE, 360 * _CELLS_PER_DEGREE


def at_sea(latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> NDArray[np.bool_]:
    """For places in degrees (shape n), whether each lies in the open sea."""
    row = np.clip(((90 - latitude) * _CELLS_PER_DEGREE).astype(int), 0, _ROWS - 1)
    column = ((longitude + 180) * _CELLS_PER_DEGREE).astype(int) % _COLUMNS
    dry: NDArray[np.bool_] = _land()[row, column]
    return ~dry


@cache
def _land() -> NDArray[np.bool_]:
    packed = files("commonground.formats").joinpath("land.bin").read_bytes()
    return np.unpackbits(np.frombuffer(zlib.decompress(packed), dtype=np.uint8)).astype(bool).reshape(_ROWS, _COLUMNS)
