"""A result is written whole or not at all, and a changed byte is found."""

from pathlib import Path

import pytest

from commonground.cli.form import folder as folders
from commonground.cli.form.folder import (
    MANIFEST,
    FolderError,
    Manifest,
    as_json,
    kept_name,
    manifest_for,
    read_folder,
    refuse_overwriting,
    write_folder,
)
from commonground.cli.form.inputs import Source

FILES = {"groups.csv": b"group\r\nG1\r\n", "inputs/schools.csv": b"name\r\nAlder\r\n"}


def test_a_folder_is_read_as_it_was_written(tmp_path: Path):
    write_folder(tmp_path / "result", FILES, {"seed": 1})
    files = read_folder(tmp_path / "result")
    assert files.keys() == {*FILES, MANIFEST}
    assert {name: files[name] for name in FILES} == FILES
    assert Manifest.from_bytes(files[MANIFEST]) == manifest_for(FILES, {"seed": 1})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["result"]


def test_folders_above_are_made(tmp_path: Path):
    write_folder(tmp_path / "2026" / "spring" / "result", FILES, {})
    assert (tmp_path / "2026" / "spring" / "result" / "groups.csv").is_file()


def test_an_earlier_result_is_replaced_and_nothing_of_it_stays(tmp_path: Path):
    write_folder(tmp_path / "result", {**FILES, "old.csv": b"old"}, {})
    refuse_overwriting(tmp_path / "result", force=False)
    write_folder(tmp_path / "result", FILES, {})
    assert read_folder(tmp_path / "result").keys() == {*FILES, MANIFEST}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["result"]


@pytest.mark.parametrize("step", ["open", "rename"])
def test_an_earlier_result_survives_a_failure_half_way(tmp_path: Path, monkeypatch, step):
    write_folder(tmp_path / "result", FILES, {})
    before = read_folder(tmp_path / "result")
    real = getattr(Path, step)

    def fail(self: Path, *arguments: object, **options: object) -> object:
        if self.name == "new.csv" or (step == "rename" and self.name.startswith(".result-")):
            raise OSError(28, "No space left on device")
        return real(self, *arguments, **options)

    monkeypatch.setattr(Path, step, fail)
    with pytest.raises(FolderError, match="No space left on device"):
        write_folder(tmp_path / "result", {"new.csv": b"new"}, {})
    monkeypatch.undo()
    assert read_folder(tmp_path / "result") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["result"]


def test_something_else_is_not_overwritten_unless_forced(tmp_path: Path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.txt").write_text("years of work")
    with pytest.raises(FolderError, match="not empty and holds no earlier result"):
        refuse_overwriting(tmp_path / "thesis", force=False)
    refuse_overwriting(tmp_path / "thesis", force=True)
    refuse_overwriting(tmp_path / "new", force=False)
    (tmp_path / "empty").mkdir()
    refuse_overwriting(tmp_path / "empty", force=False)


def test_a_file_in_the_way_is_not_overwritten_even_when_forced(tmp_path: Path):
    (tmp_path / "result").write_text("a file")
    with pytest.raises(FolderError, match="is a file"):
        refuse_overwriting(tmp_path / "result", force=True)


def test_every_changed_byte_of_the_manifest_is_found():
    data = manifest_for(FILES, {"seed": 1}).to_bytes()
    for position in range(len(data)):
        changed = bytearray(data)
        changed[position] ^= 1
        with pytest.raises(FolderError):
            Manifest.from_bytes(bytes(changed))


def test_a_folder_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(FolderError, match="There is no folder"):
        read_folder(tmp_path / "nowhere")


def test_two_inputs_of_one_name_are_kept_apart():
    source = Source("List.XLSX", b"")
    assert (kept_name("schools", source), kept_name("facilitators", source)) == (
        "inputs/schools.xlsx",
        "inputs/facilitators.xlsx",
    )


def test_json_is_written_in_one_way_only():
    assert as_json({"b": "é", "a": [1]}) == '{\n "a": [\n  1\n ],\n "b": "é"\n}\n'.encode()
    with pytest.raises(ValueError, match="JSON"):
        as_json(float("nan"))


def test_a_folder_is_as_readable_as_any_other_new_one(tmp_path: Path):
    write_folder(tmp_path / "result", FILES, {})
    (tmp_path / "plain").mkdir()
    assert (tmp_path / "result").stat().st_mode == (tmp_path / "plain").stat().st_mode
    assert folders.MANIFEST in read_folder(tmp_path / "result")
