"""Runs a function on bytes that a stranger sent, in a process of its own with limits on time and memory.

A parser can be made to loop, to fill the memory or to crash; then only the child ends, and the caller learns why.
The child gets the bytes on its standard input and answers in JSON: it needs no file, and no environment variable
that could hold a secret. Memory is limited where the system can (Linux); the limit on time holds everywhere.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

_KEPT_VARIABLES = (
    "PATH",
    "PYTHONPATH",
    "PYTHONHOME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "TEMP",
    "TMP",
    "SYSTEMROOT",
    "LD_LIBRARY_PATH",
)


class StoppedError(Exception):
    """The child was stopped or broke down: ``reason`` is ``time``, ``memory`` or ``crash``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def run_bounded(
    function: str, payload: bytes, options: Mapping[str, Any] | None = None, *, seconds: float, memory_mb: int
) -> Any:
    """What ``function`` (``"package.module:name"``, called as ``name(payload, **options)``) returns, through JSON.

    Raises ``StoppedError`` when it takes more than ``seconds`` of wall-clock time or ``memory_mb`` of memory beyond
    its own code, or when it ends without an answer.
    """
    order = {"function": function, "options": dict(options or {}), "seconds": seconds, "memory_mb": memory_mb}
    command = [sys.executable, "-P", "-m", "commonground.tables.child"]
    environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    try:
        done = subprocess.run(
            command,
            input=json.dumps(order).encode() + b"\n" + payload,
            capture_output=True,
            timeout=seconds,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise StoppedError("time") from None
    return _answer(done)


def _answer(done: "subprocess.CompletedProcess[bytes]") -> Any:
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise StoppedError("crash") from None
    if "stopped" in answer:
        raise StoppedError(answer["stopped"])
    return answer["result"]
