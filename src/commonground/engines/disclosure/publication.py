"""A publication: the protected figures, and a folder that holds them for everybody.

The folder is described in docs/reference/equity-publication.md. Nothing in it comes from a table that is not protected:
who has the folder has everything that is public.
"""

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv

from commonground import folders

FORMAT = "commonground-equity-publication/1"
MANIFEST = "manifest.json"
STATUSES = ("exact", "range", "top", "bottom", "withheld", "missing")
REASONS = ("", "small_group", "few_students", "coded")
KEY = ("year", "metric", "version", "level", "entity", "grade", "period", "group")
_INTERVALS = ("low", "high", "students_low", "students_high", "numerator_low", "numerator_high")
FIGURES = pa.schema(
    [(name, pa.string()) for name in (*KEY, "status")]
    + [(name, pa.float64()) for name in _INTERVALS]
    + [(name, pa.string()) for name in ("text", "reason", "corrected")]
)
_FILES = ("figures", "entities", "groups", "metrics")


class PublicationError(ValueError):
    """A folder is not a publication, or cannot be written; the message says what is wrong and what to do."""


@dataclass(frozen=True)
class Manifest:
    """What a publication says about itself.

    Attributes:
        title, title_es: what the report is called in English and in Spanish.
        made: the date of publication, as "2025-10-01".
        years: the school years, by their ending year.
        minimum: the smallest group that is shown.
        share, least: a withheld figure stays uncertain by this share of its value, and by at least so many students.
        rounding: how students and rates are rounded before they are published.
        rules: SHA-256 of the file of business rules, "" when there is none.
        earlier: SHA-256 of the manifests of the earlier releases that were taken into account.
        files: the SHA-256 of each file; filled in when the folder is written.
    """

    title: str
    made: str
    years: tuple[str, ...]
    minimum: int
    share: float
    least: int
    rounding: Mapping[str, Any] = field(default_factory=dict)
    rules: str = ""
    earlier: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    title_es: str = ""

    def to_bytes(self) -> bytes:
        """JSON with sorted keys: one way to write it, so that the same release gives the same bytes."""
        record = {
            "format": FORMAT,
            "title": self.title,
            "title_es": self.title_es,
            "made": self.made,
            "years": list(self.years),
            "minimum": self.minimum,
            "required": {"share": self.share, "least": self.least},
            "rounding": dict(self.rounding),
            "rules": self.rules,
            "earlier": list(self.earlier),
            "files": dict(self.files),
        }
        return (json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()

    @property
    def digest(self) -> str:
        """SHA-256 by which a later release names this one."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    @classmethod
    def from_bytes(cls, data: bytes, source: str) -> "Manifest":
        """Raises PublicationError that names ``source``."""
        try:
            record = json.loads(data)
            if record.get("format") != FORMAT:
                raise PublicationError(f"{source} is not of the format {FORMAT}. Name a publication's data folder.")
            return cls(
                title=str(record["title"]),
                made=str(record["made"]),
                years=tuple(record["years"]),
                minimum=int(record["minimum"]),
                share=float(record["required"]["share"]),
                least=int(record["required"]["least"]),
                rounding=dict(record["rounding"]),
                rules=str(record["rules"]),
                earlier=tuple(record["earlier"]),
                files=dict(record["files"]),
                title_es=str(record["title_es"]),
            )
        except (ValueError, AttributeError, TypeError) as error:
            if isinstance(error, PublicationError):
                raise
            raise PublicationError(f"{source} cannot be read as JSON ({error}). Take a fresh copy of it.") from error
        except KeyError as error:
            raise PublicationError(f"{source} says nothing about {error}. Take a fresh copy of it.") from error


@dataclass(frozen=True)
class Publication:
    """Everything that one release makes public.

    Attributes:
        manifest: what it says about itself.
        figures: an Arrow table under `FIGURES`, ordered by its key.
        entities, groups, metrics: the small tables of the figures, as they came.
    """

    manifest: Manifest
    figures: pa.Table
    entities: pa.Table
    groups: pa.Table
    metrics: pa.Table

    def __post_init__(self) -> None:
        if self.figures.schema.names != FIGURES.names:
            raise PublicationError(f"figures has columns {self.figures.schema.names}; they must be {FIGURES.names}.")
        for name, known in (("status", STATUSES), ("reason", REASONS)):
            for value in self.figures[name].unique().to_pylist():
                if value not in known:
                    raise PublicationError(f"figures, {name}: “{value}” is not one of {', '.join(known)}.")

    def files(self) -> dict[str, bytes]:
        """Name and bytes of every file, manifest last. The same publication gives the same bytes."""
        data = {f"{name}.csv": csv_bytes(getattr(self, name)) for name in _FILES}
        digests = {name: hashlib.sha256(content).hexdigest() for name, content in data.items()}
        return {**data, MANIFEST: replace(self.manifest, files=digests).to_bytes()}

    def write(self, folder: Path) -> str:
        """Write into a new folder, whole or not at all; returns the digest of its manifest.

        Raises:
            PublicationError: the folder exists, or the disk is full or may not be written.
        """
        files = self.files()
        write_folder(folder, files)
        return hashlib.sha256(files[MANIFEST]).hexdigest()

    @classmethod
    def read(cls, folder: Path) -> "Publication":
        """The publication in a folder, or in the folder ``data`` inside it.

        Raises:
            PublicationError: a file is absent, was changed, or does not fit the format.
        """
        folder = folder / "data" if (folder / "data" / MANIFEST).is_file() else folder
        manifest = Manifest.from_bytes(_content(folder / MANIFEST), str(folder / MANIFEST))
        tables = {name: _table(folder / f"{name}.csv", manifest) for name in _FILES}
        return cls(manifest, **tables)


def csv_bytes(table: pa.Table) -> bytes:
    """CSV in UTF-8 with line feeds; null is empty, true and false are words."""
    out = io.BytesIO()
    pa_csv.write_csv(table, out)
    return out.getvalue()


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files aside and rename, so that a run that is stopped leaves no folder. Raises PublicationError."""
    if folder.exists():
        raise PublicationError(f"{folder} exists already. Name a new folder, so that no release is overwritten.")
    try:
        with folders.new_folder(folder) as fresh:
            folders.write_files(fresh, files)
    except OSError as error:
        reason = error.strerror or str(error)
        raise PublicationError(
            f"The publication could not be written to {folder}: {reason}. Nothing was kept."
        ) from error


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PublicationError(f"{path} cannot be read: {error.strerror}. Name a publication's data folder.") from error


def _table(path: Path, manifest: Manifest) -> pa.Table:
    content = _content(path)
    if hashlib.sha256(content).hexdigest() != manifest.files.get(path.name):
        raise PublicationError(f"{path} is not the file that was published: its SHA-256 is not the manifest's.")
    types = {name: FIGURES.field(name).type for name in FIGURES.names} if path.name == "figures.csv" else {}
    for name in _header(content, path):
        types.setdefault(name, pa.bool_() if name.startswith("adds_over_") else pa.string())
    options = pa_csv.ConvertOptions(column_types=types, null_values=[""], strings_can_be_null=False)
    try:
        table = pa_csv.read_csv(io.BytesIO(content), convert_options=options)
    except pa.ArrowException as error:
        raise PublicationError(f"{path} cannot be read ({error}). Take a fresh copy of it.") from error
    if path.name == "figures.csv" and table.column_names == FIGURES.names[:-1]:  # made before figures were corrected
        return table.append_column(FIGURES.field("corrected"), pa.array([""] * table.num_rows, pa.string()))
    return table


def _header(content: bytes, path: Path) -> list[str]:
    try:
        first = content.partition(b"\n")[0].decode("utf-8")
    except UnicodeDecodeError as error:
        raise PublicationError(f"{path} is not UTF-8. Take a fresh copy of it.") from error
    return next(csv.reader([first]), [])
