"""The steps of a sign-up. Each is a small form that knows how to read its answers from a sign-up and how to hand them back.

`partial` is for "save and finish later": what is required may then be missing, but what is there must make sense.
"""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonground.site.directory.models import Organization, Person
from commonground.site.formation.actions.answers import Answers, Chosen, Past
from commonground.site.formation.forms.organizations import OrganizationField
from commonground.site.formation.models import SignUp, Topic
from commonground.site.formation.models.choices import (
    LEVELS,
    Capacity,
    GradeBand,
    Importance,
    Language,
    Outcome,
    ReadinessLevel,
    Side,
)
from commonground.site.formation.models.signups import READINESS
from commonground.site.formation.queries.eligibility import eligible
from commonground.site.formation.queries.summary import distance
from commonground.site.formation.queries.topics import by_family, final_topics

MOST_CHOICES = 10
OWN_WORDS = 2


class StepForm(forms.Form):
    """One step of a sign-up."""

    template = "formation/step_plain.html"

    def __init__(self, signup: SignUp, person: Person, data: Any = None, *, partial: bool = False) -> None:
        self.signup = signup
        self.person = person
        self.partial = partial
        super().__init__(data, initial=self.read())
        self.prepare()
        if partial:
            for field in self.fields.values():
                field.required = False

    def read(self) -> dict[str, Any]:
        """The answers so far, as initial values."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Fields that depend on the sign-up and its round."""

    def answers(self) -> Answers:
        """The cleaned answers, for `actions.signups.answer`."""
        raise NotImplementedError


class TopicsForm(StepForm):
    """Needs or strengths: one choice of importance per topic, and own words for what the list does not name."""

    template = "formation/step_topics.html"
    side: Side
    nothing = gettext_lazy("Choose at least one topic, or use your own words.")

    def read(self) -> dict[str, Any]:
        topics = final_topics(self.signup.round.agency)
        initial: dict[str, Any] = {}
        words = []
        for choice in self.signup.choices.filter(side=self.side).order_by("pk"):
            if choice.words:
                words.append((choice.words, choice.importance))
            elif choice.topic_id:
                name = f"topic_{topics[choice.topic_id].pk}"
                initial[name] = max(initial.get(name, 0), choice.importance)
        for number, (text, importance) in enumerate(words, start=1):
            initial |= {f"words_{number}": text, f"level_{number}": importance}
        return initial

    def prepare(self) -> None:
        self._families = by_family(self.signup.round.agency)
        self._topics = {topic.pk: topic for _label, topics in self._families for topic in topics}
        self._families += self._gone()
        levels = list(LEVELS[self.side].items())
        for topic in self._topics.values():
            self.fields[f"topic_{topic.pk}"] = forms.TypedChoiceField(
                label=topic.name,
                help_text=topic.explanation,
                choices=[("", gettext_lazy("Not now")), *levels],
                coerce=int,
                empty_value=None,
                required=False,
            )
        for number in range(1, OWN_WORDS + 1):
            self.fields[f"words_{number}"] = forms.CharField(
                label=gettext_lazy("Something else, in your own words"), max_length=200, required=False
            )
            self.fields[f"level_{number}"] = forms.TypedChoiceField(
                label=gettext_lazy("How much"), choices=levels, coerce=int, initial=2, required=False
            )

    def _gone(self) -> list[tuple[str, list[Topic]]]:
        """Topics that were retired after this sign-up chose them: they stay, until they are taken away here."""
        kept = [int(name.removeprefix("topic_")) for name in self.initial if name.startswith("topic_")]
        gone = list(Topic.objects.filter(pk__in=kept).exclude(pk__in=self._topics))
        self._topics |= {topic.pk: topic for topic in gone}
        return [(_("Chosen before, no longer offered"), gone)] if gone else []

    def families(self) -> Iterator[tuple[str, list[BoundField], int]]:
        """Name of each family, its fields, and how many of them are chosen."""
        for label, topics in self._families:
            fields = [self[f"topic_{topic.pk}"] for topic in topics]
            yield label, fields, sum(bool(field.value()) for field in fields)

    def own_words(self) -> list[BoundField]:
        return [self[f"{name}_{number}"] for number in range(1, OWN_WORDS + 1) for name in ("words", "level")]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        count = len(self._chosen(cleaned))
        if count == 0 and not self.partial:
            self.add_error(None, self.nothing)
        if count > MOST_CHOICES:
            text = _("You chose %(count)s. Choose at most %(most)s, so that it is clear what matters most.")
            self.add_error(None, text % {"count": count, "most": MOST_CHOICES})
        return cleaned

    def _chosen(self, cleaned: dict[str, Any]) -> list[Chosen]:
        listed = [
            Chosen(topic, "", int(cleaned[f"topic_{pk}"]))
            for pk, topic in self._topics.items()
            if cleaned.get(f"topic_{pk}")
        ]
        own = [
            Chosen(None, cleaned[f"words_{number}"], int(cleaned.get(f"level_{number}") or Importance.STRONG))
            for number in range(1, OWN_WORDS + 1)
            if cleaned.get(f"words_{number}")
        ]
        return listed + own

    def answers(self) -> Answers:
        return Answers(choices={self.side: self._chosen(self.cleaned_data)})


