"""How people get an account and mail about it: what the sign-in library asks us to decide."""

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commonground.site.ui.mail import Written, as_html, keep

log = logging.getLogger(__name__)


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

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A code, or what stands in for one: somebody waits for it, so the page that asked for it says when it did not leave."""
        try:
            super().send_mail(template_prefix, email, context)
        except (SMTPException, OSError) as problem:
            log.error("mail not sent", extra={"template": template_prefix, "reason": type(problem).__name__})
            raise ImmediateHttpResponse(not_sent(self.request)) from None

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """News of what has happened already: a job sends it, so that a mail server that is away holds up nothing."""
        message = self.render_mail(template_prefix, email or user.email, {"user": user, **(context or {})})
        subject, text = str(message.subject), str(message.body)
        written = Written(subject, text, as_html(subject, text))
        keep(to=user, template=template_prefix, written=written, address=email or "")

    def format_email_subject(self, subject: str) -> str:
        return f"Common Ground: {subject}"


def not_sent(request: HttpRequest) -> HttpResponse:
    """Says that a mail did not leave, and what to do: the same for an address with an account and for one without."""
    if request.user.is_authenticated:
        text = gettext("We could not send you the mail. Wait a few minutes, then try again.")
        messages.error(request, text)
        return redirect(request.path)
    typed = request.POST.get("email") or request.POST.get("login", "")
    shown = {"typed": typed, "next": request.POST.get("next", "")}
    return render(request, "account/mail_not_sent.html", shown, status=503)


class OrganizationAccounts(DefaultSocialAccountAdapter):  # type: ignore[misc] # the library ships no types
    """People who come from their organization's own sign-in service bring their name."""

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Any:
        user = super().populate_user(request, sociallogin, data)
        parts = (data.get("first_name"), data.get("last_name"))
        user.name = (data.get("name") or " ".join(part for part in parts if part) or user.email)[:200]
        user.language = translation.get_language() or "en"
        return user
