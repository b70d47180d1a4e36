"""Student groups as data: families such as race or disability, the groups in each, and crossings of two families.

Groups of a family never overlap and, with "unknown", add up to all students: a value that the definitions do not name is
unknown. A group's id is "family:group"; a crossing joins two ids by "*", families in alphabetical order.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from commonground.engines.measures.figures import ALL

UNKNOWN = "unknown"
STUDENT_COLUMNS = ("race", "sex", "english_learner", "disability", "at_risk")


@dataclass(frozen=True, slots=True)
class Group:
    """One group of a family: the values of the column that make a student belong, and its name in both languages."""

    id: str
    values: tuple[str, ...]
    name_en: str
    name_es: str


@dataclass(frozen=True, slots=True)
class Family:
    """Groups that divide the students by one column of `students`; the last of them is always the unknown."""

    id: str
    column: str
    name_en: str
    name_es: str
    groups: tuple[Group, ...]

    def of(self, value: str) -> str:
        """The id of the group that a value belongs to, "race:black"."""
        found = (group.id for group in self.groups if value in group.values)
        return f"{self.id}:{next(found, UNKNOWN)}"

    def ids(self) -> tuple[str, ...]:
        return tuple(f"{self.id}:{group.id}" for group in self.groups)


@dataclass(frozen=True, slots=True)
class Groups:
    """The families that figures are reported for, and which pairs of them are crossed."""

    families: tuple[Family, ...]
    crossings: tuple[tuple[str, str], ...]

    def sets(self) -> tuple[tuple[str, ...], ...]:
        """The families of each grouping set: none (all students), each family, each crossing in alphabetical order."""
        singles = [(family.id,) for family in self.families]
        crossed = [(min(pair), max(pair)) for pair in self.crossings]
        return ((), *singles, *crossed)

    def family(self, name: str) -> Family:
        return next(family for family in self.families if family.id == name)

    def rows(self) -> Iterator[dict[str, str]]:
        """A row for each group under the schema `figures.GROUPS`."""
        yield {"group": ALL, "family": "", "name_en": "All students", "name_es": "Todos los estudiantes"}
        for names in self.sets():
            families = [self.family(name) for name in names]
            for members in product(*(family.groups for family in families)) if families else ():
                ids = [f"{family.id}:{group.id}" for family, group in zip(families, members, strict=True)]
                yield {
                    "group": "*".join(ids),
                    "family": "*".join(names),
                    "name_en": ", ".join(group.name_en for group in members),
                    "name_es": ", ".join(group.name_es for group in members),
                }

    def ids(self) -> frozenset[str]:
        return frozenset(row["group"] for row in self.rows())
