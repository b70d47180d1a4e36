"""What a willing facilitator says, and how staff add one."""

from typing import Any

from django import forms
from django.db.models import Avg
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from commonground.site.directory.models import Organization
from commonground.site.directory.models.organization import LEA_KINDS
from commonground.site.formation import standard
from commonground.site.formation.forms.organizations import OrganizationField
from commonground.site.formation.models import Facilitator, FocusArea, Topic
from commonground.site.formation.models.choices import Language
from commonground.site.formation.queries.facilitators import cities_near

MOST_NAMED = 3  # organizations that the form asks for by name


class FacilitatorForm(forms.ModelForm):  # type: ignore[type-arg] # Django's class takes none at run time
    """Where, on what, in which languages, how much, and with whom a conflict would arise."""

    areas = forms.MultipleChoiceField(
        label=_("Focus areas that you know"), required=False, widget=forms.CheckboxSelectMultiple
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages that you can work in"), choices=Language.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Facilitator
        fields = ("city", "radius_km", "areas", "topics", "languages", "caseload", "about")
        widgets = {"topics": forms.CheckboxSelectMultiple, "about": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "city": _("A city or town with a school in the directory. Distances are counted from there."),
            "caseload": _("A group takes about four days a month in its first year."),
            "about": _("Optional: your experience, in a few sentences. Staff of the agency read it."),
        }

    def __init__(self, *args: Any, agency: Organization, **options: Any) -> None:
        super().__init__(*args, **options)
        self.agency = agency
        self._ask_for_organizations()
        topics = self.fields["topics"]
        assert isinstance(topics, forms.ModelMultipleChoiceField)
        topics.queryset = Topic.objects.filter(agency=agency).offered()
        areas = self.fields["areas"]
        assert isinstance(areas, forms.MultipleChoiceField)
        areas.choices = area_choices(agency)
        self.place: tuple[float, float] | None = None

    def _ask_for_organizations(self) -> None:
        """A few rows each for employers and for good work in the past, typed with suggestions."""
        saved: dict[str, list[Organization]] = {"employer": [], "worked_with": []}
        if self.instance.pk:
            saved["employer"] = list(self.instance.employers.select_related("parent"))
            saved["worked_with"] = list(self.instance.worked_with.select_related("parent"))
        labels = {
            "employer": (
                _("Where you work (a district, charter operator or school)"),
                _("You are never assigned to a group with this organization: a facilitator is neutral."),
            ),
            "worked_with": (_("An organization that you worked well with"), ""),
        }
        for kind, (label, help_text) in labels.items():
            for row in range(max(MOST_NAMED, len(saved[kind]) + 1)):
                known = saved[kind][row] if row < len(saved[kind]) else None
                field = OrganizationField(
                    among=Organization.objects.all(),
                    label=label,
                    help_text=help_text if row == 0 else "",
                    required=False,
                )
                field.suggest(Organization.objects.filter(kind__in=LEA_KINDS, state=self.agency.state))
                field.initial = known
                self.fields[f"{kind}_{row + 1}"] = field

    def named(self, kind: str) -> list[Organization]:
        """The organizations that were typed in for one question, once each."""
        typed = [value for name, value in self.cleaned_data.items() if name.startswith(f"{kind}_") and value]
        return list({organization.pk: organization for organization in typed}.values())

    def said(self) -> dict[str, Any]:
        """What the form says, by the names that `actions.facilitators.save` takes."""
        assert self.place is not None
        plain = ("city", "radius_km", "areas", "languages", "caseload", "about", "topics")
        said = {name: self.cleaned_data[name] for name in plain}
        places = dict(zip(("latitude", "longitude"), self.place, strict=True))
        return said | places | {"employers": self.named("employer"), "worked_with": self.named("worked_with")}

    def clean_city(self) -> str:
        city = str(self.cleaned_data["city"]).strip()
        near = cities_near(self.agency).filter(city__iexact=city)
        place = near.aggregate(latitude=Avg("latitude"), longitude=Avg("longitude"))
        if place["latitude"] is None:
            text = _now("No school in the directory is in “%(city)s”. Check the spelling, or name the nearest town.")
            raise forms.ValidationError(text % {"city": city})
        self.place = (place["latitude"], place["longitude"])
        return city

    def clean_caseload(self) -> int:
        caseload = int(self.cleaned_data["caseload"])
        if not 1 <= caseload <= 20:
            raise forms.ValidationError(_now("Use a number from 1 to 20."))
        return caseload


def area_choices(agency: Organization) -> list[tuple[str, str]]:
    """The standard focus areas and those of the agency's rounds, once each."""
    names = {area.code: area.name for area in FocusArea.objects.filter(round__agency=agency)}
    return sorted(
        ({text.code: _in_language(text) for text in standard.areas()} | names).items(), key=lambda pair: pair[1]
    )


def _in_language(text: Any) -> str:
    return str(FocusArea(name_en=text.name_en, name_es=text.name_es).name)


class NewPersonForm(forms.Form):
    """Staff add somebody who has not signed in yet."""

    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(label=_("Email address"))
