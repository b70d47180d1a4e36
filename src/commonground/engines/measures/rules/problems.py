"""What can be wrong in a rules file, said so that whoever wrote it can mend it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """One fault: the file, the key ("metric chronic_absence, grades"), what is wrong and what to do."""

    file: str
    key: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}, {self.key}: {self.message} {self.remedy}"


class RulesError(ValueError):
    """The rules cannot be used; `problems` says everything that was found, not only the first."""

    def __init__(self, problems: Iterable[RuleProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