class NeedsForm(TopicsForm):
    side = Side.NEED


class StrengthsForm(TopicsForm):
    side = Side.STRENGTH


class GoalsForm(StepForm):
    goals = forms.CharField(
        label=gettext_lazy("What do you want to reach by working together?"),
        help_text=gettext_lazy(
            "One to three sentences. For example: “In one year, 10 of our 40 students who miss many days come every day.”"
        ),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def read(self) -> dict[str, Any]:
        return {"goals": self.signup.goals}

    def answers(self) -> Answers:
        return Answers(fields={"goals": self.cleaned_data["goals"]})


class AreasForm(StepForm):
    template = "formation/step_areas.html"
    most = 3
    labels = (gettext_lazy("First choice"), gettext_lazy("Second choice"), gettext_lazy("Third choice"))

    def read(self) -> dict[str, Any]:
        return {f"choice_{ranked.rank}": ranked.area_id for ranked in self.signup.ranked_areas.all()}

    def prepare(self) -> None:
        self.areas = {area.pk: area for area in self.signup.round.areas.all()}
        for number, label in enumerate(self.labels[: len(self.areas)], start=1):
            self.fields[f"choice_{number}"] = forms.TypedChoiceField(
                label=label,
                choices=[("", "—"), *((area.pk, area.name) for area in self.areas.values())],
                coerce=int,
                empty_value=None,
                required=number == 1,
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        seen: set[int] = set()
        for name in self.fields:
            chosen = cleaned.get(name)
            if chosen is None:
                continue
            if chosen in seen:
                text = _("“%(area)s” is already one of your choices. Choose another, or leave this one empty.")
                self.add_error(name, text % {"area": self.areas[chosen].name})
            seen.add(chosen)
        return cleaned

    def answers(self) -> Answers:
        chosen = [self.cleaned_data.get(name) for name in self.fields]
        return Answers(areas=[self.areas[pk] for pk in chosen if pk is not None])


class SettingForm(StepForm):
    grade_bands = forms.MultipleChoiceField(
        label=gettext_lazy("Grades that take part"),
        choices=GradeBand.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages that your team can work in"),
        choices=Language.choices,
        widget=forms.CheckboxSelectMultiple,
    )

    def read(self) -> dict[str, Any]:
        return {"grade_bands": self.signup.grade_bands, "languages": self.signup.languages}

    def answers(self) -> Answers:
        return Answers(fields={name: self.cleaned_data[name] for name in ("grade_bands", "languages")})


class PastForm(StepForm):
    """Whom one worked with. Shows a person only its own remarks."""

    template = "formation/step_past.html"
    empty_slots = 2
    most_slots = 20

    def read(self) -> dict[str, Any]:
        own = self.signup.past_relations.filter(author=self.person).select_related("other__parent")
        self.slots = max(len(own), min(len(own) + self.empty_slots, self.most_slots))
        return {
            f"{name}_{number}": getattr(relation, name)
            for number, relation in enumerate(own, start=1)
            for name in ("other", "outcome", "note")
        }

    def prepare(self) -> None:
        everybody = Organization.objects.exclude(pk=self.signup.organization_id)
        for number in range(1, self.slots + 1):
            named = OrganizationField(
                label=gettext_lazy("Name of the school, district or charter"), among=everybody, required=False
            )
            if number == 1:
                named.suggest(eligible(self.signup.round).exclude(pk=self.signup.organization_id))
            else:
                named.share("id_other_1")
            self.fields[f"other_{number}"] = named
            self.fields[f"outcome_{number}"] = forms.ChoiceField(
                label=gettext_lazy("How did it go?"), choices=Outcome.choices, widget=forms.RadioSelect, required=False
            )
            self.fields[f"note_{number}"] = forms.CharField(
                label=gettext_lazy("What should staff know?"), max_length=300, required=False
            )

    def groups(self) -> list[list[BoundField]]:
        return [
            [self[f"{name}_{number}"] for name in ("other", "outcome", "note")] for number in range(1, self.slots + 1)
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        seen: set[Organization] = set()
        for number in range(1, self.slots + 1):
            other, outcome = cleaned.get(f"other_{number}"), cleaned.get(f"outcome_{number}")
            if other and not outcome and not self.partial:
                self.add_error(f"outcome_{number}", _("Say how it went, or take the name away."))
            if not other and (outcome or cleaned.get(f"note_{number}")) and f"other_{number}" not in self.errors:
                self.add_error(f"other_{number}", _("Say whom you mean, or clear this entry."))
            if other in seen:
                self.add_error(f"other_{number}", _("You named %(name)s already.") % {"name": other})
            if other:
                seen.add(other)
        return cleaned

    def answers(self) -> Answers:
        given = [
            Past(cleaned, self.cleaned_data[f"outcome_{number}"], self.cleaned_data[f"note_{number}"])
            for number in range(1, self.slots + 1)
            if (cleaned := self.cleaned_data.get(f"other_{number}")) and self.cleaned_data[f"outcome_{number}"]
        ]
        return Answers(past=given)


DISTANCES = (10, 15, 25, 40, 60, 80, 120, 160)


class PracticalForm(StepForm):
    capacity = forms.ChoiceField(
        label=gettext_lazy("How much time can your team give, all together?"),
        choices=Capacity.choices,
        widget=forms.RadioSelect,
    )

    def read(self) -> dict[str, Any]:
        readiness = {f"ready_{key}": value for key, value in self.signup.readiness.items()}
        return readiness | {"capacity": self.signup.capacity, "travel_limit_km": self.signup.travel_limit_km or ""}

    def prepare(self) -> None:
        offered = sorted({*DISTANCES, *([self.signup.travel_limit_km] if self.signup.travel_limit_km else [])})
        self.fields["travel_limit_km"] = forms.TypedChoiceField(
            label=gettext_lazy("How far can your team travel to another member, one way?"),
            choices=[("", gettext_lazy("As far as the round allows")), *((km, distance(km)) for km in offered)],
            coerce=int,
            empty_value=None,
            required=False,
        )
        for key, statement in READINESS.items():
            self.fields[f"ready_{key}"] = forms.TypedChoiceField(
                label=statement, choices=ReadinessLevel.choices, coerce=int, empty_value=None, widget=forms.RadioSelect
            )
        self.order_fields(["travel_limit_km", "capacity"])

    def answers(self) -> Answers:
        cleaned = self.cleaned_data
        given = {key: cleaned.get(f"ready_{key}") for key in READINESS}
        readiness = {key: value for key, value in given.items() if value is not None}
        fields = {name: cleaned[name] for name in ("travel_limit_km", "capacity")}
        return Answers(fields=fields | {"readiness": readiness})
