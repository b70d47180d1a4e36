"""Words of invented schools: goals that read as if somebody had thought about them, put together from whole sentences."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random

HOPES = (
    "In two years we want to show each other real student work and not be polite about it.",
    "We would be glad to visit a school that has tried and failed, not only one that shines.",
    "By next spring we want one change that every teacher here can name.",
    "We can host. Our gym is ugly and our coffee is good.",
    "What we would like most is somebody to call on a Wednesday when it does not work.",
    "We are a small staff, so please start with one thing.",
    "Our board asked for results in a year. We told them that it takes two.",
    "Two of our teachers have waited for something like this since we opened.",
    "We want partners who look at numbers with us and do not use them against anybody.",
    "We have been the ones who give advice. This time we would rather learn.",
    "We hope to keep meeting after the program has ended.",
    "If it helps even the three students I am thinking of, it was worth the drive.",
    "A success for us: our own teachers leading it in the second year.",
    "We would like our students to be in the room when schools visit each other.",
)
OWN_WORDS = (
    "Keeping the arts when the schedule gets tight",
    "Working with grandparents who raise our students",
    "Calm starts to the day after long bus rides",
    "Helping students who care for brothers and sisters",
    "Sharing one nurse between three buildings",
    "Teaching the history of our own valley",
)
NOTES = {
    "good": (
        "We shared a summer program and it went well.",
        "Their coach came to us for a year. We would do it again.",
        "Our staffs trained together in reading, and we still trade lessons.",
    ),
    "bad": (
        "The last project ended in a quarrel about rooms. It may be too early.",
        "They left the joint program in the middle of the year without a word.",
    ),
}


@dataclass(frozen=True)
class Voice:
    """What one topic sounds like: sentences of need and of strength, and the focus areas it belongs to."""

    topic: str
    areas: tuple[str, ...]
    need: tuple[str, ...]
    strength: tuple[str, ...]


@cache
def voices() -> tuple[Voice, ...]:
    raw = tomllib.loads(files(__package__).joinpath("phrases.toml").read_text(encoding="utf-8"))
    return tuple(
        Voice(topic, tuple(one["areas"]), tuple(one["need"]), tuple(one["strength"])) for topic, one in raw.items()
    )


def goals(needs: list[Voice], strengths: list[Voice], chance: Random) -> str:
    """Three or four sentences: what is hard, what goes well, what they hope for."""
    parts = [chance.choice(needs[0].need)]
    if len(needs) > 1 and chance.random() < 0.45:
        parts.append(chance.choice(needs[1].need))
    parts.append(chance.choice(strengths[0].strength))
    if chance.random() < 0.8:
        parts.append(chance.choice(HOPES))
    return " ".join(_filled(part, chance) for part in parts)


def _filled(sentence: str, chance: Random) -> str:
    return sentence.format(
        n=chance.randrange(14, 62),
        part=chance.randrange(17, 43),
        small=chance.choice(["three", "four", "five", "six"]),
        year=chance.choice([2023, 2024, 2025]),
    )
