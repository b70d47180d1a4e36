"""The forms of a round: one to start it, one for each section that staff change."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonground.engines.formation import RuleError, Rules
from commonground.site.directory.models import Organization
from commonground.site.directory.models.organization import Kind, Sector
from commonground.site.formation import standard
from commonground.site.formation.forms.organizations import OrganizationField
from commonground.site.formation.models import Round
from commonground.site.formation.models.choices import GradeBand, RoundKind, RoundState
from commonground.site.formation.models.stages import Section
from commonground.site.formation.queries.eligibility import eligible
from commonground.site.ui.fields import DateField

JOINING = [(kind.value, kind.label) for kind in Kind if kind != Kind.AGENCY]


class DatesForm(forms.Form):
    """The three days of a round. Once it is open, its deadline only moves later: volunteers rely on it."""

    opens_on = DateField(label=gettext_lazy("First day of sign-up"))
    closes_on = DateField(
        label=gettext_lazy("Last day of sign-up"), help_text=gettext_lazy("Sign-up ends at the end of this day.")
    )
    decide_by = DateField(
        label=gettext_lazy("Last day to accept a proposal"),
        help_text=gettext_lazy("Members answer your proposals until the end of this day."),
    )
    round: Round | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        opens, closes, decide = (cleaned.get(name) for name in ("opens_on", "closes_on", "decide_by"))
        if opens and closes and closes < opens:
            self.add_error("closes_on", _("The last day of sign-up is before the first one. Choose a later day."))
        if closes and decide and decide <= closes:
            self.add_error("decide_by", _("Members decide after sign-up has ended. Choose a later day."))
        if self.round and self.round.state != RoundState.DRAFT:
            self._only_later(self.round, cleaned)
        return cleaned

    def _only_later(self, round: Round, cleaned: dict[str, Any]) -> None:
        if cleaned.get("opens_on") not in (None, round.opens_on):
            self.add_error("opens_on", _("The round has been announced: its first day stays."))
        for name in ("closes_on", "decide_by"):
            chosen, before = cleaned.get(name), getattr(round, name)
            if chosen and chosen < before:
                text = _("People rely on this day: it can move later, not earlier. It is %(day)s now.")
                self.add_error(name, text % {"day": date_format(before)})


def usual_dates() -> dict[str, Any]:
    """Days to start from: four weeks for sign-up, three more until everybody has decided."""
    today = timezone.localdate()
    return {
        "opens_on": today,
        "closes_on": today + timedelta(days=28),
        "decide_by": today + timedelta(days=56),
    }


class BasicsForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name of the round"),
        help_text=gettext_lazy("Short, and with the year, such as “Learning together 2027”."),
        max_length=120,
    )
    purpose = forms.CharField(
        label=gettext_lazy("Purpose"),
        help_text=gettext_lazy("One purpose, in two or three sentences that matter to districts and charters alike."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    contact = forms.EmailField(label=gettext_lazy("Email address for questions"), required=False)


class NewRoundForm(DatesForm, BasicsForm):
    """Start a round. Everything else begins with what is usual for its kind."""

    agency = forms.ModelChoiceField(
        label=gettext_lazy("Agency"), queryset=Organization.objects.none(), empty_label=None
    )
    kind = forms.ChoiceField(label=gettext_lazy("What do you want to form?"), widget=forms.RadioSelect)
    field_order = ("agency", "kind", "name", "purpose", "contact", "opens_on", "closes_on", "decide_by")

    def __init__(self, agencies: list[Organization], data: Any = None) -> None:
        super().__init__(data, initial=usual_dates() | {"agency": agencies[0].pk})
        agency, kind = self.fields["agency"], self.fields["kind"]
        assert isinstance(agency, forms.ModelChoiceField)
        agency.queryset = Organization.objects.filter(pk__in=[one.pk for one in agencies])
        if len(agencies) == 1:
            agency.widget = agency.hidden_widget()
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [(one.value, f"{one.label}. {standard.STANDARD[one].explanation}") for one in RoundKind]


class CopyRoundForm(DatesForm):
    name = forms.CharField(label=gettext_lazy("Name of the new round"), max_length=120)
    field_order = ("name", "opens_on", "closes_on", "decide_by")


class ReopenForm(forms.Form):
    closes_on = DateField(label=gettext_lazy("New last day of sign-up"))

    def __init__(self, round: Round, data: Any = None) -> None:
        super().__init__(data)
        self.round = round

    def clean_closes_on(self) -> Any:
        day = self.cleaned_data["closes_on"]
        if day < timezone.localdate():
            raise ValidationError(_("This day has passed. Choose today or a later day."))
        if day >= self.round.decide_by:
            text = _("Members decide until %(day)s. Choose an earlier day, or move that day first.")
            raise ValidationError(text % {"day": date_format(self.round.decide_by)})
        return day


class EligibilityForm(forms.Form):
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Who may sign up?"), choices=JOINING, widget=forms.CheckboxSelectMultiple
    )
    sectors = forms.MultipleChoiceField(
        label=gettext_lazy("Sectors"),
        help_text=gettext_lazy("Choose none to admit all."),
        choices=Sector.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    grade_bands = forms.MultipleChoiceField(
        label=gettext_lazy("Grades"),
        help_text=gettext_lazy("Choose none to admit all."),
        choices=GradeBand.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    counties = forms.CharField(
        label=gettext_lazy("Counties"),
        help_text=gettext_lazy("One per line, as the directory spells them. Leave empty to admit all."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
    )

    def __init__(self, round: Round, data: Any = None) -> None:
        initial = {name: getattr(round, name) for name in ("kinds", "sectors", "grade_bands")}
        super().__init__(data, initial=initial | {"counties": "\n".join(round.counties)})
        self.round = round

    def clean_counties(self) -> list[str]:
        """The counties as the directory writes them; a name that no organization has is a slip of the pen."""
        typed = [line.strip() for line in self.cleaned_data["counties"].splitlines() if line.strip()]
        wanted = Q(pk__in=[])
        for line in typed:
            wanted |= Q(county__iexact=line)
        known = {
            county.casefold(): county for county in Organization.objects.filter(wanted).values_list("county", flat=True)
        }
        unknown = [line for line in typed if line.casefold() not in known]
        if unknown:
            text = _("No organization in the directory is in %(counties)s. Check the spelling.")
            raise ValidationError(text % {"counties": ", ".join(f"“{line}”" for line in unknown)})
        return list(dict.fromkeys(known[line.casefold()] for line in typed))


class GroupsForm(forms.Form):
    """What every group must look like."""

    size_min = forms.IntegerField(label=gettext_lazy("Fewest members of a group"), min_value=2, max_value=40)
    size_target = forms.IntegerField(label=gettext_lazy("Best number of members"), min_value=2, max_value=40)
    size_max = forms.IntegerField(label=gettext_lazy("Most members of a group"), min_value=2, max_value=40)
    share_area = forms.BooleanField(
        label=gettext_lazy("Every member must have chosen the group's focus area"), required=False
    )
    different_leas = forms.BooleanField(
        label=gettext_lazy("Members of a group come from different LEAs"), required=False
    )
    travel_limit_km = forms.IntegerField(
        label=gettext_lazy("Most kilometers between two members"),
        help_text=gettext_lazy(
            "Estimated by road; 10 km are about 6 miles. Leave empty for no limit. Members can set a lower limit of their own."
        ),
        min_value=1,
        max_value=5000,
        required=False,
    )
    unplaced_penalty = forms.FloatField(
        label=gettext_lazy("Points lost for each member without a group"),
        help_text=gettext_lazy("High: place as many as possible. Low: rather leave one out than spoil a group."),
        min_value=0,
        max_value=1000,
    )

    def __init__(self, round: Round, data: Any = None) -> None:
        initial = {name: getattr(round, name) for name in self.base_fields}
        super().__init__(data, initial=initial | {f"least_{sector}": n for sector, n in round.sector_min.items()})
        self.round = round
        for sector in Sector:
            if not round.sectors or sector in round.sectors:
                text = _("At least so many members of the sector “%(sector)s”") % {"sector": sector.label}
                self.fields[f"least_{sector}"] = forms.IntegerField(
                    label=text, min_value=0, max_value=40, required=False
                )
        self.order_fields(["size_min", "size_target", "size_max", *[f"least_{sector}" for sector in Sector]])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        least = {sector.value: cleaned.pop(f"least_{sector}", None) or 0 for sector in Sector}
        cleaned["sector_min"] = {sector: count for sector, count in least.items() if count}
        sizes = [cleaned.get(name) for name in ("size_min", "size_target", "size_max")]
        if None in sizes:
            return cleaned
        if sizes != sorted(sizes):  # type: ignore[type-var]  # None was excluded above
            self.add_error("size_target", _("The three numbers must rise: fewest, best, most."))
            return cleaned
        try:
            Rules(size_min=sizes[0] or 0, size_max=sizes[2] or 0, sector_min=cleaned["sector_min"])
        except RuleError:
            text = _("The sectors together ask for %(needed)s members, but a group has at most %(most)s.")
            self.add_error(None, text % {"needed": sum(least.values()), "most": sizes[2]})
        return cleaned


class WeightsForm(forms.Form):
    """How much each part of the score counts, each with its meaning and an example."""

    preset = forms.ChoiceField(label=gettext_lazy("Start from"), required=False)

    def __init__(self, round: Round, data: Any = None) -> None:
        super().__init__(data, initial=dict(standard.PRESETS[0].weights) | round.weights)
        preset = self.fields["preset"]
        assert isinstance(preset, forms.ChoiceField)
        preset.choices = [("", gettext_lazy("The numbers below"))] + [
            (one.key, f"{one.label}: {one.explanation}") for one in standard.PRESETS
        ]
        preset.help_text = gettext_lazy("A named set replaces all numbers below.")
        for part in standard.PARTS:
            self.fields[part.name] = forms.FloatField(
                label=str(part.label), help_text=f"{part.explanation} {part.example}", min_value=0, max_value=1000
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        key = cleaned.get("preset")
        chosen = next((dict(one.weights) for one in standard.PRESETS if one.key == key), None)
        if chosen:
            for name in chosen:
                self.errors.pop(name, None)  # the numbers below are replaced, so nothing in them can be wrong
        return {"weights": chosen or {part.name: cleaned.get(part.name) for part in standard.PARTS}}


class BlackoutForm(forms.Form):
    one = OrganizationField(label=gettext_lazy("One organization"), among=Organization.objects.all())
    other = OrganizationField(label=gettext_lazy("The other"), among=Organization.objects.all())
    reason = forms.CharField(label=gettext_lazy("Reason (only staff see it)"), max_length=300, required=False)

    def __init__(self, round: Round, data: Any = None) -> None:
        super().__init__(data)
        one, other = self.fields["one"], self.fields["other"]
        assert isinstance(one, OrganizationField) and isinstance(other, OrganizationField)
        one.suggest(eligible(round))
        other.share("id_one")


class AreaForm(forms.Form):
    code = forms.SlugField(max_length=40, widget=forms.HiddenInput, required=False)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=120)
    name_es = forms.CharField(label=gettext_lazy("Name in Spanish"), max_length=120, required=False)
    explanation_en = forms.CharField(label=gettext_lazy("One sentence in English"), max_length=300, required=False)
    explanation_es = forms.CharField(label=gettext_lazy("One sentence in Spanish"), max_length=300, required=False)


AREA_TEXTS = ("code", "name_en", "name_es", "explanation_en", "explanation_es")
AreaFormSet = forms.formset_factory(AreaForm, extra=1, max_num=20, can_order=True, can_delete=True)

FORMS: dict[str, Any] = {
    Section.ELIGIBILITY: EligibilityForm,
    Section.GROUPS: GroupsForm,
    Section.WEIGHTS: WeightsForm,
}
