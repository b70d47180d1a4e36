"""Where a partnership came from: why these together, and the history of the round that formed it.

Each statement is a code with its values, so that every reader sees it in their own language. The values hold names and numbers as
they were on that day; nothing here changes when a topic is renamed or a round is deleted.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models
from django.utils.formats import localize
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from commonground.site.partnership.models.partnership import Partnership

SENTENCES: Mapping[str, "Promise | str"] = {
    # why these together
    "focus_area": _("Every member chose {area} as a focus area."),
    "shared_need": _("{members} need the same: {topic}."),
    "exchange": _("{topic}: {offered_by} can share what works with {needed_by}."),
    "near": _("The longest way between two members is about {travel} km, as estimated on the map on that day."),
    "near_minutes": _(
        "The longest way between two members is about {travel} minutes of driving, by the host agency's file of drive times."
    ),
    # the history of the round
    "round_opened": _("{agency} opened the round “{round}”."),
    "signed_up": _("{count} schools and districts signed up."),
    "solved": _(
        "The groups were formed under the rules of the round. No other way scores more than {gap} points better."
    ),
    "adjusted": _("Staff of {agency} went over the groups and changed some by hand."),
    "released": _("{agency} sent the proposal to the leaders of all members."),
    "refilled": _("{organization} joined the proposal later, in a place that had become free."),
    "accepted": _("{organization} accepted ({title})."),
    "facilitator": _("{position} was asked to facilitate."),
    "founded": _("All members had accepted: the partnership began."),
}


def in_language(words: Mapping[str, str]) -> str:
    """The words in the reader's language, or in English, or in whatever language there is."""
    language = (get_language() or "en").split("-")[0]
    return words.get(language) or words.get("en") or next(iter(words.values()), "")


def listed(names: list[str]) -> str:
    """ "A, B and C" in the reader's language."""
    if len(names) < 2:
        return "".join(names)
    last = str(pgettext_lazy("the last two of a list of names", "{first} and {last}"))
    return last.format(first=", ".join(names[:-1]), last=names[-1])


def spoken(value: Any) -> str:
    """One value of a statement as a reader sees it: words by language, a list of names, a number."""
    if isinstance(value, Mapping):
        return in_language(value)
    if isinstance(value, list):
        return listed([spoken(part) for part in value])
    return str(localize(value)) if isinstance(value, int | float) else str(value)


class Part(models.TextChoices):
    WHY = "why", _("Why these together")
    HISTORY = "history", _("How it came about")


class OriginStatement(models.Model):
    """One statement about a partnership's beginning. Written when it is founded, never changed."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    partnership = models.ForeignKey(Partnership, models.CASCADE, related_name="origin", verbose_name=_("partnership"))
    part = models.CharField(_("part"), max_length=10, choices=Part)
    at = models.DateTimeField(_("when"), null=True, blank=True)
    code = models.CharField(_("statement"), max_length=40)
    data = models.JSONField(_("values"), default=dict)

    class Meta:
        ordering = ("-part", "at", "pk")  # why, then history
        verbose_name = _("statement of origin")
        verbose_name_plural = _("statements of origin")

    def __str__(self) -> str:
        return str(SENTENCES[self.code]).format(**{name: spoken(value) for name, value in self.data.items()})
