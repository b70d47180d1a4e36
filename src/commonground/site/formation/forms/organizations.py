"""A field that names an organization: typed with suggestions that need no script, and never taken for another one."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from commonground.site.directory.models import Organization

_NUMBERED = re.compile(r"#(\d+)\s*$")
SUGGESTIONS = 300  # more make a page slow on a phone; every other organization can still be typed


def shown(organization: Organization) -> str:
    """The organization as a suggestion: its name, its LEA and a number that makes it unmistakable."""
    lea = f", {organization.parent}" if organization.parent else ""
    return f"{organization.name}{lea} #{organization.pk}"


class Suggesting(forms.TextInput):
    """A text field with the browser's own list of suggestions."""

    template_name = "formation/widgets/suggesting.html"
    options: Iterable[str] = ()
    list_of = ""  # the id of another field of the page whose suggestions this one shares

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        widget = context["widget"]
        widget["attrs"]["list"] = f"{self.list_of or widget['attrs'].get('id', name)}_list"
        widget["attrs"]["autocomplete"] = "off"
        return {**context, "options": self.options}


class OrganizationField(forms.CharField):
    """A name from the directory. `among` says which organizations are meant."""

    def __init__(self, *, among: "QuerySet[Organization]", **options: Any) -> None:
        super().__init__(max_length=400, widget=Suggesting, **options)
        self.among = among

    def suggest(self, organizations: "QuerySet[Organization]") -> None:
        assert isinstance(self.widget, Suggesting)
        listed = organizations.select_related("parent").order_by("name")[:SUGGESTIONS]
        self.widget.options = [shown(one) for one in listed]

    def share(self, field_id: str) -> None:
        """Use the suggestions of another field of the page: three hundred names are sent once."""
        assert isinstance(self.widget, Suggesting)
        self.widget.list_of = field_id

    def prepare_value(self, value: Any) -> Any:
        return shown(value) if isinstance(value, Organization) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return self._find(text) if text else None

    def _find(self, text: str) -> Organization:
        numbered = _NUMBERED.search(text)
        if numbered:
            found = list(self.among.filter(pk=numbered[1])[:1])
        else:
            found = list(self.among.filter(name__iexact=text.strip()).select_related("parent")[:6])
        if not found:
            message = _("“%(text)s” is not in the directory. Choose a suggestion, or check the spelling.")
            raise ValidationError(message % {"text": text})
        if len(found) > 1:
            which = "; ".join(shown(one) for one in found)
            message = _("More than one organization has this name. Copy the one you mean: %(which)s")
            raise ValidationError(message % {"which": which})
        return found[0]
