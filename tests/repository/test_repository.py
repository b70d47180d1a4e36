"""What must hold of the repository as a whole, so that nobody has to remember it."""

import hashlib
import re
import subprocess
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Put together here, so that this list is not a find of its own test.
REGISTRIES = [
    ".".join(parts)
    for parts in [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("docker", "io"),
        ("ghcr", "io"),
        ("quay", "io"),
    ]
]
DOWNLOAD = re.compile(r"https?://\S+(/simple\b|\.(whl|tgz|deb)\b|\.tar\.gz\b)|(extra-)?index-" + "url ?=")
LEFT_OVER = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]) + r")\b")
GENERATED = ("requirements/", "LICENSE", "/vendor/", ".po", ".svg", ".json", ".csv", ".png")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


FILES = tracked()
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def texts() -> dict[str, str]:
    """Every file that is text, by its name."""
    found = {}
    for path in FILES:
        try:
            found[name_of(path)] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


TEXTS = texts()


def test_no_registry_is_named_and_no_download_address() -> None:
    named = {name for name, text in TEXTS.items() if DOWNLOAD.search(text) or any(host in text for host in REGISTRIES)}
    assert not named


def test_no_lock_file_records_addresses() -> None:
    locks = {"uv.lock", "poetry.lock", "Pipfile.lock", "yarn.lock", "package-lock.json"}
    assert not {name for name in TEXTS if Path(name).name in locks}


def test_every_locked_package_has_its_hashes() -> None:
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        requirements = re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n", "", path.read_text(), flags=re.MULTILINE).strip())
        assert requirements, path
        assert all("==" in one.split("\n")[0] and "--hash=sha256:" in one for one in requirements), path


def plain(requirement: str) -> str:
    """The normalized name in a requirement."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", requirement)[0]).lower()


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("engines", PROJECT["project"]["dependencies"]),
        ("engine-tests", PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["engine-tests"]),
        ("site", PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["site"]),
        ("dev", [one for one in PROJECT["dependency-groups"]["dev"] if isinstance(one, str)]),
        ("tools", PROJECT["dependency-groups"]["tools"] + PROJECT["build-system"]["requires"]),
    ],
)
def test_the_locks_hold_everything_that_the_project_names(lock: str, wanted: list[str]) -> None:
    locked = {plain(line) for line in (ROOT / "requirements" / f"{lock}.txt").read_text().splitlines() if "==" in line}
    assert {plain(one) for one in wanted} - {"commonground"} <= locked, "run `make lock`"


def test_the_engines_are_tested_without_django() -> None:
    for lock in ("engines", "engine-tests"):
        assert not re.search(r"^django\b", (ROOT / "requirements" / f"{lock}.txt").read_text(), re.MULTILINE)


def test_every_runtime_dependency_says_why_it_is_here() -> None:
    sections = re.findall(
        r"^(?:dependencies|pdf|site) = \[\n(.*?)^\]", (ROOT / "pyproject.toml").read_text(), re.M | re.S
    )
    lines = [line.strip() for section in sections for line in section.splitlines()]
    assert len(lines) > 20
    assert not [line for line in lines if "#" not in line and "commonground[" not in line]


def test_version_numbers_agree() -> None:
    newest = re.search(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest
    assert newest[1] == PROJECT["project"]["version"] == version("commonground")


def test_no_file_is_large_and_no_source_is_long() -> None:
    assert not [name_of(path) for path in FILES if path.stat().st_size > 1_000_000]
    sources = [name for name in TEXTS if name.endswith(".py") and "/migrations/" not in name]
    assert not [name for name in sources if TEXTS[name].count("\n") > 500]


def test_nothing_is_left_for_later_in_the_sources() -> None:
    assert not [name for name, text in TEXTS.items() if name.endswith((".py", ".html")) and LEFT_OVER.search(text)]


def test_every_vendored_file_is_listed_with_its_checksum_and_unchanged() -> None:
    lists = [path for path in FILES if path.name == "checksums.txt"]
    assert lists
    for listing in lists:
        wanted = dict(reversed(line.split(maxsplit=1)) for line in listing.read_text().splitlines())
        there = {f"./{path.relative_to(listing.parent).as_posix()}" for path in FILES if listing.parent in path.parents}
        assert set(wanted) == there - {"./checksums.txt"}
        for name, checksum in wanted.items():
            assert hashlib.sha256((listing.parent / name).read_bytes()).hexdigest() == checksum, name
