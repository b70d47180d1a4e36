"""Reading a published folder as an outsider would: the files, their digests, nothing else."""

import csv
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
from numpy.typing import NDArray

FORMAT = "commonground-equity-publication/1"
MARK = "\x1f"  # between names that are joined to one
KEYS = ("year", "metric", "level", "entity", "grade", "period", "group")
TEXTS = (*KEYS, "version", "status", "text", "reason", "corrected")
NUMBERS = ("low", "high", "students_low", "students_high", "numerator_low", "numerator_high")
TELLING = frozenset({"small", "complement", "dominant", "secondary"})
STATUSES = frozenset({"exact", "range", "top", "bottom", "withheld", "missing"})


class AuditError(Exception):
    """The folder cannot be audited: what is wrong, in which file, and what to do."""


class ContradictionError(AuditError):
    """No numbers at all fit everything that is published."""


@dataclass(frozen=True, slots=True)
class Release:
    """One published folder. ``figures`` has the columns TEXTS (strings) and NUMBERS (float64, null where empty).

    Of data that were corrected since, ``judged`` says which rows are asked for, and ``before`` what was told of them earlier.
    """

    folder: Path
    manifest: dict[str, Any]
    figures: pa.Table
    entities: tuple[dict[str, str], ...]
    groups: tuple[dict[str, str], ...]
    metrics: tuple[dict[str, str], ...]
    judged: NDArray[np.bool_] | None = None
    before: pa.Table | None = None


def read_release(folder: Path) -> Release:
    """Read a folder that holds manifest.json, or one whose ``data`` folder does. Raises AuditError."""
    folder = folder / "data" if (folder / "data" / "manifest.json").is_file() else folder
    manifest = _manifest(folder)
    _check_digests(folder, manifest)
    entities, groups, metrics = (tuple(_rows(folder / f"{name}.csv")) for name in ("entities", "groups", "metrics"))
    return Release(folder, manifest, _figures(folder / "figures.csv"), entities, groups, metrics)


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise AuditError(
            f"{folder} has no manifest.json. Give the folder of a published report, or its data folder."
        ) from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise AuditError(f"{path} is not readable as JSON: {error}. Download the report again.") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise AuditError(f"{path} does not say that it is a {FORMAT}; this auditor reads no other.")
    return manifest


def _check_digests(folder: Path, manifest: dict[str, Any]) -> None:
    named = manifest.get("files")
    if not isinstance(named, dict) or "figures.csv" not in named:
        raise AuditError(f"{folder / 'manifest.json'} does not list figures.csv under files with its SHA-256.")
    for name, digest in sorted(named.items()):
        path = folder / name
        if not path.is_file():
            raise AuditError(f"{path} is named in the manifest but missing. Download the report again.")
        if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise AuditError(f"{path} is not the file that was published: its SHA-256 differs from the manifest's.")


def _rows(path: Path) -> Iterator[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from csv.DictReader(file)
    except FileNotFoundError:
        raise AuditError(f"{path} is missing. Download the report again.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise AuditError(f"{path} cannot be read: {error}.") from error


def _figures(path: Path) -> pa.Table:
    types = {name: pa.string() for name in TEXTS} | {name: pa.float64() for name in NUMBERS}
    convert = pcsv.ConvertOptions(column_types=types, null_values=[""], strings_can_be_null=False)
    try:
        table = pcsv.read_csv(path, convert_options=convert)
    except (pa.ArrowInvalid, FileNotFoundError) as error:
        raise AuditError(f"{path} cannot be read: {error}") from error
    if "corrected" not in table.column_names:  # of reports made before figures were corrected
        table = table.append_column("corrected", pa.array([""] * table.num_rows, pa.string()))
    missing = [name for name in types if name not in table.column_names]
    if missing:
        raise AuditError(f"{path} lacks the columns {', '.join(missing)}. See the description of the format.")
    unknown = sorted(set(table["status"].unique().to_pylist()) - STATUSES)
    if unknown:
        raise AuditError(f"{path} has the status {unknown[0]!r}; known are {', '.join(sorted(STATUSES))}.")
    _check_reasons(path, table)
    return table.select(list(types))


def _check_reasons(path: Path, table: pa.Table) -> None:
    """A reason that tells a small group from a figure withheld for its sake says by itself how large the group is."""
    telling = sorted(TELLING & set(table["reason"].unique().to_pylist()))
    if telling:
        raise AuditError(
            f"{path} gives the reason {telling[0]!r}, which tells small groups from others that are withheld only to "
            "protect them, and so narrows them both. Publish one reason for both, and keep the others in-house."
        )


def joined_keys(table: pa.Table) -> pa.Array:
    """The keys of the rows, each as one text."""
    joined = pc.binary_join_element_wise(*(table[name] for name in KEYS), MARK)
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined


def numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """Numbers, not a number where there is none."""
    return np.asarray(pc.fill_null(column.cast(pa.float64()), np.nan), dtype=np.float64)
