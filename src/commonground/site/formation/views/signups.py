"""Signing up, as a leader or a coordinator does it; staff type in paper forms through the same pages."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonground.site.directory.access import PUBLIC, access
from commonground.site.directory.models import Organization
from commonground.site.formation import standard
from commonground.site.formation.actions import signups as actions
from commonground.site.formation.forms.joining import CopyForm, WithdrawForm
from commonground.site.formation.forms.signup import StepForm
from commonground.site.formation.forms.steps import BY_KEY, Step, steps_of
from commonground.site.formation.models import Round, SignUp
from commonground.site.formation.models.choices import SignUpState
from commonground.site.formation.permissions import is_host_staff, leads_volunteer
from commonground.site.formation.queries import rounds as round_queries
from commonground.site.formation.queries.completeness import missing
from commonground.site.formation.queries.describe import who_may_join
from commonground.site.formation.queries.eligibility import may_join, signed_up_by
from commonground.site.formation.queries.signups import siblings, the_signup
from commonground.site.formation.queries.summary import summary
from commonground.site.formation.views.common import attempt, keeps_typed, person, typed_before

ON_A_PAGE = 24  # organizations; a large district has a thousand schools


@dataclass(frozen=True)
class StepPage:
    """One page of one sign-up."""

    signup: SignUp
    step: Step


def the_step(pk: int, key: str) -> StepPage:
    signup = the_signup(pk)
    step = BY_KEY.get(key)
    if step is None or step not in steps_of(signup.round):
        raise Http404
    return StepPage(signup, step)


@access(PUBLIC, find=round_queries.the_announced_round)
def about(request: HttpRequest, round: Round) -> HttpResponse:
    """What an open round is, who may join, how long it takes, and who sees the answers."""
    context = {
        "round": round,
        "areas": list(round.areas.all()),
        "explanation": standard.STANDARD[round.kind].explanation,
        "who": who_may_join(round),
    }
    return render(request, "formation/about.html", context)


@access("formation.sign_up", find=round_queries.the_announced_round, methods=("GET", "POST"))
def join(request: HttpRequest, round: Round) -> HttpResponse:
    """Choose the organizations to sign up."""
    mine = {one.pk: one for one in may_join(round, person(request))}
    if request.method == "POST":
        return _start(request, round, mine.get(_number(request.POST.get("organization"))))
    existing = {signup.organization_id: signup for signup in round.signups.filter(organization__in=mine)}
    wanted = request.GET.get("q", "").strip()
    rows = [
        (organization, existing.get(organization.pk))
        for organization in mine.values()
        if wanted.casefold() in organization.name.casefold()
    ]
    rows.sort(key=lambda row: (row[1] is None, row[0].name))
    others = signed_up_by(person(request)).filter(kind__in=round.kinds).exclude(pk__in=mine)
    context = {
        "round": round,
        "page": Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page")),
        "wanted": wanted,
        "is_long": len(mine) > ON_A_PAGE,
        "has_any": bool(mine),
        "has_others": others.exists(),
        "who": who_may_join(round),
    }
    return render(request, "formation/join.html", context)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 19 else 0


def _start(request: HttpRequest, round: Round, organization: Organization | None) -> HttpResponse:
    if organization is None:
        messages.error(request, _("Choose one of your organizations that can join this round."))
        return redirect("formation:join", pk=round.pk)
    signup = attempt(request, lambda: actions.start(round, organization, by=person(request)))
    if signup is None:
        return redirect("formation:join", pk=round.pk)
    return (
        redirect("formation:step", pk=signup.pk, key=_next_key(signup) or "needs")
        if not signup.done
        else redirect(signup)
    )


def _next_key(signup: SignUp, after: str = "") -> str:
    """The step that follows `after`, or the first that is not done; "" at the end."""
    keys = [step.key for step in steps_of(signup.round)]
    if after:
        return next(iter(keys[keys.index(after) + 1 :]), "")
    return next((key for key in keys if key not in signup.done), "")


@access("formation.see_signup", find=the_signup)
def overview(request: HttpRequest, signup: SignUp) -> HttpResponse:
    """All answers on one page: to review before submitting, and to read afterwards."""
    reader = person(request)
    lines = summary(signup, reader=reader)
    gaps = missing(signup)
    rows = [
        {
            "step": step,
            "lines": lines[step.key],
            "gaps": [gap.text for gap in gaps if gap.step == step.key],
            "done": step.key in signup.done,
        }
        for step in steps_of(signup.round)
    ]
    context = {
        "signup": signup,
        "round": signup.round,
        "rows": rows,
        "is_complete": not gaps,
        "resume": _next_key(signup),
        "may_change": actions.may_change(signup, reader),
        "may_withdraw": actions.may_withdraw(signup, reader),
        "may_speak": leads_volunteer(reader, signup) or is_host_staff(reader, signup),
        "is_staff": is_host_staff(reader, signup),
        "siblings": siblings(signup, reader),
        "is_submitted": signup.state == SignUpState.SUBMITTED,
        "is_withdrawn": signup.state == SignUpState.WITHDRAWN,
    }
    return render(request, "formation/signup.html", context)


@keeps_typed
@access("formation.see_signup", find=the_step, methods=("GET", "POST"))
def step(request: HttpRequest, page: StepPage) -> HttpResponse:
    """One step of a sign-up."""
    signup, reader = page.signup, person(request)
    if not actions.may_change(signup, reader):
        messages.info(request, _("These answers cannot be changed now."))
        return redirect(signup)
    if request.method == "POST":
        form = page.step.form(signup, reader, request.POST, partial="later" in request.POST)
        if form.is_valid():
            return _save(request, page, form)
    elif typed := typed_before(request):
        form = page.step.form(signup, reader, typed)
        messages.info(request, _("You were signed out. We kept what you typed: check it, then save."))
    else:
        form = page.step.form(signup, reader)
    return _show_step(request, page, form)


def _save(request: HttpRequest, page: StepPage, form: StepForm) -> HttpResponse:
    later, change = "later" in request.POST, "change" in request.GET
    saved = attempt(
        request,
        lambda: actions.answer(page.signup, form.answers(), by=person(request), step=page.step.key, complete=not later),
    )
    if saved is None:
        return _show_step(request, page, form)
    following = _next_key(saved, after=page.step.key)
    if later or change or not following:
        messages.success(request, _("Saved."))
        return redirect(saved)
    return redirect("formation:step", pk=saved.pk, key=following)


def _show_step(request: HttpRequest, page: StepPage, form: StepForm) -> HttpResponse:
    steps = steps_of(page.signup.round)
    at = steps.index(page.step)
    context = {
        "signup": page.signup,
        "round": page.signup.round,
        "step": page.step,
        "form": form,
        "labels": [one.title for one in steps],
        "current": at + 1,
        "previous": steps[at - 1].key if at else "",
        "is_change": "change" in request.GET,
        "is_staff": is_host_staff(person(request), page.signup),
    }
    return render(request, form.template, context)


@access("formation.speak_for", find=the_signup, methods=("POST",))
def submit(request: HttpRequest, signup: SignUp) -> HttpResponse:
    done = attempt(request, lambda: actions.submit(signup, by=person(request)))
    if done:
        text = _("%(organization)s is signed up. A receipt is on its way by email.")
        messages.success(request, text % {"organization": signup.organization})
    return redirect(signup)


@access("formation.prepare", find=the_signup, methods=("POST",))
def hand_over(request: HttpRequest, signup: SignUp) -> HttpResponse:
    """A coordinator tells the leader that the sign-up is ready."""
    if attempt(request, lambda: actions.hand_over(signup, by=person(request))):
        messages.success(request, _("We wrote to the leader of your LEA, who can now submit the sign-up."))
    return redirect(signup)


@access("formation.speak_for", find=the_signup, methods=("GET", "POST"))
def withdraw(request: HttpRequest, signup: SignUp) -> HttpResponse:
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(request, lambda: actions.withdraw(signup, by=person(request), reason=reason)):
            text = _("%(organization)s is no longer signed up. You can come back until the deadline.")
            if not signup.round.is_accepting:
                text = _("%(organization)s is no longer signed up. The host agency knows your reason.")
            messages.success(request, text % {"organization": signup.organization})
        return redirect(signup)
    return render(request, "formation/withdraw.html", {"signup": signup, "form": form})


@access("formation.prepare", find=the_signup, methods=("GET", "POST"))
def copy(request: HttpRequest, signup: SignUp) -> HttpResponse:
    """Use the answers of one school for others of the same LEA."""
    among = siblings(signup, person(request))
    form = CopyForm(among, request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["schools"]
        made = attempt(request, lambda: actions.copy_answers(signup, chosen, by=person(request)))
        if made is not None:
            text = ngettext(
                "The answers were copied to one school. Check its grades and team, then submit.",
                "The answers were copied to %(count)s schools. Check the grades and team of each, then submit.",
                len(made),
            )
            messages.success(request, text % {"count": len(made)})
            return redirect("formation:join", pk=signup.round_id)
    return render(request, "formation/copy_answers.html", {"signup": signup, "form": form, "schools": among})
