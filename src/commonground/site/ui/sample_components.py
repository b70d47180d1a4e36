"""What the component page shows: one invented example of each component."""

from datetime import date

from django import forms
from django.core.paginator import Paginator
from django.utils.translation import gettext_lazy as _

from commonground.site.ui.fields import DateField


class ExampleForm(forms.Form):
    """Every kind of field that the site uses."""

    calm = False

    name = forms.CharField(label=_("Name of the school"))
    phone = forms.CharField(label=_("Phone"), required=False, help_text=_("With area code, such as 555-0142."))
    goals = forms.CharField(label=_("Goals for the year"), widget=forms.Textarea(attrs={"rows": 4}))
    county = forms.ChoiceField(label=_("County"), choices=[("alder", "Alder"), ("birch", "Birch")])
    sector = forms.ChoiceField(
        label=_("Sector"), choices=[("district", _("District")), ("charter", _("Charter"))], widget=forms.RadioSelect
    )
    grades = forms.MultipleChoiceField(
        label=_("Grade bands"),
        choices=[("elementary", _("Elementary school")), ("middle", _("Middle school")), ("high", _("High school"))],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose all that your school serves."),
    )
    deadline = DateField(label=_("Deadline"))
    agreed = forms.BooleanField(label=_("The principal agrees to this sign-up"))
    paper = forms.FileField(label=_("Scanned form"), required=False)


class ExampleFilter(forms.Form):
    search = forms.CharField(label=_("Name"), required=False)
    sector = forms.ChoiceField(
        label=_("Sector"),
        required=False,
        choices=[("", _("All")), ("district", _("District")), ("charter", _("Charter"))],
    )


def examples() -> dict[str, object]:
    answers = {"name": "", "sector": "district", "deadline_month": "2", "deadline_day": "30", "deadline_year": "2027"}
    wrong = ExampleForm(answers, auto_id="wrong_%s")
    wrong.calm = True  # on this page, the list of errors is to look at: it does not take the focus
    return {
        "form": ExampleForm(),
        "wrong_form": wrong,
        "filter_form": ExampleFilter(auto_id="filter_%s"),
        "steps": [_("School"), _("Needs"), _("Strengths"), _("Review")],
        "page": Paginator(range(120), 10).page(5),
        "day": date(2026, 10, 1),
    }
