"""What can be wrong with a market, said so that the person who made the file can mend it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: which thing, which of its fields, what is wrong and what to do.

    `kind` and `name` point at the thing ("application", "A0017"); a file reader turns them into a row.
    """

    kind: str
    name: str
    field: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}, {self.field}: {self.message} {self.remedy}"


class MarketError(ValueError):
    """The market cannot be drawn as it stands; `problems` says everything that was found, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
