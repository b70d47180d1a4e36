"""Puts files on disk whole or not at all: written aside, flushed, then renamed."""

from collections.abc import Mapping
from pathlib import Path

from commonground import folders
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
    if folder.exists():
        raise FolderError(f"{folder.absolute()} exists already. Name a new folder, so that no result is overwritten.")
    try:
        with folders.new_folder(folder) as fresh:
            folders.write_files(fresh, files)
    except OSError as error:
        reason = error.strerror or str(error)
        raise FolderError(
            f"The result could not be written to {folder.absolute()}: {reason}. Nothing of it was kept."
        ) from error


def write_file(path: Path, data: bytes) -> None:
    """Write one file, whole or not at all: an older one of that name is replaced only by a complete one.

    Raises:
        FolderError: the disk is full or may not be written.
    """
    try:
        with folders.new_file(path) as aside:
            folders.write_files(aside.parent, {aside.name: data})
    except OSError as error:
        reason = error.strerror or str(error)
        raise FolderError(f"{path} could not be written: {reason}. Nothing of it was kept.") from error
