"""The components of a page. `/components/` shows each of them with the lines that make it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import template
from django.core.paginator import Page
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.formats import number_format
from django.utils.safestring import SafeString

register = template.Library()


def draw(name: str, **values: Any) -> SafeString:
    return render_to_string(f"components/{name}.html", values)


@register.simple_block_tag
def alert(content: str, kind: str = "info", heading: str = "", role: str = "") -> SafeString:
    """Something that the reader should know now. `kind`: info, success, warning, error."""
    return draw("alert", content=content, kind=kind, heading=heading, role=role)


@register.simple_block_tag
def card(content: str, title: str, url: str = "", tag: str = "", level: int = 3) -> SafeString:
    """One of several equal things, inside `<ul class="usa-card-group">`."""
    return draw("card", content=content, title=title, url=url, tag=tag, level=level)


@register.simple_block_tag
def table(content: str, caption: str, scroll: bool = False, hide_caption: bool = False) -> SafeString:
    """A table with its caption. Give each cell `data-label`, its column's name: on a phone the rows become small lists.

    With `scroll`, a table of figures keeps its shape and scrolls sideways by itself.
    """
    return draw("table", content=content, caption=caption, scroll=scroll, hide_caption=hide_caption)


@register.simple_block_tag
def empty(content: str, title: str) -> SafeString:
    """Shown in place of a list that has nothing in it yet: says why, and what to do next."""
    return draw("empty", content=content, title=title)


@register.simple_block_tag
def breadcrumbs(content: str) -> SafeString:
    """The way back: a line of `crumb` tags, the last of them this page."""
    return draw("breadcrumbs", content=content)


@register.simple_tag
def crumb(label: str, url: str = "") -> SafeString:
    return draw("crumb", label=label, url=url)


@register.simple_tag
def steps(labels: Sequence[str], current: int) -> SafeString:
    """How far a long form has come; `current` counts from 1."""
    return draw("steps", labels=labels, current=current, current_label=labels[current - 1], total=len(labels))


@register.simple_block_tag
def explain(content: str, summary: str) -> SafeString:
    """Help that opens in its place, for the reader who wants it."""
    return draw("explain", content=content, summary=summary)


@register.simple_block_tag
def figure(content: str, title: str, source: str, on: date | str, rule: str = "", map: bool = False) -> SafeString:
    """A number, chart or map with where it comes from and of which day; `rule` says who was counted."""
    return draw("figure", content=content, title=title, source=source, on=on, rule=rule, map=map)


@register.simple_tag
def progress(label: str, done: int, total: int, url: str = "", text: str = "", finished: bool = False) -> SafeString:
    """How far long work has come. With `url`, the page asks that address every two seconds for this same component."""
    return draw("progress", label=label, done=done, total=total, url=url, text=text, finished=finished)


@register.simple_tag
def error_summary(form: Any) -> SafeString:
    """All errors of a form whose fields the page places itself, each linked to its field."""
    return draw("error_summary", form=form)


@register.simple_tag(takes_context=True)
def pagination(context: Context, page: Page[Any]) -> SafeString:
    """Links to the other pages of a list; keeps what the address says about filters."""
    shown = list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))
    links = [(number, address(context, page=number) if isinstance(number, int) else "") for number in shown]
    return draw(
        "pagination",
        page=page,
        links=links,
        previous=address(context, page=page.number - 1),
        following=address(context, page=page.number + 1),
    )


@register.filter
def grouped(value: float | None) -> str:
    """A count as people write it, with a mark between thousands; "–" where it is not known."""
    return "–" if value is None else number_format(value, force_grouping=True)


@register.simple_tag(takes_context=True)
def address(context: Context, **changes: Any) -> str:
    """This page's address with some of its questions changed: `{% address page=2 %}`; None takes one away."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
    return f"?{query.urlencode()}"
