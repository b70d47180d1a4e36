"""Importing directory files: send, watch, match columns, look, apply, cancel."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from commonground.site.directory import tasks
from commonground.site.directory.access import access, person_of
from commonground.site.directory.actions import imports as actions
from commonground.site.directory.forms.imports import ApplyForm, MatchForm, SendForm
from commonground.site.directory.models import Import
from commonground.site.directory.models.uploads import ChangeKind, Stage
from commonground.site.directory.queries.preview import lines, seen_by, told

PAGE = 50
TABS = (ChangeKind.CHANGED, ChangeKind.NEW, ChangeKind.MISSING)
OUTSIDE = "outside"  # a tab of its own: what is shown and left alone


def the_import(pk: int) -> Import:
    found = Import.objects.select_related("agency").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@access("directory.import", methods=("GET", "POST"))
def imports(request: HttpRequest) -> HttpResponse:
    """Earlier imports, and the form to send files."""
    by = person_of(request)
    form = SendForm(request.POST, request.FILES, by=by) if request.method == "POST" else SendForm(by=by)
    if form.is_valid():
        files = [(file.name, file.read()) for file in form.cleaned_data["sent"]]
        with transaction.atomic():
            upload = actions.start(by=by, files=files, day=form.cleaned_data["day"], agency=form.cleaned_data["agency"])
            tasks.read_import.defer(upload=upload.pk)
        return redirect(upload)
    earlier = Paginator(seen_by(by).prefetch_related("files").select_related("created_by", "agency"), 20)
    return render(request, "directory/imports.html", {"form": form, "page": earlier.get_page(request.GET.get("page"))})


@access("directory.see_import", find=the_import)
def show(request: HttpRequest, upload: Import) -> HttpResponse:
    """Where an import stands: progress, columns to match, mistakes, or what it would change."""
    if request.htmx and upload.is_under_way:  # type: ignore[attr-defined] # set by django-htmx
        return render(request, "directory/import_progress.html", {"upload": upload})
    response = render(request, "directory/import.html", {"upload": upload, **_of_stage(request, upload)})
    if request.htmx:  # type: ignore[attr-defined]
        response = HttpResponse()
        response["HX-Refresh"] = "true"  # the stage has changed: the whole page has something else to say
    return response


def _of_stage(request: HttpRequest, upload: Import) -> dict[str, Any]:
    if upload.stage == Stage.MAPPING:
        return {"forms": _match_forms(upload)}
    if upload.stage not in {Stage.READY, Stage.DONE}:
        return {"problems": told(upload.problems)}
    labels = {tab.value: str(tab.label) for tab in TABS}
    if upload.counts.get(OUTSIDE):
        labels[OUTSIDE] = _("Left to others")
    usual = next((tab for tab in labels if upload.counts.get(tab)), ChangeKind.NEW.value)
    wanted = request.GET.get("kind", "")
    kind = wanted if wanted in labels else usual
    changes = upload.changes.left_alone() if kind == OUTSIDE else upload.changes.to_apply().filter(kind=kind)
    page = Paginator(changes, PAGE).get_page(request.GET.get("page"))
    return {
        "kind": kind,
        "label": labels[kind],
        "tabs": [(tab, label, upload.counts.get(tab, 0)) for tab, label in labels.items()],
        "page": page,
        "lines": lines(page.object_list),
        "notes": told(upload.notes),
        "form": ApplyForm(),
    }


def _match_forms(upload: Import, data: Any = None) -> list[MatchForm]:
    return [MatchForm(file, data) for file in upload.files.all() if file.sample]


@access("directory.see_import", find=the_import, methods=("POST",))
def match(request: HttpRequest, upload: Import) -> HttpResponse:
    forms = _match_forms(upload, request.POST)
    valid = [form.is_valid() for form in forms]  # every form shows its errors, not only the first
    if not all(valid):
        return render(request, "directory/import.html", {"upload": upload, "forms": forms})
    with transaction.atomic():
        if actions.match_columns(upload, {form.file.pk: form.mapping() for form in forms}):
            tasks.read_import.defer(upload=upload.pk)
    return redirect(upload)


@access("directory.see_import", find=the_import, methods=("POST",))
def apply(request: HttpRequest, upload: Import) -> HttpResponse:
    form = ApplyForm(request.POST)
    with transaction.atomic():
        if form.is_valid() and actions.approve(upload, close_missing=form.cleaned_data["close_missing"]):
            tasks.apply_import.defer(upload=upload.pk, by=person_of(request).pk)
    return redirect(upload)


@access("directory.see_import", find=the_import, methods=("POST",))
def cancel(request: HttpRequest, upload: Import) -> HttpResponse:
    if actions.cancel(upload, by=person_of(request)):
        messages.success(request, _("The import is cancelled. Nothing was changed, and its files are deleted."))
    else:
        messages.warning(request, _("This import can no longer be cancelled."))
    return redirect("directory:imports")
