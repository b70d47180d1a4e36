"""Where the browser is, and how it is started: the same on a developer's machine, in CI and in a container."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Playwright

FLAGS = [
    "--no-sandbox",  # tests may run as root, and open pages of our own alone
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class NoBrowserError(Exception):
    """No Chromium was found; the message says how to get one."""


def candidates(playwright: Playwright) -> Iterator[str]:
    yield os.environ.get("COMMONGROUND_CHROMIUM", "")
    yield playwright.chromium.executable_path
    yield from (shutil.which(name) or "" for name in NAMES)


def find_chromium(playwright: Playwright) -> str:
    """The first that is there: the one named in the environment, Playwright's own, the system's."""
    for path in candidates(playwright):
        if path and Path(path).exists():
            return path
    raise NoBrowserError(
        "No Chromium found. On Debian or Ubuntu: sudo apt-get install chromium. Elsewhere: name it in COMMONGROUND_CHROMIUM."
    )
