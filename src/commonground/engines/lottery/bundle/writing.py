"""Puts files on disk whole or not at all: written aside, flushed, then renamed."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from commonground.engines.lottery.bundle.contents import MANIFEST, MANIFEST_DIGEST, manifest, manifest_digest


class FolderError(OSError):
    """A file or result folder cannot be made; the message says why and what to do."""


def write_bundle(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files and their manifest into a new folder. Killed or failing midway, it leaves no folder of that name.

    Raises:
        FolderError: the folder exists, or the disk is full or may not be written.
    """
    record = manifest(files)
    write_folder(folder, {**files, MANIFEST: record, MANIFEST_DIGEST: manifest_digest(record)})


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a new folder, whole or not at all.

    Raises:
        FolderError: the folder exists, or the disk is full or may not be written.
    """
    folder = folder.absolute()
    if folder.exists():
        raise FolderError(f"{folder} exists already. Name a new folder, so that no result is overwritten.")
    aside = folder.parent / f".{folder.name}.unfinished"
    try:
        shutil.rmtree(aside, ignore_errors=True)  # what a killed run left behind
        for name, data in files.items():
            _write(aside / name, data)
        aside.rename(folder)
        _flush_folder(folder.parent)
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        reason = error.strerror or str(error)
        raise FolderError(f"The result could not be written to {folder}: {reason}. Nothing of it was kept.") from error


def write_file(path: Path, data: bytes) -> None:
    """Write one file, whole or not at all: an older one of that name is replaced only by a complete one.

    Raises:
        FolderError: the disk is full or may not be written.
    """
    aside = path.parent / f".{path.name}.unfinished"
    try:
        _write(aside, data)
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise FolderError(f"{path} could not be written: {reason}. Nothing of it was kept.") from error


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """A rename is only safe from a power cut once its folder is on disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
