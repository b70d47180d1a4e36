"""Form fields that Django does not bring."""

from typing import Any

from django import forms
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

PART_LABELS = {"day": _("Day"), "month": _("Month"), "year": _("Year")}
DIGITS = {"day": 2, "year": 4}


class ThreePartDate(forms.SelectDateWidget):
    """A date as a month to choose and two short numbers to type: works on every phone, and no calendar hides the page."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = forms.Widget.get_context(self, name, value, attrs)
        values = self.format_value(value) or {}
        order = self._parse_date_fmt()  # type: ignore[attr-defined] # the parts as this language writes them
        context["widget"]["subwidgets"] = [
            self._part(part, name, values.get(part), context["widget"]["attrs"]) for part in order
        ]
        return context

    def _part(self, part: str, name: str, value: Any, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = {**attrs, "id": f"{attrs.get('id', name)}_{part}"}
        if part == "month":
            months = [("", "—"), *((number, label) for number, label in MONTHS.items())]
            widget: forms.Widget = forms.Select(attrs, choices=months)
        else:
            attrs |= {"inputmode": "numeric", "maxlength": DIGITS[part], "autocomplete": "off"}
            widget = forms.TextInput(attrs)
        drawn: dict[str, Any] = widget.get_context(f"{name}_{part}", value, attrs)["widget"]
        return {**drawn, "part": part, "label": PART_LABELS[part]}

    def format_value(self, value: Any) -> dict[str, Any]:
        """The three parts; what could not be read as a date comes back as it was typed."""
        parts: dict[str, Any] = super().format_value(value)
        typed = value.split("-") if isinstance(value, str) else []
        if len(typed) == 3 and not any(parts.values()):
            parts = dict(zip(("year", "month", "day"), typed, strict=True))
        return {part: "" if shown in (None, 0, "0") else shown for part, shown in parts.items()}


class DateField(forms.DateField):
    """A date in three parts; the error says which date it could not find in the calendar."""

    widget = ThreePartDate
    default_error_messages = {"invalid": _("Enter a date that is in the calendar, such as March 14, 2027.")}
