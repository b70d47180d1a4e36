"""Mail in the demo: readable on one page there, and nowhere else."""

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core import mail
from django.test import Client, override_settings
from django.urls import clear_url_caches

from commonground.site.config import urls


@pytest.fixture
def in_the_demo(tmp_path: Path) -> Iterator[None]:
    """The addresses and the mail of a demo."""
    backend = "commonground.site.config.demo_mail.MailFolder"
    with override_settings(DEMO=True, EMAIL_BACKEND=backend, EMAIL_FILE_PATH=tmp_path / "mail"):
        importlib.reload(urls)
        clear_url_caches()
        yield
    importlib.reload(urls)
    clear_url_caches()


def send(subject: str, body: str) -> None:
    mail.send_mail(subject, body, "from@site.example", ["leader@district.example"])


@pytest.mark.django_db
def test_mails_are_shown_newest_first_with_their_links(in_the_demo: None, client: Client) -> None:
    send("Your code", "The code is <QX7-VQ2>.")
    send("A proposal", "Read it: http://site.example/proposal/")
    page = client.get("/demo/mail/").content.decode()
    assert page.index("A proposal") < page.index("Your code")
    assert "&lt;QX7-VQ2&gt;" in page
    assert 'href="http://site.example/proposal/"' in page
    assert "leader@district.example" in page


@pytest.mark.django_db
def test_without_mail_the_page_says_what_to_do(in_the_demo: None, client: Client) -> None:
    assert "Nothing has been sent yet" in client.get("/demo/mail/").content.decode()


@pytest.mark.django_db
def test_outside_the_demo_there_is_no_such_page(client: Client) -> None:
    assert client.get("/demo/mail/").status_code == 404
