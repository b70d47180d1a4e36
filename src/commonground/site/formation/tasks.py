"""Jobs of forming partnerships: searches, and what the calendar asks for."""

from procrastinate import JobContext, RetryStrategy, exceptions
from procrastinate.contrib.django import app

from commonground.engines.formation import FormationError, Progress
from commonground.site.formation import solver
from commonground.site.formation.actions import calendar, searches
from commonground.site.formation.queries.drafts import Table
from commonground.site.ui import jobs

jobs.when_given_up(searches.TASK, searches.give_up)


@app.task(name=searches.TASK, pass_context=True, retry=RetryStrategy(max_attempts=3, wait=5))
def search(context: JobContext, search_id: int) -> None:
    """Form groups. Safe to run again at any moment: nothing is saved before everything is."""
    order = searches.begin(search_id)
    if order is None:
        return

    def watch(progress: Progress | None) -> bool:
        if context.should_abort():
            raise exceptions.JobAborted  # the worker is told to end: another one takes the search up again
        return searches.report(order, progress)

    try:
        table = Table(order.round)
        found = solver.search(searches.order_of(order, table), watch)
    except FormationError as refusal:
        searches.refuse(order, refusal)
    except solver.SearchBrokeError:
        searches.refuse(order, None)
    else:
        searches.save(order, found, table)


@app.periodic(cron="*/5 * * * *")
@app.task(name="formation.end_orphans", queueing_lock="formation.end_orphans")
def end_orphans(timestamp: int) -> None:
    searches.end_orphans()


@app.periodic(cron="7 8 * * *")
@app.task(name="formation.remind_leaders", queueing_lock="formation.remind_leaders")
def remind_leaders(timestamp: int) -> None:
    calendar.remind()


@app.periodic(cron="17 * * * *")
@app.task(name="formation.expire_places", queueing_lock="formation.expire_places")
def expire_places(timestamp: int) -> None:
    calendar.expire()
