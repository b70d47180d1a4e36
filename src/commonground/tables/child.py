"""The child process of ``bounded``: takes an order and bytes on standard input, limits itself, answers in JSON."""

import contextlib
import importlib
import json
import sys
from pathlib import Path
from typing import Any

# The spreadsheet reader would load NumPy only to recognize its numbers; that costs time and a lot of address space.
sys.modules["numpy"] = None  # type: ignore[assignment]  # the documented way to make an import fail


def limit(memory_mb: int, seconds: float) -> None:
    """No more memory than now plus ``memory_mb``; an end of its own should the parent not be there to stop it."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # no such limits on this system
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most = pages * resource.getpagesize() + memory_mb * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 2, int(seconds) + 2))


def obey(order: dict[str, Any], payload: bytes) -> dict[str, Any]:
    """The answer to one order: ``result``, or ``stopped`` with the reason."""
    module, name = order["function"].split(":")
    function = getattr(importlib.import_module(module), name)
    limit(order["memory_mb"], order["seconds"])
    try:
        return {"result": function(payload, **order["options"])}
    except MemoryError:
        return {"stopped": "memory"}


def main() -> None:
    order = json.loads(sys.stdin.buffer.readline())
    answer = obey(order, sys.stdin.buffer.read())
    try:
        text = json.dumps(answer)
    except MemoryError:
        text = '{"stopped": "memory"}'
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
