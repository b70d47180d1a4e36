"""The one door for mail to people: in the receiver's language, after the transaction, as text and as HTML.

    send(to=leader, template="formation/mail/released.txt", context={"proposal": proposal})

The template's first line is the subject, the rest after an empty line is the text; a line that is only an address becomes a
button in the HTML, which is drawn from the same text so that the two cannot disagree. Templates get `site_url` (no slash at its
end) and `to`. They name organizations and adults; never a student.
"""

import logging
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any, Protocol

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.utils import timezone, translation
from procrastinate.contrib.django import app

from commonground.site.ui.models import Letter, LetterState

log = logging.getLogger(__name__)
TASK = "ui.send_letter"
MOST_ATTEMPTS = 5  # over about ten hours: longer than most mail servers are away
KEPT = timedelta(days=30)
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
class Written:
    """A mail as written: subject, text, HTML."""

    subject: str
    text: str
    html: str


class NotSentError(Exception):
    """The mail server did not take a mail; the job runs again."""


def send(
    *, to: Receiver, template: str, context: Mapping[str, Any] | None = None, attachments: Sequence[Attachment] = ()
) -> None:
    """Write the mail now, from the facts of this transaction; a job sends it when the transaction has succeeded."""
    written = write(to, template, context or {})
    files = [
        {"name": file.name, "kind": file.kind, "content": b64encode(file.content).decode()} for file in attachments
    ]
    keep(to=to, template=template, written=written, files=files)


def keep(*, to: Receiver, template: str, written: Written, files: Sequence[Any] = (), address: str = "") -> None:
    """Have a job send a mail, to the person's own address unless another one is named."""
    with transaction.atomic():
        letter = Letter.objects.create(
            to_id=to.pk, template=template, files=list(files), address=address, **vars(written)
        )
        order(letter)


def order(letter: Letter) -> None:
    """Let a worker send it, also one that was given up before."""
    app.configure_task(TASK).defer(letter=letter.pk)


def write(to: Receiver, template: str, context: Mapping[str, Any]) -> Written:
    with translation.override(to.language):
        values = {**context, "to": to, "site_url": settings.SITE_URL}
        # Plain text: an ampersand in a school's name stays one. The HTML below escapes.
        written = get_template(template).template.render(Context(values, autoescape=False))  # type: ignore[attr-defined]
        subject, _, text = written.strip().partition("\n")
        text = re.sub(r"\n{3,}", "\n\n", text.strip())
        return Written(" ".join(subject.split())[:400], f"{text}\n", as_html(subject, text))


def as_html(subject: str, text: str) -> str:
    paragraphs = [(paragraph, bool(ADDRESS.fullmatch(paragraph))) for paragraph in re.split(r"\n\s*\n", text)]
    return render_to_string("ui/mail/base.html", {"subject": subject, "paragraphs": paragraphs})


def deliver(pk: int) -> None:
    """Hand a mail to the mail server and forget it. Raises NotSentError where it is worth another try.

    After the last try, or where the server refuses the address for good, the mail stays for staff to see. A job that runs
    again after its mail was sent finds nothing; one that is killed between sending and forgetting sends a second time.
    """
    letter = Letter.objects.filter(pk=pk, state=LetterState.WAITING).select_related("to").first()
    if letter is None:
        return
    try:
        as_message(letter).send()
    except (SMTPException, OSError) as error:
        _refused(letter, error)
    else:
        letter.delete()


def as_message(letter: Letter) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(letter.subject, letter.text, to=[letter.address or letter.to.email])
    message.attach_alternative(letter.html, "text/html")
    for file in letter.files:
        message.attach(file["name"], b64decode(file["content"]), file["kind"])
    return message


def _refused(letter: Letter, error: Exception) -> None:
    letter.attempts += 1
    letter.problem = type(error).__name__
    over = letter.attempts >= MOST_ATTEMPTS or _for_good(error)
    letter.state = LetterState.REFUSED if over else LetterState.WAITING
    letter.save()
    facts = {"template": letter.template, "person_id": letter.to_id, "reason": letter.problem, "given_up": over}
    log.error("mail not sent", extra=facts)
    if not over:
        raise NotSentError(letter.problem)


def _for_good(error: Exception) -> bool:
    """Does the server say that this address will never take mail (RFC 5321, 4.2.1: replies from 500)?"""
    if not isinstance(error, SMTPRecipientsRefused):
        return False
    return all(code >= 500 for code, _text in error.recipients.values())


@transaction.atomic
def send_again(letter: Letter) -> None:
    """Try a mail once more from the beginning; one that is on its way already stays so."""
    again = Letter.objects.filter(pk=letter.pk, state=LetterState.REFUSED)
    if again.update(state=LetterState.WAITING, attempts=0, problem=""):
        order(letter)


def give_up(letter: int) -> None:
    """The job of a mail ended for good: staff see what did not leave."""
    Letter.objects.filter(pk=letter, state=LetterState.WAITING).update(state=LetterState.REFUSED, problem="worker died")


def forget() -> int:
    """Delete mails that could not be delivered long ago; returns how many."""
    old = timezone.now() - KEPT
    return Letter.objects.filter(state=LetterState.REFUSED, written_at__lt=old).delete()[0]
