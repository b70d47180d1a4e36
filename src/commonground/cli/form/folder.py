"""A result folder: written whole or not at all, and able to tell whether a byte of it was changed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import commonground
from commonground import folders
from commonground.cli.form.inputs import Source
from commonground.formats import formed

MANIFEST = "manifest.json"
INPUTS = "inputs/"
FORMAT = "commonground.form/1"


class FolderError(Exception):
    """The folder cannot be written or is no result; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a result was made with (`run`: options, program version) and the SHA-256 digest of every other file."""

    run: Mapping[str, Any]
    files: Mapping[str, str]

    def to_bytes(self) -> bytes:
        """Canonical JSON that carries a digest of itself, so that a change in this file is found as well."""
        content = {"format": FORMAT, "run": dict(self.run), "files": dict(sorted(self.files.items()))}
        return as_json(content | {"digest": digest(as_json(content))})

    @staticmethod
    def from_bytes(data: bytes) -> "Manifest":
        """Raises FolderError unless these are exactly the bytes that `to_bytes` wrote."""
        try:
            content = json.loads(data)
            manifest = Manifest(content["run"], content["files"])
        except (ValueError, KeyError, TypeError):
            raise FolderError(f"{MANIFEST} cannot be read: it was changed, or is no manifest of a result.") from None
        if manifest.to_bytes() != data:
            raise FolderError(f"{MANIFEST} was changed since it was written.")
        return manifest


def kept_name(key: str, source: Source) -> str:
    """Where the result keeps an input: under what it is, so that two inputs of one name do not meet."""
    return f"{INPUTS}{key}{Path(source.name).suffix.lower()}"


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def as_json(content: Any) -> bytes:
    """One way to write JSON: keys sorted, indented, UTF-8, a line end at the end."""
    return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()


def manifest_for(files: Mapping[str, bytes], run: Mapping[str, Any]) -> Manifest:
    """The manifest of these files, by their paths within the folder."""
    return Manifest({"version": commonground.__version__, **run}, {name: digest(data) for name, data in files.items()})


def refuse_overwriting(folder: Path, force: bool) -> None:
    """Raises FolderError where something stands at `folder` that is no earlier result, unless `force`."""
    if folder.exists() and not folder.is_dir():
        raise FolderError(f"{folder} is a file. Name a folder for --out.")
    if force or not folder.exists() or not any(folder.iterdir()) or _is_result(folder):
        return
    raise FolderError(
        f"{folder} is not empty and holds no earlier result. Name another folder, or add --force to replace all of it."
    )


def _is_result(folder: Path) -> bool:
    try:
        Manifest.from_bytes((folder / MANIFEST).read_bytes())
    except (OSError, FolderError):
        return False
    return True


def write_folder(folder: Path, files: Mapping[str, bytes], run: Mapping[str, Any]) -> None:
    """Writes the files and their manifest to a new folder beside `folder`, then puts it in place in one step.

    Whatever stops this half-way leaves the earlier folder as it was. Raises FolderError where writing fails.
    """
    whole = {**files, MANIFEST: manifest_for(files, run).to_bytes()}
    try:
        with folders.new_folder(folder) as fresh:
            folders.write_files(fresh, whole)
    except OSError as error:
        raise FolderError(f"{folder} cannot be written: {error.strerror}.") from None


def read_folder(folder: Path) -> dict[str, bytes]:
    """All files below a folder, or in a ZIP file, by path with forward slashes. Raises FolderError where there is neither."""
    if folder.is_file():
        try:
            return formed.unpack(folder.read_bytes())
        except formed.FormedError as error:
            raise FolderError(str(error)) from None
    if not folder.is_dir():
        raise FolderError(f"There is no folder or ZIP file {folder}.")
    paths = sorted(path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
