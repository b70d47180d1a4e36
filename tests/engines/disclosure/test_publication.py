"""A publication is a folder that anybody can check, written whole or not at all."""

import json
from pathlib import Path

import pyarrow as pa
import pytest

from commonground.engines.disclosure.publication import FIGURES, Manifest, Publication, PublicationError

ROW = {
    **dict.fromkeys(("low", "high", "students_low", "students_high", "numerator_low", "numerator_high")),
    "year": "2025", "metric": "absent", "version": "1", "level": "school", "entity": "01, north", "grade": "all",
    "period": "year", "group": "all", "status": "withheld", "text": "–", "reason": "small_group",
    "corrected": "",
}  # fmt: skip
SHOWN = {**ROW, "group": "sex:male", "status": "range", "low": 0.095, "high": 0.195, "text": "10–19 %", "reason": ""}


def release(rows: list[dict[str, object]] | None = None) -> Publication:
    return Publication(
        manifest=Manifest("Report “A”", "2025-10-01", ("2025",), 10, 0.3, 3, {"students": 10}, "ab", ("cd",)),
        figures=pa.Table.from_pylist(rows or [ROW, SHOWN], FIGURES),
        entities=pa.table({"entity": ["01, north"], "name": ['The "north"']}),
        groups=pa.table({"group": ["all"], "family": [""]}),
        metrics=pa.table({"metric": ["absent"], "adds_over_groups": [True]}),
    )


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    digest = release().write(tmp_path / "data")
    again = Publication.read(tmp_path)  # the folder above is enough
    assert again.figures.equals(release().figures)
    assert again.entities.equals(release().entities)
    assert again.metrics["adds_over_groups"].to_pylist() == [True]
    assert again.manifest.earlier == ("cd",)
    assert again.manifest.digest == digest


def test_the_same_release_gives_the_same_bytes() -> None:
    assert release().files() == release().files()


def test_a_changed_file_is_not_read(tmp_path: Path) -> None:
    release().write(tmp_path / "data")
    path = tmp_path / "data" / "figures.csv"
    path.write_bytes(path.read_bytes().replace(b"0.195", b"0.105"))
    with pytest.raises(PublicationError, match=r"figures\.csv is not the file that was published"):
        Publication.read(tmp_path / "data")


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    release().write(tmp_path / "data")
    (tmp_path / "data" / "groups.csv").unlink()
    with pytest.raises(PublicationError, match=r"groups\.csv cannot be read"):
        Publication.read(tmp_path / "data")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "other/1"}, "is not of the format"),
        ({"required": {"share": 0.3}}, "says nothing about 'least'"),
        ({"minimum": "ten"}, "cannot be read as JSON"),
    ],
)
def test_a_manifest_that_does_not_fit_is_explained(change: dict[str, object], message: str) -> None:
    record = json.loads(release().manifest.to_bytes()) | change
    with pytest.raises(PublicationError, match=message):
        Manifest.from_bytes(json.dumps(record).encode(), "manifest.json")


def test_no_release_is_overwritten(tmp_path: Path) -> None:
    release().write(tmp_path / "data")
    with pytest.raises(PublicationError, match="exists already"):
        release().write(tmp_path / "data")


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("commonground.folders.os.fsync", full)
    with pytest.raises(PublicationError, match="No space left"):
        release().write(tmp_path / "data")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("column", "value"), [("status", "hidden"), ("reason", "because")])
def test_words_outside_the_format_are_refused(column: str, value: str) -> None:
    with pytest.raises(PublicationError, match=value):
        release([{**ROW, column: value}])
