"""What the engine says, in the reader's language and with the names that people know."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from commonground.engines import formation as engine
from commonground.engines.formation import Reason
from commonground.site.directory.models import Organization
from commonground.site.directory.models.organization import Sector
from commonground.site.formation import standard
from commonground.site.formation.models import Round
from commonground.site.formation.models.choices import Language
from commonground.site.formation.queries.sentences import SENTENCES

# The parts of the score under the names that the weights of a round have.
PARTS = {part.name: part.label for part in standard.PARTS if part.name != "unranked"} | {
    "unplaced": _("Members without a group")
}
OUR_OWN = {
    "search_broke": _(
        "The search ended without an answer, perhaps for lack of memory. Nothing was changed. Start it again, with fewer "
        "seconds if it happens twice."
    ),
    "taken_back": _("The search was taken back before it began. Nothing was changed."),
    "taken_out": _("Staff took it out of its group by hand."),
    "withdrew": _("It has withdrawn its sign-up since."),
}
_LISTS = frozenset({"topics", "languages", "areas"})
# The checker knows members by their numbers only.
_BY_NUMBER = frozenset(code for code in SENTENCES if code.startswith("check_"))


class Wording:
    """The names behind the codes of one round: topics, focus areas, sectors, organizations. Built once per page."""

    def __init__(self, round: Round, organizations: Mapping[str, Organization] | None = None) -> None:
        self.round = round
        self.organizations = organizations or {}

    @cached_property
    def topics(self) -> dict[str, str]:
        return {topic.code: topic.name for topic in self.round.agency.topics.all()}

    @cached_property
    def areas(self) -> dict[str, str]:
        return {area.code: area.name for area in self.round.areas.all()}

    @cached_property
    def _sectors(self) -> dict[str, str]:
        return {str(value): str(label).lower() for value, label in Sector.choices}

    def topic(self, code: str) -> str:
        return self.topics.get(code) or self.areas.get(code) or code

    def area(self, code: str | None) -> str:
        return self.areas.get(code, code) if code else ""

    def member(self, name: str) -> str:
        """The organization whose number this is, by its name."""
        organization = self.organizations.get(name)
        return organization.name if organization else name

    def say(self, why: Reason | Mapping[str, Any]) -> str:
        """One reason of the engine (or of ours, as code and data) as a sentence."""
        code, data = (why.code, why.data) if isinstance(why, Reason) else (why["code"], why["data"])
        if code in OUR_OWN:
            return str(OUR_OWN[code])
        sentence = str(SENTENCES.get(code) or engine.SENTENCES[code])
        values = {name: self._value(code, name, value) for name, value in data.items()}
        if "because" in data:  # the reason behind this one, which the engine also gives in its own words
            values["why"] = self.say(data["because"])
        return sentence.format(**values)

    def say_all(self, reasons: Iterable[Reason | Mapping[str, Any]]) -> list[str]:
        return [self.say(why) for why in reasons]

    def _value(self, code: str, name: str, value: Any) -> Any:
        if name == "topic":
            return self.topic(value)
        if name == "area":
            return self.area(value)
        if name == "sector":
            return self._sectors.get(value, value)
        if name in {"lea", "member"}:
            return self.member(value)
        if code in _BY_NUMBER and isinstance(value, str):
            return ", ".join(self.member(part) for part in value.split(", "))
        if name in _LISTS and isinstance(value, str):
            return ", ".join(self._code(part) for part in value.split(", "))
        return self.say(value) if isinstance(value, Reason) else value

    def _code(self, code: str) -> str:
        """One of several codes in a list; a list that was cut ends in a count such as "(+2)"."""
        code, space, rest = code.partition(" ")
        languages: dict[str, str] = {str(key): str(label) for key, label in Language.choices}
        return (languages.get(code) or self.topic(code)) + space + rest
