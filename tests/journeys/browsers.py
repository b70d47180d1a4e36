"""Where the browser is, and how it is started: the same on a developer's machine, in CI and in a container."""

from tools import machine

FLAGS = [
    "--no-sandbox",  # tests may run as root, and open pages of our own alone
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class NoBrowserError(Exception):
    """No Chromium was found; the message says how to get one."""


def find_chromium() -> str:
    """The browser that `make test` found or installed."""
    found = machine.browser()
    if found is None:
        raise NoBrowserError(machine.NO_BROWSER)
    return str(found)
