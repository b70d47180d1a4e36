"""Changing the taxonomy."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonground.site.directory.models import Organization
from commonground.site.formation.models import Topic


class TopicForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's forms take no type at run time
    class Meta:
        model = Topic
        fields = ("family", "name_en", "name_es", "explanation_en", "explanation_es")


class OfferedTopicField(forms.ModelChoiceField):  # type: ignore[type-arg]  # as above
    """A topic that is offered today, under its family."""

    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=Topic.objects.none(), **options)

    def offer(self, agency: Organization, but: Topic | None = None) -> None:
        offered = Topic.objects.filter(agency=agency).offered()
        self.queryset = offered.exclude(pk=but.pk) if but else offered

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.get_family_display()}: {obj.name}"


class MergeForm(forms.Form):
    into = OfferedTopicField(
        label=_("Becomes part of"),
        help_text=_("Old sign-ups keep what they chose and count for this topic from now on. You can undo it."),
    )

    def __init__(self, topic: Topic, data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["into"]
        assert isinstance(field, OfferedTopicField)
        field.offer(topic.agency, but=topic)


class AssignForm(forms.Form):
    topic = OfferedTopicField(label=_("Topic"))

    def __init__(self, agency: Organization, data: Any = None, *, prefix: str = "") -> None:
        super().__init__(data, prefix=prefix)
        field = self.fields["topic"]
        assert isinstance(field, OfferedTopicField)
        field.offer(agency)
