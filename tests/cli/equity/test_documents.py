"""The equity tutorial's commands, in its order, in one folder."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
TUTORIAL = (ROOT / "docs/tutorials/publish-an-equity-report.md").read_text(encoding="utf-8")
COMMAND = re.compile(r"^\$ commonground (.*)$", re.MULTILINE)


def test_the_tutorial_can_be_followed(tmp_path: Path) -> None:
    said: dict[str, str] = {}
    for line in COMMAND.findall(TUTORIAL):
        words = line.replace('"Equity report of our city"', "Report").split()
        done = subprocess.run(
            [sys.executable, "-m", "commonground.cli", *words], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{line}: {done.stderr}"
        said[words[1]] = done.stdout
    assert {"example", "check", "report", "audit", "compare-rules"} <= said.keys()
    assert "none of them can be worked out" in said["report"]
    assert "Nothing that is withheld can be worked out." in said["audit"]
    assert (tmp_path / "report/index.html").is_file()
