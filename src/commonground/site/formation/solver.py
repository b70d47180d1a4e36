"""Runs the engine in a process of its own, beside the worker that waits for it.

A long search would hold the worker's interpreter, so that its heartbeat stops and it counts as dead; and a search that fills the
memory should take only itself down. The child imports the engine and nothing of the site. It ends by itself when its parent is
gone: the pipe between them then closes.
"""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection

from commonground.engines import formation
from commonground.engines.formation import FormationError, Group, Market, Progress, Reason, Rules, Solution

LOOK_EVERY = 0.5  # seconds


class SearchBrokeError(Exception):
    """The child ended without an answer: killed, out of memory, or by a mistake of ours that its own output tells."""


@dataclass(frozen=True)
class Order:
    """What to search: the members, the rules, how long, and how many different answers."""

    market: Market
    rules: Rules
    seconds: float
    wanted: int = 1
    seed: int = 1
    start: tuple[Group, ...] | None = None


@dataclass(frozen=True)
class Found:
    """One answer, and what the separate checker says is wrong with it and its proof (nothing, if all is well)."""

    solution: Solution
    problems: tuple[Reason, ...]


def search(order: Order, watch: Callable[[Progress | None], bool]) -> tuple[Found, ...]:
    """Search in a child process. `watch` gets the latest progress about twice a second and stops the search by returning False.

    Raises the engine's FormationError for sign-ups and rules that cannot give any groups, SearchBrokeError if the child died.
    """
    context = get_context("spawn")  # a fork would copy the worker's threads' locks and its database connections
    here, there = context.Pipe()
    child = context.Process(target=_work, args=(order, there), name="search")
    child.start()
    there.close()
    try:
        return _follow(here, watch)
    finally:
        here.close()
        child.kill()
        child.join()


def _follow(pipe: "Connection[str, object]", watch: Callable[[Progress | None], bool]) -> tuple[Found, ...]:
    latest: Progress | None = None
    told = False
    while True:
        while pipe.poll(LOOK_EVERY):
            try:
                message = pipe.recv()
            except (EOFError, ConnectionResetError):
                raise SearchBrokeError from None
            if isinstance(message, FormationError):
                raise message
            if isinstance(message, tuple):
                return message
            if isinstance(message, Progress):
                latest = message
                break  # let the watcher see it; a fast engine must not keep us here
        if not watch(latest) and not told:
            told = True
            pipe.send("stop")


def _work(order: Order, pipe: "Connection[object, str]") -> None:
    """What the child does."""
    stop = threading.Event()
    threading.Thread(target=_listen, args=(pipe, stop), daemon=True).start()

    def tell(progress: Progress) -> bool:
        pipe.send(progress)
        return not stop.is_set()

    formation.make_ready()
    try:
        pipe.send(
            tuple(Found(each, formation.check(order.market, order.rules, each).reasons) for each in _solve(order, tell))
        )
    except FormationError as refusal:
        pipe.send(refusal)


def _listen(pipe: "Connection[object, str]", stop: threading.Event) -> None:
    try:
        pipe.recv()
        stop.set()
        pipe.recv()  # nothing more is ever said: this returns when the parent is gone
    except (EOFError, OSError):
        os._exit(1)


def _solve(order: Order, tell: Callable[[Progress], bool]) -> tuple[Solution, ...]:
    if order.wanted > 1:
        return formation.alternatives(
            order.market, order.rules, order.wanted, seconds=order.seconds, seed=order.seed, on_progress=tell
        )
    solution = formation.solve(
        order.market, order.rules, seconds=order.seconds, seed=order.seed, on_progress=tell, start=order.start
    )
    return (solution,)
