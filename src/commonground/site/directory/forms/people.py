"""Forms about people and their positions."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from commonground.site.directory.models import Organization, Person, Position, Term
from commonground.site.directory.queries.people import roles_at
from commonground.site.directory.roles import SENTENCES, Role
from commonground.site.ui.fields import DateField


def with_sentences(roles: list[Role]) -> list[tuple[str, Any]]:
    return [(role.value, f"{role.label}: {SENTENCES[role]}") for role in roles]


class WhoForm(forms.Form):
    """A person to be invited, and their first day."""

    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(
        label=_("Email address"), help_text=_("We send an invitation there. The person needs no password.")
    )
    starts = DateField(label=_("First day"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts"].initial = timezone.localdate


class AppointForm(WhoForm):
    """A person for a position, which is found by role and title or made."""

    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)
    title = forms.CharField(
        label=_("Title"), max_length=120, help_text=_("As it stands on the door, such as Superintendent.")
    )
    field_order = ("role", "title", "name", "email", "starts")

    def __init__(self, *args: Any, organization: Organization, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = with_sentences(roles_at(organization, by))  # type: ignore[attr-defined]


class SuccessorForm(WhoForm):
    """Who holds a position next, from which day."""

    def __init__(self, *args: Any, position: Position, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts"].help_text = _("The present holder's time ends on the day before.")
        self.holder = position.terms.on(timezone.localdate()).first()

    def clean_starts(self) -> date:
        starts: date = self.cleaned_data["starts"]
        if self.holder and starts <= self.holder.starts:
            raise forms.ValidationError(_("Choose a day after the present holder's first day."))
        return starts


class EndForm(forms.Form):
    """The first day on which nobody holds the position any more."""

    ends = DateField(label=_("First day without this person"))

    def __init__(self, *args: Any, term: Term, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ends"].initial = timezone.localdate
        self.term = term

    def clean_ends(self) -> date:
        ends: date = self.cleaned_data["ends"]
        if self.term.ends and ends > self.term.ends:
            raise forms.ValidationError(_("This time in the position ends earlier already."))
        return ends


class AskForm(forms.Form):
    """What somebody says they are at an organization."""

    role = forms.ChoiceField(label=_("What do you do there?"), widget=forms.RadioSelect)
    title = forms.CharField(label=_("Your title"), max_length=120, help_text=_("Such as Principal."))
    message = forms.CharField(
        label=_("How can we check this?"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For example the school's phone number, or somebody there who knows you."),
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = with_sentences(roles_at(organization))  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    """Yes, or no with a reason."""

    decision = forms.ChoiceField(
        label=_("Your answer"),
        widget=forms.RadioSelect,
        choices=[("approve", _("Approve: the position starts today")), ("decline", _("Decline"))],
    )
    reason = forms.CharField(
        label=_("Reason, if you decline"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The person gets this by email."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("decision") == "decline" and not cleaned.get("reason"):
            self.add_error("reason", _("Say why, so that the person knows what to do next."))
        return cleaned


class AccountForm(forms.ModelForm):  # type: ignore[type-arg] # Django's own class takes no type
    """What people may change about themselves."""

    language = forms.ChoiceField(label=_("Language for mail and pages"), choices=settings.LANGUAGES)

    class Meta:
        model = Person
        fields = ("name", "phone", "language")
