"""The form of a meeting."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from commonground.site.partnership.models import Meeting
from commonground.site.ui.fields import DateField

LENGTHS = [
    (30, _("30 minutes")),
    (45, _("45 minutes")),
    (60, _("1 hour")),
    (90, _("1½ hours")),
    (120, _("2 hours")),
    (180, _("3 hours")),
    (360, _("A whole day (6 hours)")),
]


class MeetingForm(forms.ModelForm):  # type: ignore[type-arg] # Django's class takes none at run time
    """One meeting. `seen` is the version that the page showed, so that two people do not undo each other's changes."""

    day = DateField(label=_("Day"))
    time = forms.TimeField(label=_("Starts at"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    minutes = forms.TypedChoiceField(label=_("Length"), choices=LENGTHS, coerce=int, initial=90)
    link = forms.URLField(
        label=_("Link for joining online"),
        required=False,
        max_length=200,
        assume_scheme="https",
        help_text=_("For example the address of a video call. A meeting needs a place or a link."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Meeting
        fields = ("title", "day", "time", "minutes", "place", "link", "agenda")
        help_texts = {
            "title": _("Optional. For example: Planning our first visit."),
            "place": _("School or office, room and address. Leave empty for an online meeting."),
        }
        widgets = {"agenda": forms.Textarea({"rows": 6})}

    field_order = ("title", "day", "time", "minutes", "place", "link", "agenda")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        meeting = self.instance
        self._usual_agenda, self._own_agenda = meeting.agenda_text(), meeting.agenda
        if meeting.pk:
            here = timezone.localtime(meeting.starts_at)
            self.initial.update(day=here.date(), time=here.time(), seen=meeting.sequence)
            self.initial["agenda"] = self._usual_agenda
            self._offer_length(meeting.minutes)

    def _offer_length(self, minutes: int) -> None:
        field = self.fields["minutes"]
        assert isinstance(field, forms.TypedChoiceField)
        if minutes not in dict(LENGTHS):
            field.choices = [*LENGTHS, (minutes, _("%(minutes)s minutes") % {"minutes": minutes})]

    def clean_agenda(self) -> str:
        """The agenda; one that was not touched stays the usual one, which every reader sees in their own language."""
        text = str(self.cleaned_data["agenda"]).replace("\r\n", "\n").strip()
        return self._own_agenda if text == self._usual_agenda else text

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if not given.get("place") and not given.get("link") and not {"place", "link"} & self.errors.keys():
            self.add_error("place", _("Say where you meet: fill in a place, a link, or both."))
        if "day" in given and "time" in given:
            given["starts_at"] = self._moment(given)
        return given

    def _moment(self, given: dict[str, Any]) -> datetime:
        moment = timezone.make_aware(datetime.combine(given["day"], given["time"]))
        if moment <= timezone.now():
            self.add_error("day", _("This day and time have passed. Choose a later one."))
        return moment

    def said(self) -> dict[str, Any]:
        """What the form says of the meeting, by the names of its fields."""
        names = ("title", "starts_at", "minutes", "place", "link", "agenda")
        return {name: self.cleaned_data[name] for name in names}
