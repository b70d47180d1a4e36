"""Choosing what to see of the audit trail."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonground.site.audit.verbs import shown

PERIODS = [("7", _("Last 7 days")), ("30", _("Last 30 days")), ("365", _("Last 12 months")), ("0", _("All"))]


class TrailForm(forms.Form):
    """A kind of act and a span of time."""

    verb = forms.ChoiceField(label=_("What was done"), required=False)
    days = forms.ChoiceField(label=_("When"), required=False, choices=PERIODS)

    def __init__(self, *args: Any, verbs: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["verb"].choices = [("", _("Everything")), *((verb, shown(verb)) for verb in verbs)]  # type: ignore[attr-defined]
        self.fields["days"].initial = 30

    def clean_days(self) -> int:
        return int(self.cleaned_data["days"] or 30)
