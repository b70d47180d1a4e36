"""Jobs that every feature relies on: sending mail, reviving jobs of workers that died, and forgetting."""

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from commonground.site.ui import jobs, mail, once

# 8 seconds, a minute, 9 minutes, an hour, nine hours.
PATIENCE = RetryStrategy(max_attempts=mail.MOST_ATTEMPTS, exponential_wait=8, retry_exceptions=[mail.NotSentError])
jobs.when_given_up(mail.TASK, mail.give_up)


@app.task(name=mail.TASK, queue="mail", retry=PATIENCE)
def send_letter(letter: int) -> None:
    mail.deliver(letter)


@app.periodic(cron="* * * * *")
@app.task(name="ui.retry_stalled", queueing_lock="ui.retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Run the jobs of a worker that died again, unless they killed it too often."""
    await jobs.revive(context.app.job_manager)


@app.periodic(cron="37 3 * * *")
@app.task(name="ui.forget", queueing_lock="ui.forget")
def forget(timestamp: int) -> None:
    """Delete what is no longer needed: notes of forms that were sent, and mails that could not be delivered long ago."""
    once.forget()
    mail.forget()
