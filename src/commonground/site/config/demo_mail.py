"""Mail in the demo: kept as files and shown on a page, so that mailed codes can be tried without a mail server.

Anybody who reaches the demo can read every mail, so the page exists only there (`config/urls.py` adds it when DEMO is set).
"""

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from commonground.site.directory.access import PUBLIC, access

SHOWN = 50
_number = itertools.count()


class MailFolder(BaseEmailBackend):
    """Writes each message to a file of its own, named so that the newest sorts last."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            path = folder / f"{time.time_ns():020}-{next(_number)}.eml"
            part = path.with_suffix(".part")
            part.write_bytes(message.message().as_bytes())
            part.rename(path)
        return len(email_messages)


@dataclass(frozen=True)
class Mail:
    """One mail as the page shows it."""

    to: str
    subject: str
    sent: datetime
    text: str


def read(path: Path) -> Mail:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = message.get_body(("plain", "html"))
    sent = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
    return Mail(str(message["To"]), str(message["Subject"]), sent, body.get_content() if body else "")


def newest() -> list[Mail]:
    return [read(path) for path in sorted(Path(settings.EMAIL_FILE_PATH).glob("*.eml"), reverse=True)[:SHOWN]]


@access(PUBLIC)
def mailbox(request: HttpRequest) -> HttpResponse:
    return render(request, "config/demo_mail.html", {"mails": newest()})
