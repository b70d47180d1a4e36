"""Forms about organizations: filters of the directory, entering and changing one by hand, closing."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from commonground.site.directory.imports.values import TEXTS, BadValueError, checked_place
from commonground.site.directory.models import Organization, Person
from commonground.site.directory.models.organization import GRADES, LEA_KINDS, Kind, Sector, Status
from commonground.site.directory.permissions import is_operator, may_enter
from commonground.site.directory.queries import search
from commonground.site.directory.queries.history import FIELDS
from commonground.site.ui.fields import DateField

EVERY = [("", _("All"))]
SURROUNDINGS = {"city": _("City"), "suburb": _("Suburb"), "town": _("Town"), "rural": _("Countryside")}


class FilterForm(forms.Form):
    """What the directory's list shows. An address with a filter that no longer exists shows the list without it."""

    use_required_attribute = False
    MORE = ("sector", "state", "county", "surroundings", "grade", "status")  # folded away until somebody asks for them

    q = forms.CharField(label=_("Name, city or ID"), required=False, max_length=100)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[*EVERY, *Kind.choices])
    sector = forms.ChoiceField(label=_("Sector"), required=False, choices=[*EVERY, *Sector.choices])
    state = forms.ChoiceField(label=_("State"), required=False)
    county = forms.ChoiceField(label=_("County"), required=False)
    surroundings = forms.ChoiceField(label=_("Surroundings"), required=False, choices=[*EVERY, *SURROUNDINGS.items()])
    grade = forms.ChoiceField(label=_("Grade"), required=False, choices=[*EVERY, *((grade, grade) for grade in GRADES)])
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("Open today")), ("any", _("Open or not")), *Status.choices],
    )
    lea = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        known = search.counties()
        states = sorted({state for state, _county in known})
        chosen = self.data.get("state", "")
        self.fields["state"].choices = [*EVERY, *((state, state) for state in states)]  # type: ignore[attr-defined]
        self.fields["county"].choices = [  # type: ignore[attr-defined]
            *EVERY,
            *((f"{state}:{county}", f"{county}, {state}") for state, county in known if chosen in ("", state)),
        ]

    def first_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in self.MORE]

    def more_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.MORE]

    def uses_more(self) -> bool:
        return any(self.data.get(name) for name in self.MORE)

    def filters(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data


class OrganizationForm(forms.ModelForm):  # type: ignore[type-arg] # Django's own class takes no argument when it runs
    """An organization entered or corrected by hand."""

    lea = forms.CharField(
        label=_("Belongs to"),
        required=False,
        max_length=200,
        help_text=_("For a school: the name or the NCES ID of its LEA. Leave empty for a private school."),
    )

    website = forms.URLField(label=_("Website"), required=False, max_length=200, assume_scheme="https")

    class Meta:
        model = Organization
        fields = (
            "kind", "name", "sector", "status", "category", "nces_id", "state_id", "area", "street", "city", "county", "state",
            "zip_code", "phone", "website", "latitude", "longitude", "locale", "low_grade", "high_grade", "enrollment",
        )  # fmt: skip

    field_order = ("kind", "name", "lea")

    def __init__(self, data: Any = None, *, by: Person, instance: Organization | None = None) -> None:
        super().__init__(data, instance=instance)
        self.by = by
        self.was_agency = instance is not None and instance.is_agency  # saving writes on the instance
        self.fields["lea"].initial = instance.parent.name if instance and instance.parent else ""
        self.fields["status"].choices = [  # type: ignore[attr-defined]
            choice for choice in Status.choices if choice[0] != Status.CLOSED or (instance and not instance.is_running)
        ]
        grades = [("", "–"), *((grade, grade) for grade in GRADES)]
        for name in ("low_grade", "high_grade"):
            self.fields[name] = forms.ChoiceField(label=FIELDS[name].verbose_name, required=False, choices=grades)
        self.fields["area"].help_text = _("For an agency: counties, with commas between. Empty: the whole state.")

    def clean_nces_id(self) -> str | None:
        return self.cleaned_data["nces_id"] or None

    def clean_state(self) -> str:
        return str(self.cleaned_data["state"]).upper()

    def clean_lea(self) -> Organization | None:
        typed = self.cleaned_data["lea"].strip()
        if not typed:
            return None
        some = Organization.objects.filter(kind__in=LEA_KINDS)
        fitting = list(some.filter(nces_id=typed)[:1] or some.filter(name__iexact=typed)[:2])
        if len(fitting) != 1:
            text = _("Several LEAs have this name. Enter the NCES ID.") if fitting else _("No LEA has this name or ID.")
            raise ValidationError(text)
        return fitting[0]

    def clean(self) -> dict[str, Any]:
        super().clean()
        facts = self.cleaned_data
        kind = facts.get("kind")
        if kind == Kind.SCHOOL and not facts.get("lea") and facts.get("sector") != Sector.PRIVATE and "lea" in facts:
            self.add_error("lea", _("Only a private school has no LEA. Enter the LEA that answers for this school."))
        if kind != Kind.SCHOOL and facts.get("lea"):
            self.add_error("lea", _("Only schools belong to an LEA. Leave this empty."))
        if kind != Kind.AGENCY and facts.get("area"):
            self.add_error("area", _("Only agencies serve an area. Leave this empty."))
        self._check_place()
        self._check_grades()
        if not self.errors and not self._may_enter():
            self.add_error(*self._whose_it_is())
        return facts

    def _check_place(self) -> None:
        facts = self.cleaned_data
        try:
            checked_place(facts.get("latitude"), facts.get("longitude"), facts.get("state", ""))
        except BadValueError as bad:
            self.add_error("latitude", str(_(TEXTS[bad.code])).format(**bad.values))

    def _check_grades(self) -> None:
        low, high = self.cleaned_data.get("low_grade"), self.cleaned_data.get("high_grade")
        if low and high and GRADES.index(low) > GRADES.index(high):
            self.add_error("high_grade", _("The highest grade comes before the lowest. Swap them."))

    def _may_enter(self) -> bool:
        """An operator enters agencies and says what they serve; an agency's staff whatever lies in their area or in nobody's.

        Staff who could widen their own agency's area could make themselves leaders of any district.
        """
        facts = self.cleaned_data
        if facts["kind"] == Kind.AGENCY or self.was_agency:
            return is_operator(self.by) or (self.was_agency and self._serves_what_it_did())
        candidate = Organization(pk=self.instance.pk, kind=facts["kind"], parent=facts.get("lea"))
        candidate.state, candidate.county = facts.get("state", ""), facts.get("county", "")
        return bool(may_enter.test(self.by, candidate))

    def _serves_what_it_did(self) -> bool:
        """Compared with the row itself: what the form calls unchanged is what its hidden fields say."""
        given, row = self.cleaned_data, self.instance
        return (given["kind"], given.get("state"), given.get("area") or []) == (row.kind, row.state, row.area)

    def _whose_it_is(self) -> tuple[str, Any]:
        if self.was_agency or self.cleaned_data["kind"] == Kind.AGENCY:
            return "kind", _("Only an operator of the platform adds an agency or changes its kind, state or area.")
        return "county", _("This is outside the area that your agency serves. Ask the agency that serves it.")

    def facts(self) -> dict[str, Any]:
        """The fields as the actions take them."""
        given = {name: self.cleaned_data[name] for name in self.Meta.fields}
        return given | {"parent": self.cleaned_data["lea"], "area": given["area"] or []}


class CloseForm(forms.Form):
    on = DateField(label=_("Last day"), help_text=_("The day from which nobody teaches or learns there."))
