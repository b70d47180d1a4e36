"""A folder or ZIP file of another system, opened carefully: only files that are asked for, and none that unpack too big."""

import csv
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from commonground.engines.measures.inputs.layout import LAYOUTS
from commonground.engines.measures.inputs.placing import new_folder
from commonground.engines.measures.inputs.problems import Problem

MARK = "converted.txt"
LIMIT_BYTES = 2 * 2**30
Tables = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Options:
    """What the source does not say: the LEA's sector; and its id, name and the school year where they are missing."""

    sector: str = "other"
    lea: str = ""
    lea_name: str = ""
    year: str = ""


class SourceError(ValueError):
    """The source cannot be turned into tables; `problems` say why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{one.file}: {one.message} {one.remedy}" for one in problems))


class Source:
    """The files of a folder or ZIP file by their last name, in small letters; nothing is unpacked to the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._files: dict[str, Path | zipfile.Path] = {}
        self._sizes: dict[str, int] = {}
        try:
            if path.is_dir():
                self._files = {one.name.lower(): one for one in sorted(path.rglob("*")) if one.is_file()}
                return
            packed = zipfile.ZipFile(path)
            self._sizes = {one.filename: one.file_size for one in packed.infolist() if not one.is_dir()}
            self._files = {PurePosixPath(one).name.lower(): zipfile.Path(packed, one) for one in self._sizes}
        except (OSError, zipfile.BadZipFile):
            raise SourceError([Problem("not_exchange", path.name)]) from None

    def names(self, ending: str) -> list[str]:
        return sorted(name for name in self._files if name.endswith(ending))

    def find(self, name: str) -> bool:
        return name.lower() in self._files

    def shown(self, name: str) -> str:
        return f"{self.path.name}/{name}"

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """A file's bytes as a stream.

        Raises:
            SourceError: it unpacks to more than 2 GB, or is damaged.
        """
        one = self._files[name.lower()]
        size = one.stat().st_size if isinstance(one, Path) else self._sizes[one.at]
        if size > LIMIT_BYTES:
            raise SourceError([Problem("too_big", self.shown(name))])
        try:
            with one.open("rb") as file:
                yield file
        except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError):
            raise SourceError([Problem("damaged", self.shown(name))]) from None


def write_folder(out: Path, tables: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
    """Write the tables as CSV files; a table that is not given is no file."""
    with new_folder(out, MARK) as fresh:
        for name, rows in tables.items():
            with (fresh / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, LAYOUTS[name].names)
                writer.writeheader()
                writer.writerows(rows)
        (fresh / MARK).write_text(
            "Converted from another system's files; this folder may be replaced.\n", encoding="utf-8"
        )
