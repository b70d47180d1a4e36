"""Environments for the peers that benchmarks run beside us, since the product needs none of them."""

import subprocess
import venv
from pathlib import Path

HOME = Path(__file__).resolve().parents[1] / ".var"


def interpreter(name: str, packages: tuple[str, ...]) -> Path:
    """The Python of `.var/NAME`, which has these packages; made anew when they are others than at the last call."""
    home, made = HOME / name, "\n".join(packages)
    python, ready = home / "bin" / "python", home / "ready"
    if not ready.exists() or ready.read_text() != made:
        venv.create(home, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True)
        ready.write_text(made)
    return python
