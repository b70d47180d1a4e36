"""The step of a sign-up that names the team: its head and up to four others, one of whom coordinates."""

from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonground.site.formation.actions.answers import Answers
from commonground.site.formation.forms.signup import StepForm

TEAM = 5
PARTS = ("name", "job", "email")


class TeamForm(StepForm):
    template = "formation/step_team.html"
    wants_coordinator = gettext_lazy("Say who coordinates your team.")

    def read(self) -> dict[str, Any]:
        members = list(self.signup.team.order_by("-is_head", "pk"))
        first = 1 if not members or members[0].is_head else 2  # nobody slips into the head's place
        initial: dict[str, Any] = {}
        for number, member in enumerate(members, start=first):
            initial |= {f"{part}_{number}": getattr(member, part) for part in PARTS}
            if member.is_coordinator:
                initial["coordinator"] = str(number)
        school = self.signup.organization.is_school
        return {"job_1": _("Principal") if school else _("Superintendent or charter leader")} | initial

    def prepare(self) -> None:
        head = _("Principal") if self.signup.organization.is_school else _("Leader")
        self.titles = {1: head} | {n: _("Member %(number)s") % {"number": n} for n in range(2, TEAM + 1)}
        for number in self.titles:
            required = number == 1
            self.fields[f"name_{number}"] = forms.CharField(
                label=gettext_lazy("Name"), max_length=120, required=required
            )
            self.fields[f"job_{number}"] = forms.CharField(
                label=gettext_lazy("Job title"), max_length=120, required=False
            )
            self.fields[f"email_{number}"] = forms.EmailField(label=gettext_lazy("Email"), required=False)
        self.fields["coordinator"] = forms.ChoiceField(
            label=gettext_lazy("Who coordinates the team?"),
            help_text=gettext_lazy("This person keeps the team's work together and leads it in the second year."),
            choices=[("", "—"), *((str(number), title) for number, title in self.titles.items())],
            error_messages={"required": self.wants_coordinator},
        )

    def groups(self) -> list[tuple[str, list[BoundField], bool]]:
        """Title, fields, and whether it is open at first, of every place in the team."""
        shown = []
        for number, title in self.titles.items():
            fields = [self[f"{part}_{number}"] for part in PARTS]
            is_open = number <= 2 or any(field.value() for field in fields) or any(field.errors for field in fields)
            shown.append((title, fields, is_open))
        return shown

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for number, title in self.titles.items():
            if number > 1 and not cleaned.get(f"name_{number}") and cleaned.get(f"email_{number}"):
                self.add_error(f"name_{number}", _("Add the name for this email address, or clear it."))
            chosen = cleaned.get("coordinator") == str(number)
            if chosen and not cleaned.get(f"name_{number}") and not self.partial:
                text = _("“%(title)s” coordinates, but has no name. Add the name, or choose another person.")
                self.add_error("coordinator", text % {"title": title})
        return cleaned

    def answers(self) -> Answers:
        cleaned = self.cleaned_data
        team = [
            {part: cleaned.get(f"{part}_{number}") or "" for part in PARTS}
            | {"is_head": number == 1, "is_coordinator": cleaned.get("coordinator") == str(number)}
            for number in self.titles
            if cleaned.get(f"name_{number}")
        ]
        return Answers(team=team)
