"""Child processes that never outlive the process that started them, not even when it is killed."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

PR_SET_PDEATHSIG = 1  # from Linux's <sys/prctl.h>: send this signal to me when my parent dies


def tie_to_parent(death: signal.Signals) -> Callable[[], None] | None:
    """What a fresh child runs before its program. Only Linux can do this; elsewhere a killed parent leaves its children."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(
        None, use_errno=True
    ).prctl  # looked up here: between fork and exec as little as possible may happen
    parent = os.getpid()

    def tie() -> None:
        prctl(PR_SET_PDEATHSIG, int(death), 0, 0, 0)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return tie


def start(
    command: Sequence[str], *, death: signal.Signals = signal.SIGTERM, **options: Any
) -> "subprocess.Popen[bytes]":
    """Start a child in a session of its own: Ctrl-C in the terminal reaches the parent only, which ends its children in order."""
    return subprocess.Popen(command, start_new_session=True, preexec_fn=tie_to_parent(death), **options)


def end(child: "subprocess.Popen[bytes]", how: signal.Signals = signal.SIGTERM, patience: float = 10) -> None:
    """Ask the child to end; after `patience` seconds, make it."""
    if child.poll() is None:
        child.send_signal(how)
    try:
        child.wait(patience)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
