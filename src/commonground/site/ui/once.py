"""A form that is sent twice is acted on once: the second click, the reload, the browser that sends again on a poor line.

The key is what the page gave the form anyway: the token against forged requests is masked anew each time that a page is drawn, so
that the same token with the same fields from the same person is the same form. Whoever opens the page again sends another one.

1. Note the form in the transaction of the whole view. A twin that comes at the same moment waits here until the first is done.
2. Act. Where the answer leads to another page, keep its address; a page that asks for a correction is no act, and is forgotten.
3. A twin is led to the address of the first.
"""

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _

from commonground.site.ui.models import Submission

TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - the name of a field
WINDOW = timedelta(hours=1)  # a page that lay open for longer is sent on purpose


def once(request: HttpRequest, act: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of `act`; for a form that was sent already, the address that its first answer led to."""
    if request.method != "POST" or not request.user.is_authenticated or not request.POST.get(TOKEN):
        return act()
    with transaction.atomic():
        submission, is_new = Submission.objects.get_or_create(digest=digest_of(request))
        if not is_new and submission.at > timezone.now() - WINDOW:
            messages.info(request, _("This form reached us twice. We acted on it once."))
            return HttpResponseRedirect(submission.location)
        answer = act()
        if answer.status_code in (302, 303):
            submission.location = answer["Location"]
            submission.save()
        else:
            submission.delete()
    return answer


def digest_of(request: HttpRequest) -> str:
    """The same for the same fields and files, sent by the same person from the same drawing of the same page."""
    whole = hashlib.sha256()
    for part in _parts(request):
        whole.update(len(part).to_bytes(8) + part)  # with lengths, so that two fields never read as one
    return whole.hexdigest()


def _parts(request: HttpRequest) -> Iterator[bytes]:
    yield str(request.user.pk).encode()
    yield request.get_full_path().encode()
    for name, values in sorted(request.POST.lists()):
        yield from (text.encode(errors="surrogatepass") for text in (name, *values))
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            yield f"{name}/{file.name}".encode(errors="surrogatepass")
            yield from file.chunks()
            file.seek(0)


def forget() -> int:
    """Delete what no second click can mean any more; returns how many."""
    return Submission.objects.filter(at__lt=timezone.now() - WINDOW).delete()[0]
