"""The clock of a search: how long it may still run, and whom it tells how far it is."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

Clock = Callable[[], float]


@dataclass(frozen=True)
class Progress:
    """How a search stands: the stage in a word, the weight hidden by the best pattern (infinite before the first)."""

    stage: str
    seconds: float
    weight: float
    lower_bound: float


Listener = Callable[[Progress], bool | None]


@dataclass
class Watch:
    """Time runs from birth; the listener stops the search by returning False."""

    seconds: float
    listener: Listener | None = None
    clock: Clock = time.monotonic
    stopped: bool = False
    begun: float = field(init=False)

    def __post_init__(self) -> None:
        self.begun = self.clock()

    def passed(self) -> float:
        return self.clock() - self.begun

    def left(self) -> float:
        return max(0.0, self.seconds - self.passed())

    def over(self) -> bool:
        return self.stopped or self.passed() >= self.seconds

    def until(self, seconds: float) -> "Watch":
        """A watch for a part of the search: at most `seconds` of what is left."""
        return Watch(0.0 if self.over() else min(seconds, self.left()), None, self.clock)

    def tell(self, stage: str, weight: float, lower_bound: float) -> None:
        if self.listener and self.listener(Progress(stage, self.passed(), weight, lower_bound)) is False:
            self.stopped = True
