"""Forms of an import: sending files, matching columns, applying."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from commonground.site.directory.imports.formats import FACTS, guess
from commonground.site.directory.models import ImportFile, Organization, Person
from commonground.site.directory.roles import Role
from commonground.site.ui.fields import DateField

MOST_FILES = 8
MOST_BYTES = 60 * 2**20


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/input.html"


class FilesField(forms.FileField):
    """One or more files, none empty, together no larger than what is kept."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        files: list[UploadedFile[Any]] = [super(FilesField, self).clean(one, initial) for one in data or [None]]
        if len(files) > MOST_FILES:
            raise ValidationError(_("These are %(count)s files; send at most %(limit)s at once.") % {
                "count": len(files), "limit": MOST_FILES,
            })  # fmt: skip
        if sum(one.size or 0 for one in files) > MOST_BYTES:
            raise ValidationError(
                _("The files are larger than %(limit)s MB together. Send fewer at once, or one state at a time.")
                % {"limit": MOST_BYTES // 2**20}
            )
        return files


class SendForm(forms.Form):
    """Files, the day of their facts, and whose organizations they may change."""

    sent = FilesField(label=_("Files"), help_text=_("CSV or XLSX. Files that belong together can be sent together."))
    day = DateField(
        label=_("Date of the facts"),
        required=False,
        help_text=_("The day that the figures speak of, such as October 1 of a school year. Leave empty if unknown."),
    )
    agency = forms.ChoiceField(
        label=_("Change organizations in the area of"),
        required=False,
        help_text=_("What nobody serves can change too. What another agency serves is shown and left alone."),
    )

    def __init__(self, *args: Any, by: Person, **options: Any) -> None:
        super().__init__(*args, **options)
        self.scopes: dict[str, Organization | None] = {"": None} if by.holds(Role.OPERATOR) else {}
        staffed = (held.organization for held in by.positions if held.role == Role.AGENCY_STAFF)
        self.scopes |= {str(agency.pk): agency for agency in staffed}
        field = self.fields["agency"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(key, agency or _("Everybody: the whole directory")) for key, agency in self.scopes.items()]
        field.initial = next(iter(self.scopes))
        if len(self.scopes) == 1:
            field.widget = forms.HiddenInput()

    def clean_agency(self) -> Organization | None:
        """Whoever staffs one agency need not name it."""
        named = self.cleaned_data["agency"]
        if named not in self.scopes:
            named = next(iter(self.scopes))
        return self.scopes[named]


class MatchForm(forms.Form):
    """One file whose columns nobody knows: what it lists, and what each of its columns holds."""

    level = forms.ChoiceField(
        label=_("Each row is"), choices=[("school", _("a school")), ("lea", _("a district or another LEA"))]
    )

    def __init__(self, file: ImportFile, data: Any = None) -> None:
        super().__init__(data, prefix=f"file{file.pk}")
        self.file = file
        self.headers = [header for header in file.sample["header"] if header]
        suggested = guess(self.headers)
        choices = [("", _("Leave out")), *((fact.name, _(fact.label)) for fact in FACTS.values())]
        for number, header in enumerate(self.headers):
            self.fields[f"column{number}"] = forms.ChoiceField(
                label=header,
                required=False,
                choices=choices,
                initial=suggested.get(header, ""),
                help_text=self._examples(number),
            )

    def _examples(self, number: int) -> str:
        at = self.file.sample["header"].index(self.headers[number])
        cells = [row[at] for row in self.file.sample["rows"] if row[at]]
        return str(_("For example: %(cells)s") % {"cells": "; ".join(cells)[:120]}) if cells else ""

    def clean(self) -> dict[str, Any]:
        super().clean()
        chosen = list(self.columns().values())
        twice = sorted({str(_(FACTS[name].label)) for name in chosen if chosen.count(name) > 1})
        if twice:
            raise ValidationError(_("Two columns are matched with “%(fact)s”. Keep one.") % {"fact": twice[0]})
        if not {"nces_id", "state_id"} & set(chosen):
            raise ValidationError(_("Match a column with the NCES ID or the state ID: a school is found again by it."))
        if "name" not in chosen or "state" not in chosen:
            raise ValidationError(_("Match a column with the name, and one with the state."))
        return self.cleaned_data

    def columns(self) -> dict[str, str]:
        """Header to the name of a fact, for the columns that are kept."""
        chosen = {header: self.cleaned_data.get(f"column{number}") for number, header in enumerate(self.headers)}
        return {header: name for header, name in chosen.items() if name}

    def mapping(self) -> dict[str, Any]:
        return {"level": self.cleaned_data["level"], "columns": self.columns()}


class ApplyForm(forms.Form):
    close_missing = forms.BooleanField(label=_("Mark what is missing from the files as closed"), required=False)
