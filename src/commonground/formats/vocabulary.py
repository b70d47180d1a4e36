"""One spelling per focus area and topic, whoever typed it."""

import difflib
from collections.abc import Iterable

from commonground.formats.texts import problem
from commonground.tables import Problem, normalized


class Vocabulary:
    """Names by what they mean: case and punctuation do not make two of one. A closed list refuses other names.

    An open one (nothing listed) takes every name, in the first spelling it meets.
    """

    def __init__(self, listed: Iterable[str] = ()) -> None:
        self._names = {normalized(name): name for name in listed}
        self._closed = bool(self._names)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._names.values())

    def spell(self, name: str) -> str | None:
        """The name as this vocabulary writes it; None where a closed list does not have it."""
        key = normalized(name)
        if not self._closed:
            return self._names.setdefault(key, name)
        return self._names.get(key)

    def refusal(self, name: str, file: str, row: int | None, column: str | None) -> Problem:
        """Says that a closed list does not have this name, and which one comes near."""
        close = difflib.get_close_matches(normalized(name), list(self._names), n=1, cutoff=0.6)
        if close:
            suggestion = self._names[close[0]]
            return problem("misspelled_name", file, row, column, found=name, suggestion=suggestion)
        return problem("unknown_name", file, row, column, found=name, known=", ".join(self.names))
