"""Jobs whose worker died: run again, but not for ever. A file that kills whoever reads it would take down every worker in turn."""

import logging
from collections.abc import Callable

from asgiref.sync import sync_to_async
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

log = logging.getLogger(__name__)
STALLED_AFTER = 30  # seconds without a sign of life from the worker, three of its heartbeats
MOST_DEATHS = 3
_ends: dict[str, Callable[..., None]] = {}


def when_given_up(task: str, act: Callable[..., None]) -> None:
    """Say what happens when a job of this task is given up: `act` gets the job's own arguments, perhaps twice."""
    _ends[task] = act


async def revive(manager: JobManager, seconds: float = STALLED_AFTER) -> int:
    """Let every job run again whose worker gave no sign of life for so long, or give it up; returns how many run again."""
    again = 0
    for job in list(await manager.get_stalled_jobs(seconds_since_heartbeat=seconds)):
        if job.attempts + 1 < MOST_DEATHS:
            await manager.retry_job(job)
            again += 1
        else:
            await give_up(manager, job)
    return again


async def give_up(manager: JobManager, job: Job) -> None:
    """End a job as failed, and tell the feature that it belongs to."""
    log.error("job given up", extra={"task": job.task_name, "job": job.id, "attempts": job.attempts + 1})
    try:
        await sync_to_async(_end)(job.id)
    except Exception:
        log.exception("the end of a job failed", extra={"task": job.task_name, "job": job.id})
    await manager.finish_job(job, status=Status.FAILED, delete_job=False)


def _end(number: int | None) -> None:
    job = ProcrastinateJob.objects.get(pk=number)  # the manager hands out arguments as text or as values
    if job.task_name in _ends:
        _ends[job.task_name](**job.args)
