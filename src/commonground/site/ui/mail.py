"""The one door for mail to people: in the receiver's language, after the transaction, as text and as HTML.

    send(to=leader, template="formation/mail/released.txt", context={"proposal": proposal})

The template's first line is the subject, the rest after an empty line is the text; a line that is only an address becomes a
button in the HTML, which is drawn from the same text so that the two cannot disagree. Templates get `site_url` (no slash at its
end) and `to`. They name organizations and adults; never a student.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from smtplib import SMTPException
from typing import Any, Protocol

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.utils import translation

log = logging.getLogger(__name__)
ADDRESS = re.compile(r"https?://\S+")


class Receiver(Protocol):
    """Whoever can get mail: a person with an address and a language."""

    pk: Any
    email: str
    language: str


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail, such as a calendar invitation."""

    name: str
    content: bytes
    kind: str


@dataclass(frozen=True)
class Letter:
    """A mail as written: subject, text, HTML."""

    subject: str
    text: str
    html: str


def send(
    *, to: Receiver, template: str, context: Mapping[str, Any] | None = None, attachments: Sequence[Attachment] = ()
) -> None:
    """Write the mail now, from the facts of this transaction, and send it when the transaction has succeeded."""
    letter = write(to, template, context or {})
    transaction.on_commit(partial(post, to, template, letter, attachments), robust=True)


def write(to: Receiver, template: str, context: Mapping[str, Any]) -> Letter:
    with translation.override(to.language):
        values = {**context, "to": to, "site_url": settings.SITE_URL}
        # Plain text: an ampersand in a school's name stays one. The HTML below escapes.
        written = get_template(template).template.render(Context(values, autoescape=False))  # type: ignore[attr-defined]
        subject, _, text = written.strip().partition("\n")
        text = re.sub(r"\n{3,}", "\n\n", text.strip())
        return Letter(" ".join(subject.split()), f"{text}\n", as_html(subject, text))


def as_html(subject: str, text: str) -> str:
    paragraphs = [(paragraph, bool(ADDRESS.fullmatch(paragraph))) for paragraph in re.split(r"\n\s*\n", text)]
    return render_to_string("ui/mail/base.html", {"subject": subject, "paragraphs": paragraphs})


def post(to: Receiver, template: str, letter: Letter, attachments: Sequence[Attachment]) -> None:
    """Hand the mail to the mail server. What was done stays done when the server refuses; the log says which mail is missing."""
    message = EmailMultiAlternatives(letter.subject, letter.text, to=[to.email])
    message.attach_alternative(letter.html, "text/html")
    for file in attachments:
        message.attach(file.name, file.content, file.kind)
    try:
        message.send()
    except (SMTPException, OSError) as error:
        log.error("mail not sent", extra={"template": template, "person_id": to.pk, "reason": type(error).__name__})
