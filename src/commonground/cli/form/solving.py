"""Runs the engine with a progress bar. Ctrl-C stops the search and keeps the best that it has."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import click

from commonground.cli.form.inputs import Inputs
from commonground.engines.formation import Progress, Solution, alternatives, make_ready, solve

_TICKS = 1000
_SLOW = 2.0  # seconds of preparing after which we say why nothing moves


def solve_with_progress(inputs: Inputs, *, seconds: float, seed: int, others: int) -> tuple[Solution, ...]:
    """The engine's answer, then up to `others` alternatives. The bar stays away where standard error is no terminal."""
    prepare_aloud()
    with stop_on_interrupt() as stop, _bar(seconds) as show:

        def on_progress(progress: Progress) -> bool:
            show(progress)
            return not stop.is_set()

        options: dict[str, Any] = {"seconds": seconds, "seed": seed, "on_progress": on_progress}
        if others:
            return alternatives(inputs.market, inputs.rules, others + 1, **options)
        return (solve(inputs.market, inputs.rules, **options),)


def prepare_aloud() -> None:
    """Makes the search ready. It is compiled on the first run, which is no part of the time for the search."""
    said = "Preparing the search, on the first run only: up to a minute. The time for the search begins after it."
    late = threading.Timer(_SLOW, click.echo, [said], {"err": True})
    late.daemon = True
    late.start()
    try:
        make_ready()
    finally:
        late.cancel()


@contextmanager
def _bar(seconds: float) -> "Iterator[_Show]":
    label = "Forming groups (Ctrl-C keeps the best so far)"
    with click.progressbar(length=_TICKS, label=label, file=sys.stderr, item_show_func=_said, show_eta=False) as bar:
        show = _Show(bar, seconds)
        yield show
        bar.update(_TICKS - bar.pos)


class _Show:
    """Moves the bar with the clock of the search."""

    def __init__(self, bar: "click._termui_impl.ProgressBar[object]", seconds: float) -> None:
        self._bar = bar
        self._seconds = seconds

    def __call__(self, progress: Progress) -> None:
        reached = min(int(_TICKS * progress.seconds / self._seconds), _TICKS - 1)
        self._bar.current_item = progress  # what `item_show_func` is given
        self._bar.update(max(reached - self._bar.pos, 0))


def _said(progress: object) -> str | None:
    if not isinstance(progress, Progress) or progress.score is None:
        return None
    said = f"{len(progress.groups)} groups, {progress.score:,.1f} points"
    return said if progress.bound is None else f"{said}, at most {progress.bound:,.1f} possible"


@contextmanager
def stop_on_interrupt() -> Iterator[threading.Event]:
    """Set when Ctrl-C is pressed once; pressed again, Ctrl-C ends the program as usual."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def remember(number: int, frame: FrameType | None) -> None:
        stop.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, remember)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
