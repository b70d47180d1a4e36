"""Uploading a file of sign-ups, and naming an organization whose paper form is typed in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonground.site.directory.models import Organization
from commonground.site.formation.forms.organizations import OrganizationField
from commonground.site.formation.models import Round
from commonground.site.formation.queries.eligibility import eligible
from commonground.site.formation.queries.files import LIMITS
from commonground.site.formation.queries.travel import LIMITS as TRAVEL_LIMITS


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("CSV or XLSX file"), help_text=_("At most 1 MB. Nothing is saved before you confirm.")
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LIMITS.file_bytes:
            raise forms.ValidationError(
                _("The file is larger than 1 MB. Remove pictures and other sheets, or split it.")
            )
        return file


class DriveTimesForm(forms.Form):
    """A file of minutes, and the limit that counts with it."""

    file = forms.FileField(label=_("CSV or XLSX file"), help_text=_("At most 30 MB."))
    limit = forms.IntegerField(
        label=_("Most minutes between two members"),
        help_text=_("Leave empty for no limit. Members can have a lower limit of their own."),
        min_value=1,
        max_value=1440,
        required=False,
    )

    def __init__(self, round: Round, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, initial={"limit": round.travel_limit_km})

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > TRAVEL_LIMITS.file_bytes:
            raise forms.ValidationError(_("The file is larger than 30 MB. Remove other sheets and decimals."))
        return file

    def said(self) -> dict[str, Any]:
        """What the action takes."""
        file = self.cleaned_data["file"]
        return {"data": file.read(), "name": file.name, "limit": self.cleaned_data["limit"]}


class PaperForm(forms.Form):
    organization = OrganizationField(
        label=_("Whose paper form is it?"),
        help_text=_("Type the name and choose a suggestion."),
        among=Organization.objects.all(),
    )

    def __init__(self, round: Round, data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["organization"]
        assert isinstance(field, OrganizationField)
        field.suggest(eligible(round))
