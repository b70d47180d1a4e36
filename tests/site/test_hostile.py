"""What no honest page sends: other people's things, nonsense in every field, files that are none. No address breaks over it."""

import io
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from commonground.site.directory.actions import imports
from commonground.site.directory.models import Import, Organization, Person
from commonground.site.directory.models.uploads import Stage
from commonground.site.directory.roles import Role
from tests.site.conftest import Tenant
from tests.site.formation.factories import make_proposal, make_round
from tests.site.test_access_matrix import cases
from tests.site.test_double_submit import MORE, POSTING, data_for, doer

Browser = Callable[[Person | None], Client]
NONSENSE = ("\x00", "9" * 40, "-1", "x" * 60_000, "<script>")
ASKED = (
    "q",
    "page",
    "view",
    "kind",
    "member",
    "to",
    "swap",
    "state",
    "county",
    "grade",
    "lea",
    "next",
    "verb",
    "change",
    "by",
    "since",
)
CALM = {200, 302, 400, 404}
READING = sorted(name for name, case in cases().items() if "GET" in case.methods and case.own)


@pytest.mark.parametrize("name", POSTING)
def test_nonsense_in_a_field_is_answered_with_a_page(name: str, home: Tenant, signed_in: Browser) -> None:
    case = cases()[name]
    Organization.objects.filter(pk=home.school.pk).update(city="Alder")
    url = reverse(name, kwargs=case.arguments(home))
    browser = signed_in(doer(case, home))
    honest = data_for(name, case, browser, url)
    for field in (*honest, *MORE.get(name, {})):
        for number, nonsense in enumerate(NONSENSE):
            sent = honest | {field: nonsense, "csrfmiddlewaretoken": f"{field}{number}"}
            answer = browser.post(url, _rewound(sent))
            assert answer.status_code in CALM, (name, field, nonsense[:20])


def _rewound(data: dict[str, Any]) -> dict[str, Any]:
    for value in data.values():
        if hasattr(value, "seek"):
            value.seek(0)
    return data


def test_two_megabytes_of_text_are_refused_with_a_page(home: Tenant) -> None:
    browser = Client(raise_request_exception=False)
    browser.force_login(home.people[Role.AGENCY_STAFF], backend="allauth.account.auth_backends.AuthenticationBackend")
    for url in (reverse("directory:add"), reverse("formation:new_round"), reverse("directory:account")):
        answer = browser.post(url, {"name": "x" * 2_000_000})
        assert answer.status_code == 400
        assert "Nothing was changed" in answer.text and "too long" in answer.text


@pytest.mark.parametrize("name", READING)
def test_nonsense_in_an_address_is_answered_with_a_page(name: str, home: Tenant, signed_in: Browser) -> None:
    case = cases()[name]
    url = reverse(name, kwargs=case.arguments(home))
    browser = signed_in(doer(case, home))
    for nonsense in NONSENSE[:4]:
        answer = browser.get(url, dict.fromkeys(ASKED, nonsense[:2000]))
        assert answer.status_code in {*CALM, 503}, (name, nonsense[:20])  # the health page says that no worker runs


@pytest.mark.parametrize("name", sorted(name for name, case in cases().items() if case.own))
def test_what_is_gone_or_never_was_is_not_found(name: str, home: Tenant, signed_in: Browser) -> None:
    case = cases()[name]
    arguments = case.arguments(home)
    browser = signed_in(doer(case, home))
    for key in {"pk", "agency"} & set(arguments):
        for number in (2**31 - 1, 2**63, 10**30):
            url = reverse(name, kwargs=arguments | {key: number})
            for method in case.methods:
                answer = browser.generic(method, url)
                assert answer.status_code == 404
                assert "We have no such page for you" in answer.text


def files() -> Iterator[tuple[str, bytes]]:
    """Files that people send by mistake, and some that they do not send by mistake."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as packed:
        packed.writestr("word/document.xml", "<w/>")
    picture = b"\x89PNG\r\n\x1a\n" + bytes(200)
    yield "photo.png", picture
    yield "photo.csv", picture
    yield "letter.docx", whole.getvalue()
    yield "letter.xlsx", whole.getvalue()
    yield "old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    yield "paper.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    yield "nothing.csv", b""
    yield "zeros.csv", bytes(5000)
    yield "wide.csv", b"a," * 50_000 + b"\n"
    yield "broken.xlsx", b"PK\x03\x04" + bytes(100)
    yield "x" * 300 + ".csv", b"School name\nAlder\n"


UPLOADS: dict[str, Callable[[Tenant], str]] = {
    "sent": lambda tenant: reverse("directory:imports"),
    "file": lambda tenant: reverse("formation:import", args=[make_round(tenant.agency).pk]),
    "file of minutes": lambda tenant: reverse("formation:section", args=[make_proposal(tenant).round_id, "travel"]),
}


@pytest.mark.parametrize("field", UPLOADS)
@pytest.mark.parametrize(("name", "content"), list(files()), ids=[name[:12] for name, _content in files()])
def test_a_file_of_a_wrong_kind_is_refused_in_words(
    field: str, name: str, content: bytes, home: Tenant, signed_in: Browser
) -> None:
    browser = signed_in(home.people[Role.AGENCY_STAFF])
    sent = {field.split()[0]: SimpleUploadedFile(name, content)}
    answer = browser.post(UPLOADS[field](home), sent, follow=True)
    for upload in Import.objects.all():  # read by a job
        imports.read(upload)
        assert upload.stage in {Stage.FAULTY, Stage.MAPPING}
        answer = browser.get(upload.get_absolute_url())
    assert answer.status_code == 200
    assert any(sign in answer.text for sign in ("usa-alert--error", "usa-error-message", "Columns need to be matched"))
