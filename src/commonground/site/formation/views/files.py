"""Paper forms, and files of sign-ups in and out."""

import base64
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonground.site.audit.actions import record
from commonground.site.directory.access import access
from commonground.site.formation.actions import signups as signup_actions
from commonground.site.formation.actions.imports import import_signups as write_file
from commonground.site.formation.forms.files import PaperForm, UploadForm
from commonground.site.formation.models import Round
from commonground.site.formation.models.choices import Source
from commonground.site.formation.queries import rounds as queries
from commonground.site.formation.queries.export import example as example_bytes
from commonground.site.formation.queries.export import export as export_bytes
from commonground.site.formation.queries.files import Plan, plan_import
from commonground.site.formation.views.common import attempt, person, said

KINDS = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
LABELS = {
    "areas": gettext_lazy("Focus areas"),
    "needs": gettext_lazy("Needs"),
    "strengths": gettext_lazy("Strengths"),
    "grade_bands": gettext_lazy("Grades"),
    "readiness": gettext_lazy("Readiness"),
    "languages": gettext_lazy("Languages"),
    "travel_limit_km": gettext_lazy("Travel"),
    "good_with": gettext_lazy("Past partners"),
    "bad_with": gettext_lazy("Past partners"),
    "goals": gettext_lazy("Goals"),
    "capacity": gettext_lazy("Time"),
    "team": gettext_lazy("Team"),
}


@access("formation.run_round", find=queries.the_round, methods=("GET", "POST"))
def paper(request: HttpRequest, round: Round) -> HttpResponse:
    """Name the organization; then the same pages as for a leader."""
    form = PaperForm(round, request.POST or None)
    if request.method == "POST" and form.is_valid():
        organization = form.cleaned_data["organization"]
        signup = attempt(
            request, lambda: signup_actions.start(round, organization, by=person(request), source=Source.PAPER)
        )
        if signup:
            return redirect(signup) if signup.done else redirect("formation:step", pk=signup.pk, key="needs")
    return render(request, "formation/paper.html", {"round": round, "form": form})


@access("formation.run_round", find=queries.the_round, methods=("GET", "POST"))
def import_signups(request: HttpRequest, round: Round) -> HttpResponse:
    """Upload, look at what would happen, confirm. Between the two the file waits in the session of whoever uploaded it."""
    if "confirm" in request.POST:
        return _confirmed(request, round)
    request.session.pop(_key(round), None)  # whoever comes back to this page begins anew: the file has names in it
    form = UploadForm(request.POST or None, request.FILES or None)
    plan = None
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        data = file.read()
        plan = plan_import(round, data, file.name)
        if not plan.problems:
            request.session[_key(round)] = {"name": file.name, "data": base64.b64encode(data).decode()}
    return render(request, "formation/import.html", {"round": round, "form": form, **_shown(plan)})


def _key(round: Round) -> str:
    return f"formation_import_{round.pk}"


def _confirmed(request: HttpRequest, round: Round) -> HttpResponse:
    kept = request.session.pop(_key(round), None)
    if not kept:
        messages.error(request, _("There is no file to import any more. Upload it again."))
        return redirect("formation:import", pk=round.pk)
    data = base64.b64decode(kept["data"])
    done = attempt(request, lambda: write_file(round, data=data, name=kept["name"], by=person(request)))
    if done is None:
        return redirect("formation:import", pk=round.pk)
    text = _("Imported: %(new)s new sign-ups, %(updated)s updated.")
    messages.success(request, text % {"new": done[0], "updated": done[1]})
    return redirect(round)


def _shown(plan: Plan | None) -> dict[str, Any]:
    if plan is None:
        return {"plan": None}
    return {
        "plan": plan,
        "rows": [(one, [LABELS[name] for name in one.changed]) for one in plan.rows],
        "problems": [said(problem) for problem in plan.problems],
        "notes": [said(problem) for problem in plan.notes],
        "new": sum(planned.signup is None for planned in plan.rows),
    }


@dataclass(frozen=True)
class RoundFile:
    """A download of a round, as csv or xlsx."""

    round: Round
    form: str


def the_file(pk: int, form: str) -> RoundFile:
    if form not in KINDS:
        raise Http404
    return RoundFile(queries.the_round(pk), form)


@access("formation.run_round", find=the_file)
def example(request: HttpRequest, file: RoundFile) -> HttpResponse:
    """A file to fill in, with two rows as an example."""
    return _download(f"sign-ups-example.{file.form}", example_bytes(file.round, file.form), file.form)


@access("formation.run_round", find=the_file)
def export(request: HttpRequest, file: RoundFile) -> HttpResponse:
    """All sign-ups of the round."""
    record("sign-ups exported", by=person(request), on=file.round, tenant=file.round.agency, form=file.form)
    return _download(f"{slugify(file.round.name)}-sign-ups.{file.form}", export_bytes(file.round, file.form), file.form)


def _download(name: str, content: bytes, form: str) -> HttpResponse:
    response = HttpResponse(content, content_type=KINDS[form])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
