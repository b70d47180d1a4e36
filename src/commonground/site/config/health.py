"""Is the site well? For a load balancer or a watchdog: a few words and a status, and no detail for strangers.

A worker that is away delays jobs, not pages: it is said, but no reason to take the site from its visitors.
"""

import functools
import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from procrastinate.contrib.django.models import ProcrastinateWorker

from commonground.site.directory.access import PUBLIC, access

log = logging.getLogger(__name__)
SILENCE = timedelta(minutes=2)  # a worker reports every ten seconds


def database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


@functools.cache
def needed_migrations() -> frozenset[tuple[str, str]]:
    """The migrations of this version's code: read from disk once, as they cannot change while the process runs."""
    return frozenset(MigrationLoader(None).graph.nodes)


def migrations() -> bool:
    return needed_migrations() <= MigrationRecorder(connection).applied_migrations().keys()


def worker() -> bool:
    return ProcrastinateWorker.objects.filter(last_heartbeat__gt=timezone.now() - SILENCE).exists()


CHECKS: dict[str, Callable[[], bool]] = {"database": database, "migrations": migrations, "worker": worker}
NEEDED_BY_PAGES = {"database", "migrations"}


def failures() -> list[str]:
    """The names of the checks that fail; without a database, the others cannot be asked."""
    try:
        return [name for name, check in CHECKS.items() if not check()]
    except DatabaseError:
        return ["database"]


@access(PUBLIC)
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    failed = failures()
    healthy = NEEDED_BY_PAGES.isdisjoint(failed)
    if failed:
        log.error("not healthy", extra={"failed": failed})
    return JsonResponse(
        {"healthy": healthy, "worker": healthy and "worker" not in failed}, status=200 if healthy else 503
    )
