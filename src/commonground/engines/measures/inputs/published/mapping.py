"""What a published file calls things, read from TOML: no exhibit, group or metric of it stands in the code."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SHIPPED = Path(__file__).with_name("mapping.toml")


@dataclass(frozen=True, slots=True)
class PublishedMetric:
    """One metric: in which exhibits it stands (the first that has a place and year counts), and what it means here.

    `size` and `hidden` name the metrics of the same exhibit that give the denominator, and say (1) that the publisher
    withheld the figure. `type` is a value that the file's column `type` must have; "" for any.
    """

    id: str
    kind: str
    exhibits: tuple[str, ...]
    metric: str
    population: str
    name_en: str
    name_es: str
    sentence_en: str
    sentence_es: str
    type: str = ""
    size: str = ""
    hidden: str = ""
    within: str = ""
    by_month: bool = False


@dataclass(frozen=True, slots=True)
class PublishedMapping:
    """Everything that is known about one kind of published file."""

    title: str
    from_year: str
    levels: Mapping[str, str]
    populations: Mapping[str, tuple[str, ...]]
    groups: Mapping[str, str]
    rest: Mapping[str, str]
    grades: Mapping[str, str]
    metrics: tuple[PublishedMetric, ...]


def read_mapping(path: Path = SHIPPED) -> PublishedMapping:
    """The mapping in a TOML file.

    Raises:
        tomllib.TOMLDecodeError, KeyError, TypeError: the file is no mapping.
    """
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    metrics = tuple(PublishedMetric(**one | {"exhibits": tuple(one["exhibits"])}) for one in told["metric"])
    populations = {level: tuple(names) for level, names in told["populations"].items()}
    return PublishedMapping(
        told["title"],
        told["from_year"],
        told["levels"],
        populations,
        told["groups"],
        told["rest"],
        told["grades"],
        metrics,
    )
