"""Is the site well? For a load balancer or a watchdog: a word and a status, and no detail for strangers."""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateWorker

from commonground.site.directory.access import PUBLIC, access

log = logging.getLogger(__name__)
SILENCE = timedelta(minutes=2)  # a worker reports every ten seconds


def database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def worker() -> bool:
    return ProcrastinateWorker.objects.filter(last_heartbeat__gt=timezone.now() - SILENCE).exists()


CHECKS: dict[str, Callable[[], bool]] = {"database": database, "migrations": migrations, "worker": worker}


def failures() -> list[str]:
    """The names of the checks that fail; without a database, the others cannot be asked."""
    try:
        return [name for name, check in CHECKS.items() if not check()]
    except DatabaseError:
        return ["database"]


@access(PUBLIC)
def health(request: HttpRequest) -> HttpResponse:
    failed = failures()
    if failed:
        log.error("not healthy", extra={"failed": failed})
    return JsonResponse({"healthy": not failed}, status=503 if failed else 200)
