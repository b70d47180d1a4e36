"""What a search hands over."""

from dataclasses import dataclass, field

from commonground.engines.disclosure.suppression.problem import Bools, Ints

EQUAL = 1e-9  # weights this close, relative, count as equal


@dataclass
class Outcome:
    """The best pattern of a model, the proven lower bound of any pattern's weight, and each target's moved cells."""

    hidden: Bools
    weight: float
    bound: float
    moves: list[Ints] = field(default_factory=list)
    hopeless: list[int] = field(default_factory=list)  # targets that nothing protects

    @property
    def proven(self) -> bool:
        return self.weight - self.bound <= EQUAL * max(1.0, self.weight)
