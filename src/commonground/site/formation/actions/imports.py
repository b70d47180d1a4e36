"""Writing a file of sign-ups into a round: all rows in one transaction, or none."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from commonground.site.audit.actions import record
from commonground.site.directory.models import Person
from commonground.site.formation.actions.answers import Answers, Chosen, Past, write
from commonground.site.formation.actions.rounds import locked
from commonground.site.formation.models import Round, SignUp, Topic
from commonground.site.formation.models.choices import Outcome, RoundState, Side, SignUpState, Source
from commonground.site.formation.models.stages import RefusedError
from commonground.site.formation.queries.eligibility import bands_of
from commonground.site.formation.queries.files import Planned, plan_import

FIELDS = ("goals", "capacity", "grade_bands", "languages", "readiness", "travel_limit_km")


@transaction.atomic
def import_signups(round: Round, *, data: bytes, name: str, by: Person) -> tuple[int, int]:
    """Read the file again and write it; returns how many sign-ups are new and how many were there before.

    The file is read anew because the round may have changed since its preview. Raises RefusedError where it no longer fits.
    """
    current = locked(round)
    if current.state not in {RoundState.OPEN, RoundState.CLOSED}:
        raise RefusedError(
            _("Sign-ups can be imported while a round is open or closed, and before proposals are made.")
        )
    list(current.signups.select_for_update())  # nobody answers or withdraws between the plan and its writing
    plan = plan_import(current, data, name)
    if plan.problems:
        raise RefusedError(_("The round or the directory has changed since the preview. Upload the file again."))
    writer = _Writer(current, by)
    for planned in plan.rows:
        writer.write(planned)
    new = sum(planned.signup is None for planned in plan.rows)
    record("sign-ups imported", by=by, on=current, tenant=current.agency, new=new, updated=len(plan.rows) - new)
    return new, len(plan.rows) - new


class _Writer:
    """Writes planned rows into one round. What the file leaves empty stays as it was."""

    def __init__(self, round: Round, by: Person) -> None:
        self._round = round
        self._by = by
        self._areas = {area.code: area for area in round.areas.all()}
        self._topics = {topic.code: topic for topic in Topic.objects.filter(agency=round.agency)}

    def write(self, planned: Planned) -> None:
        signup = planned.signup or SignUp(
            round=self._round,
            organization=planned.organization,
            source=Source.FILE,
            started_by=self._by,
            grade_bands=bands_of(planned.organization),
            languages=["en"],
        )
        if signup.state != SignUpState.SUBMITTED:
            signup.state, signup.submitted_at, signup.submitted_by = SignUpState.SUBMITTED, timezone.now(), self._by
        signup.save()
        write(signup, self._answers(planned.values), author=None)
        record(
            "sign-up imported", by=self._by, on=signup, tenant=planned.organization.lea, fields=sorted(planned.values)
        )

    def _answers(self, values: Any) -> Answers:
        past = [Past(other, Outcome.GOOD) for other in values.get("good_with", ())]
        past += [Past(other, Outcome.BAD) for other in values.get("bad_with", ())]
        sides = {"needs": Side.NEED, "strengths": Side.STRENGTH}
        return Answers(
            fields={name: values[name] for name in FIELDS if name in values},
            choices={
                side: [Chosen(self._topics[code], "", level) for code, level in values[name].items()]
                for name, side in sides.items()
                if name in values
            },
            areas=[self._areas[code] for code in values["areas"]] if "areas" in values else None,
            past=past or None,
            team=values.get("team"),
        )
