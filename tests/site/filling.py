"""Filling in any form of the site as somebody would who has read it: what is asked for, and nothing else."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import BaseForm, BaseFormSet, BoundField
from django.http import HttpResponse
from django.utils import timezone

from commonground.site.formation.forms.organizations import OrganizationField
from commonground.site.ui.fields import DateField


def forms_of(answer: HttpResponse) -> Iterator[BaseForm]:
    """Every form that a page was drawn with."""
    found: dict[int, BaseForm] = {}
    for part in answer.context or ():
        for values in part.dicts:
            for value in values.values():
                found |= {id(form): form for form in _forms_in(value)}
    yield from found.values()


def _forms_in(value: object) -> Iterator[BaseForm]:
    if isinstance(value, BaseForm):
        yield value
    elif isinstance(value, BaseFormSet):
        yield from (value.management_form, *value.forms)


def filled(answer: HttpResponse) -> dict[str, Any]:
    """What to send to answer all forms of a page."""
    data: dict[str, Any] = {}
    for form in forms_of(answer):
        for bound in form:
            data |= _said(bound)
    return {name: value for name, value in data.items() if value is not None}


def _said(bound: BoundField) -> dict[str, Any]:
    value, field = bound.value(), bound.field
    if isinstance(field, DateField):
        day = value or timezone.localdate() + timedelta(days=20)
        return {f"{bound.html_name}_{part}": getattr(day, part) for part in ("year", "month", "day")}
    if value in (None, "", [], False):
        value = _invented(field) if field.required else None
    elif isinstance(field, OrganizationField):
        value = field.prepare_value(value)
    return {bound.html_name: value}


def _invented(field: forms.Field) -> Any:
    if isinstance(field, OrganizationField):
        return next(iter(field.widget.options))  # type: ignore[attr-defined] # a field that suggests
    if isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField):
        return [choice for choice, _label in field.choices][:1]
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
        return next((str(choice) for choice, _label in field.choices if str(choice)), None)
    if isinstance(field, forms.FileField):
        return SimpleUploadedFile("schools.csv", b"School name,State\nAlder,CA\n")
    kinds = {forms.EmailField: "new.person@alder.example", forms.URLField: "", forms.TimeField: "15:30"}
    known = next((said for kind, said in kinds.items() if isinstance(field, kind)), None)
    return known if known is not None else "7" if isinstance(field, forms.IntegerField) else "Something new"
