"""The small forms of searches and drafts."""

from django import forms
from django.utils.translation import gettext_lazy as _

DURATIONS = [
    (10, _("10 seconds: a first look")),
    (30, _("30 seconds")),
    (120, _("2 minutes")),
    (300, _("5 minutes")),
    (900, _("15 minutes: for rounds with more than 1,000 sign-ups")),
]
WANTED = [(1, _("One")), (2, _("Two, to compare")), (3, _("Three, to compare"))]


class SearchForm(forms.Form):
    """How long to search, and for how many different proposals."""

    seconds = forms.TypedChoiceField(
        label=_("How long to search at most"),
        choices=DURATIONS,
        coerce=int,
        initial=30,
        help_text=_("It ends sooner when nothing better is possible. You can stop it at any time with what it has."),
    )
    wanted = forms.TypedChoiceField(label=_("How many different proposals"), choices=WANTED, coerce=int, initial=1)


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("Note"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Only staff of your agency see it."),
    )
