"""Whether the site works, for whoever watches it: a load balancer, a container engine, an operator's monitor."""

from datetime import timedelta

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from procrastinate.contrib.django.models import ProcrastinateWorker

from commonground.site.directory.access import PUBLIC, access

# A worker says every ten seconds that it lives; three times that is a worker in trouble.
WORKER_IS_AWAY_AFTER = timedelta(seconds=30)


def worker_lives() -> bool:
    since = timezone.now() - WORKER_IS_AWAY_AFTER
    return ProcrastinateWorker.objects.filter(last_heartbeat__gte=since).exists()


@access(PUBLIC)
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """200 where pages can be answered, 503 where the database is away. A worker that is away delays jobs, not pages."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        worker = "ok" if worker_lives() else "away"
    except Error:
        return JsonResponse({"database": "away"}, status=503)
    return JsonResponse({"database": "ok", "worker": worker})
