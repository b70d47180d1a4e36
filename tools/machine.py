"""What the machine must have beside Python: a browser for the journeys, and Pango for reports as PDF. Java lets Spark be tested.

    python -m tools.machine tests    finds or installs both, or says what is missing and fails
    python -m tools.machine demo     says what the demo will do without

Root installs Debian's packages; everybody else is told the one command that does. Tests take the browser from `browser()`.
"""

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_BROWSER = (
    "The tests need Chromium. On Debian or Ubuntu: sudo apt-get install chromium. "
    "Elsewhere: name it in COMMONGROUND_BROWSER."
)
JAVA = "default-jre-headless"
NO_JAVA = f"Without Java, figures are tested on DuckDB only and not on Spark. On Debian or Ubuntu: sudo apt-get install {JAVA}"
PANGO = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")
PANGO_PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def browser() -> Path | None:
    """A Chromium: the one that COMMONGROUND_BROWSER names, one on the path, or Playwright's own; None if there is none."""
    if named := os.environ.get("COMMONGROUND_BROWSER"):
        return Path(named)
    for name in BROWSERS:
        if found := shutil.which(name):
            return Path(found)
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    return next((path for path in sorted(cache.glob("chromium-*/chrome-linux*/chrome"), reverse=True)), None)


def has_pango() -> bool:
    try:
        for library in PANGO:
            ctypes.CDLL(library)
    except OSError:
        return False
    return True


def install(*packages: str) -> bool:
    """Install Debian's packages, which only root can; says what it does, since it takes a while."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    say(f"Installing {' '.join(packages)} ...")
    quietly = {"env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, "stdout": subprocess.DEVNULL}
    subprocess.run(["apt-get", "update", "-qq"], check=False, **quietly)  # type: ignore[call-overload]
    command = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *packages]
    return subprocess.run(command, check=False, **quietly).returncode == 0  # type: ignore[call-overload,no-any-return]


def download_browser() -> bool:
    """Playwright's own Chromium, for those who may not install packages."""
    say("Downloading a browser for the tests ...")
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    return subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def missing_for_tests() -> list[str]:
    """Sentences about what is still missing after everything was tried."""
    missing = []
    if browser() is None and not install("chromium", "fonts-liberation") and not download_browser():
        missing.append(NO_BROWSER)
    if not has_pango() and not install(*PANGO_PACKAGES):
        missing.append(f"The tests need Pango. On Debian or Ubuntu: sudo apt-get install {' '.join(PANGO_PACKAGES)}")
    return missing


def main(what: str) -> int:
    if what == "tests":
        if not shutil.which("java") and not install(JAVA):
            say(NO_JAVA)
        missing = missing_for_tests()
        for sentence in missing:
            say(sentence)
        return bool(missing)
    if not has_pango():
        say(
            "Reports as PDF are not available without Pango; everything else is. "
            f"On Debian or Ubuntu: sudo apt-get install {' '.join(PANGO_PACKAGES)}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
