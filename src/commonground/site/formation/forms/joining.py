"""The small forms around a sign-up: withdrawing it, and using its answers for other schools."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonground.site.directory.models import Organization


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=_("Why do you withdraw?"),
        help_text=_("Staff read this, to make the next round better."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class CopyForm(forms.Form):
    schools = forms.ModelMultipleChoiceField(
        label=_("Schools that get the same answers"),
        queryset=Organization.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one school.")},
    )

    def __init__(self, among: Sequence[Organization], data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["schools"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = Organization.objects.filter(pk__in=[one.pk for one in among])
