"""The style sheets and scripts that every page loads: unchanged since they were vendored, and light enough for a phone."""

import gzip
import hashlib
import re
from pathlib import Path

import commonground.site.ui

STATIC = Path(commonground.site.ui.__file__).parent / "static" / "ui"
VENDOR = STATIC / "vendor"
LOADED = ["vendor/uswds.css", "ui.css", "vendor/htmx.min.js", "ui.js"]
MOST_BYTES = 65 * 1024


def checksums() -> dict[str, str]:
    lines = (VENDOR / "checksums.txt").read_text().splitlines()
    return {name.removeprefix("./"): digest for digest, name in (line.split() for line in lines)}


def test_vendored_files_are_those_of_the_checksum_list() -> None:
    files = {str(path.relative_to(VENDOR)): path for path in VENDOR.rglob("*") if path.is_file()}
    del files["checksums.txt"]
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()} == checksums()


def test_every_vendored_library_brings_its_licence() -> None:
    assert {"uswds.LICENSE.md", "htmx.LICENSE"} <= set(checksums())


def test_style_and_script_weigh_at_most_65_kilobytes_compressed() -> None:
    weights = {name: len(gzip.compress((STATIC / name).read_bytes(), 9)) for name in LOADED}
    assert sum(weights.values()) <= MOST_BYTES, weights


def test_every_picture_that_the_style_sheet_names_is_there() -> None:
    named = set(re.findall(r'url\("(img/[^"]+)"\)', (VENDOR / "uswds.css").read_text()))
    assert named
    assert not [name for name in named if not (VENDOR / name).exists()]


def test_pictures_carry_no_style_that_the_content_security_policy_would_refuse() -> None:
    assert not [
        path for path in STATIC.rglob("*.svg") if re.search(r"<style|style=|<script|\son\w+=", path.read_text())
    ]
