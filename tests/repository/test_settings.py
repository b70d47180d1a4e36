"""The settings reference lists every variable that the product reads, and none that it does not."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference" / "settings.md"
NAME = re.compile(r"\bCOMMONGROUND_[A-Z_]*[A-Z]\b|\bDATABASE_URL\b")

# An environment that notes which names are asked for, also those that are put together from parts.
READ_THE_SETTINGS = """
import os
class Noted(dict):
    def get(self, name, default=None):
        print(name)
        return super().get(name, default)
    def __getitem__(self, name):
        print(name)
        return super().__getitem__(name)
    def __contains__(self, name):
        print(name)
        return super().__contains__(name)
os.environ = Noted(os.environ)
import commonground.site.config.settings
"""


def documented() -> set[str]:
    return {
        name
        for line in REFERENCE.read_text().splitlines()
        if line.startswith("| `")
        for name in NAME.findall(line.split("|")[1])
    }


def read_by_the_settings() -> set[str]:
    said = subprocess.run([sys.executable, "-c", READ_THE_SETTINGS], capture_output=True, text=True, check=True)
    return set(NAME.findall(said.stdout))


def written_in_the_sources() -> set[str]:
    files = [*(ROOT / "src").rglob("*.py"), *(ROOT / "tools").rglob("*.py")]
    return {name for file in files for name in NAME.findall(file.read_text())}


def test_every_variable_is_documented_and_no_other() -> None:
    assert documented() == read_by_the_settings() | written_in_the_sources()


def test_the_example_for_operators_sets_only_documented_variables() -> None:
    example = (ROOT / "deploy" / "example.env").read_text()
    assert set(NAME.findall(example)) <= documented()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "identified no issues"),
        ({"COMMONGROUND_SECRET_KEY": "too short"}, "COMMONGROUND_SECRET_KEY has 9 characters; it needs at least 50."),
        ({"COMMONGROUND_HTTPS": "yes"}, "COMMONGROUND_HTTPS is 'yes'; it must be 1 or 0."),
        ({"DATABASE_URL": "mysql://somewhere/site"}, "Common Ground needs PostgreSQL 16 or newer."),
        ({"COMMONGROUND_SECRET_KEY": ""}, "Set COMMONGROUND_SECRET_KEY"),
    ],
)
def test_a_deployment_passes_djangos_checks_and_a_wrong_setting_is_named(
    settings: dict[str, str], sentence: str
) -> None:
    installation = {
        "DATABASE_URL": "postgresql://site:secret@database/site",
        "COMMONGROUND_SECRET_KEY": "0123456789abcdefghij" * 3,
        "COMMONGROUND_URL": "https://commonground.example",
        "COMMONGROUND_BEHIND_PROXY": "1",
        "DJANGO_SETTINGS_MODULE": "commonground.site.config.settings",
        "PATH": os.environ["PATH"],
    }
    command = [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"]
    said = subprocess.run(command, env=installation | settings, capture_output=True, text=True)
    assert sentence in said.stdout + said.stderr
