"""`{% panels "organization" organization %}` draws what other features have to say about the thing on the page."""

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from commonground.site.ui import panels as registry

register = template.Library()


@register.simple_tag(takes_context=True)
def panels(context: dict[str, Any], place: str, thing: object) -> SafeString:
    request = context["request"]
    drawn = []
    for panel in registry.of(place):
        shown = panel.context(request, thing)
        if shown is not None:
            drawn.append(render_to_string(panel.template, shown, request))
    return mark_safe("".join(drawn))  # noqa: S308 - each part is the output of a template, which escapes its values
