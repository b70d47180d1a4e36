"""How people get an account and mail about it: what the sign-in library asks us to decide."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django import forms
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from commonground.site.ui.mail import as_html


class NameForm(forms.Form):
    """What we ask besides the email address."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=200,
        help_text=_("As colleagues know you."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ("name", "email", "password1")

    def signup(self, request: HttpRequest, user: Any) -> None:
        user.name = self.cleaned_data["name"]
        user.language = translation.get_language() or "en"
        user.save(update_fields=["name", "language"])


class Accounts(DefaultAccountAdapter):  # type: ignore[misc] # the library ships no types
    """Mail about accounts, in the person's own language where we know it."""

    def render_mail(
        self, template_prefix: str, email: Any, context: dict[str, Any], headers: Any = None
    ) -> EmailMessage:
        address = email if isinstance(email, str) else email[0]
        person = context.get("user") or get_user_model().objects.filter(email__iexact=address).first()
        language = getattr(person, "language", "") or translation.get_language() or "en"
        with translation.override(language):
            message: EmailMessage = super().render_mail(template_prefix, email, context, headers)
            if isinstance(message, EmailMultiAlternatives):
                message.attach_alternative(as_html(str(message.subject), str(message.body)), "text/html")
            return message

    def format_email_subject(self, subject: str) -> str:
        return f"Common Ground: {subject}"


class OrganizationAccounts(DefaultSocialAccountAdapter):  # type: ignore[misc] # the library ships no types
    """People who come from their organization's own sign-in service bring their name."""

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Any:
        user = super().populate_user(request, sociallogin, data)
        parts = (data.get("first_name"), data.get("last_name"))
        user.name = (data.get("name") or " ".join(part for part in parts if part) or user.email)[:200]
        user.language = translation.get_language() or "en"
        return user
