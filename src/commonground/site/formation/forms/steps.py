"""The sign-up as data: its steps in order, what each is called and says, and which form asks it."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commonground.site.formation.forms import signup as forms
from commonground.site.formation.forms.team import TeamForm
from commonground.site.formation.models import Round


@dataclass(frozen=True)
class Step:
    """One page of the sign-up. `intro` says why it is asked; `only_with_areas` leaves it out where a round has none."""

    key: str
    title: "Promise | str"
    intro: "Promise | str"
    form: type[forms.StepForm]
    only_with_areas: bool = False


STEPS = (
    Step(
        "needs",
        _("Needs"),
        _("What would you like to get better at, together with others? Open a family of topics and choose up to ten."),
        forms.NeedsForm,
    ),
    Step(
        "strengths",
        _("Strengths"),
        _("What works well with you? Every school and district has something that others can learn from."),
        forms.StrengthsForm,
    ),
    Step("goals", _("Goals"), _("Say it in your own words. The members of your group will read it."), forms.GoalsForm),
    Step(
        "areas",
        _("Focus areas"),
        _("What should your group work on? With more choices it is easier to find a group for you."),
        forms.AreasForm,
        only_with_areas=True,
    ),
    Step("setting", _("Grades and languages"), _("This helps to bring similar schools together."), forms.SettingForm),
    Step(
        "past",
        _("Past partners"),
        _("With whom have you worked before? You can skip this page."),
        forms.PastForm,
    ),
    Step(
        "practical",
        _("Time and travel"),
        _("There are no wrong answers. Groups work best when their members start at a similar point."),
        forms.PracticalForm,
    ),
    Step("team", _("Team"), _("Who will take part? Up to five people. You can change the team later."), TeamForm),
)
BY_KEY = {step.key: step for step in STEPS}


def steps_of(round: Round) -> list[Step]:
    """The steps that this round asks."""
    with_areas = round.asks_for_areas
    return [step for step in STEPS if with_areas or not step.only_with_areas]
