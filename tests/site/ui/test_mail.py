"""Mail to people: one door, the receiver's language, only after what it tells has really happened."""

import pytest
from django.core import mail as django_mail
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from commonground.site.directory.models import Person
from commonground.site.ui import mail

TEMPLATE = (
    "{% load i18n %}{% translate 'Home' %}: {{ school }}\n\nFirst & last.\n\n{{ site_url }}/there/\n\n{{ to.name }}\n"
)


@pytest.fixture
def template(settings: Settings) -> str:
    loader = ("django.template.loaders.locmem.Loader", {"tests/letter.txt": TEMPLATE})
    others = "django.template.loaders.app_directories.Loader"
    changed = dict(settings.TEMPLATES[0], APP_DIRS=False)
    changed["OPTIONS"] = dict(changed["OPTIONS"], loaders=[loader, others])
    settings.TEMPLATES = [changed]
    return "tests/letter.txt"


def test_mail_speaks_the_language_of_its_receiver(template: str, family: Person) -> None:
    family.language = "es"
    letter = mail.write(family, template, {"school": "Oak"})
    assert letter.subject == "Inicio: Oak"
    assert 'lang="es"' in letter.html


def test_the_text_is_plain_and_the_html_is_escaped(template: str, family: Person) -> None:
    letter = mail.write(family, template, {"school": "<b>A & B</b>"})
    assert letter.subject == "Home: <b>A & B</b>"
    assert "First & last." in letter.text
    assert "First &amp; last." in letter.html
    assert "<b>A" not in letter.html


def test_a_line_that_is_only_an_address_becomes_a_link(template: str, family: Person) -> None:
    assert '<a href="http://localhost:8000/there/">' in mail.write(family, template, {"school": "Oak"}).html


def test_a_subject_cannot_grow_a_second_line(template: str, family: Person) -> None:
    assert mail.write(family, template, {"school": "Oak\rBcc: x"}).subject == "Home: Oak Bcc: x"


def test_mail_leaves_only_when_the_transaction_succeeds(
    template: str, family: Person, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            mail.send(to=family, template=template)
            raise ZeroDivisionError
        mail.send(to=family, template=template, context={"school": "Oak"})
        assert not django_mail.outbox
    assert [sent.to for sent in django_mail.outbox] == [[family.email]]


def test_a_calendar_file_goes_with_the_mail(
    template: str, family: Person, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    invitation = mail.Attachment("meeting.ics", b"BEGIN:VCALENDAR", "text/calendar")
    with django_capture_on_commit_callbacks(execute=True):
        mail.send(to=family, template=template, attachments=[invitation])
    assert django_mail.outbox[0].attachments[0].filename == "meeting.ics"
