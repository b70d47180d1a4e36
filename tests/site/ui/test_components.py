"""The parts that every page is put together from: forms that explain their mistakes, lists that turn pages, long work."""

import re
from datetime import date
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory

from commonground.site.ui.fields import DateField
from commonground.site.ui.sample_components import ExampleForm


class DayForm(forms.Form):
    day = DateField(label="Day of the meeting")


def drawn(source: str, **values: Any) -> str:
    return Template("{% load components %}" + source).render(Context(values))


def day(year: str, month: str, number: str) -> DayForm:
    return DayForm({"day_year": year, "day_month": month, "day_day": number})


def test_an_error_summary_takes_the_focus_and_links_each_error_to_its_field() -> None:
    page = str(ExampleForm({}))
    targets = re.findall(r'<a class="usa-link" href="#([^"]+)">', page)
    assert "autofocus" in page
    assert targets
    assert not [target for target in targets if f'id="{target}"' not in page]


def test_what_describes_a_field_is_on_the_page() -> None:
    page = str(ExampleForm({}))
    named = {name for names in re.findall(r'aria-describedby="([^"]+)"', page) for name in names.split()}
    assert "id_name_error" in named
    assert "id_phone_helptext" in named
    assert not [name for name in named if f'id="{name}"' not in page]


def test_choices_and_dates_stand_in_a_fieldset_with_a_legend() -> None:
    page = str(ExampleForm())
    assert page.count("<legend") == 3  # sector, grade bands, deadline
    assert page.count("<fieldset") == page.count("<legend")


def test_fields_that_may_stay_empty_say_so_and_others_do_not() -> None:
    assert str(ExampleForm()).count("(optional)") == 2  # phone, scanned form


def test_nothing_in_a_form_carries_style_or_script() -> None:
    page = str(ExampleForm({}))
    assert not re.search(r"<style|style=|<script|\son\w+=", page)


def test_a_date_in_three_parts_is_read() -> None:
    form = day("2027", "3", "14")
    assert form.is_valid()
    assert form.cleaned_data["day"] == date(2027, 3, 14)


@pytest.mark.parametrize(("year", "month", "number"), [("2027", "2", "30"), ("2027", "3", "x"), ("27", "", "14")])
def test_a_date_that_is_in_no_calendar_is_refused_and_stays_as_typed(year: str, month: str, number: str) -> None:
    form = day(year, month, number)
    assert not form.is_valid()
    assert f'value="{number}"' in str(form)
    assert f'value="{year}"' in str(form)


def test_the_pages_of_a_list_keep_the_filter() -> None:
    request = RequestFactory().get("/", {"name": "Oak", "page": "2"})
    page = drawn("{% pagination page %}", page=Paginator(range(100), 10).page(2), request=request)
    assert 'href="?name=Oak&amp;page=3"' in page
    assert 'aria-current="page"' in page


def test_a_list_of_one_page_shows_no_pages() -> None:
    request = RequestFactory().get("/")
    assert not drawn("{% pagination page %}", page=Paginator(range(3), 10).page(1), request=request).strip()


def test_long_work_asks_for_news_until_it_is_finished() -> None:
    running = drawn('{% progress "Solving" 4 10 url="/state/" text="Step 4" %}')
    done = drawn('{% progress "Solving" 10 10 url="/state/" text="Done" finished=True %}')
    assert 'hx-get="/state/"' in running
    assert 'aria-live="polite"' in running
    assert "hx-get" not in done


def test_a_component_escapes_what_it_is_given() -> None:
    page = drawn('{% card title=name url="/x/" %}{{ name }}{% endcard %}', name="<b>A & B</b>")
    assert "<b>" not in page
    assert page.count("&lt;b&gt;A &amp; B&lt;/b&gt;") == 2


def test_a_figure_names_its_source_its_day_and_its_rule() -> None:
    page = drawn('{% figure title="Students" source="State" on=day rule="October 1" %}9{% endfigure %}', day="today")
    assert "Source: State, today." in page
    assert "How it is counted: October 1" in page
