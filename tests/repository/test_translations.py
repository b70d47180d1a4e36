"""The Spanish is complete, and the tool that keeps it finds every text, loses no translation and names every fault."""

from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from tools.translations import catalogs, checks
from tools.translations.sources import Text, all_texts

TEMPLATE = """{% load i18n %}<div class="it's">
    {% translate "Save 'now'" %} {% translate "Open" context "a door" %} {{ _("Close")|default:_("Nothing") }}
  {% blocktranslate trimmed with name=person.name count n=visits|length %}
    {{ name }} made one visit, 100% done
  {% plural %}
    {{ name }} made {{ n }} visits
  {% endblocktranslate %}
      {% include "part.html" with label=_("Label") %}{% comment %}{% translate "Not me" %}{% endcomment %}
</div>
"""
PYTHON = """
from django.utils.translation import gettext_lazy as _, ngettext_lazy, pgettext
from commonground.i18n import N_
NAME = _("Name")
KIND = pgettext("of school", "Kind")
def f(n): return ngettext_lazy("one row", "%(n)s rows", n)
TABLE = {"a": N_("Joined "
                 "by Python")}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one feature, one engine of that feature, and something that belongs to neither."""
    site = tmp_path / "src/commonground/site"
    for path, content in {
        "formation/apps.py": "",
        "formation/templates/formation/list.html": TEMPLATE,
        "formation/models.py": PYTHON,
        "formation/migrations/0001_initial.py": '_("Never shown")',
        "config/settings.py": '_("Spanish")',
        "../engines/formation/reasons.py": 'N_("too far apart")',
        "../cli/equity.py": 'N_("Nothing was written.")',
    }.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(content)
    return tmp_path


FORMATION = Path("src/commonground/site/formation/locale")
SHARED = Path("src/commonground/site/locale")


def translate(project: Path, **spanish: str) -> Path:
    """Fill the feature's catalog: every text with Spanish that keeps its placeholders, save those given."""
    list(catalogs.update(root=project))
    for folder in (FORMATION, SHARED):
        path = project / catalogs.file_in(folder)
        catalog = catalogs.read(path)
        for message in catalog:
            if message.id:
                one_or_two = message.id if isinstance(message.id, tuple) else (message.id,)
                forms = tuple(spanish.get(one_or_two[0], f"ES {form}") for form in one_or_two)
                message.string = forms if len(forms) == 2 else forms[0]
        path.write_bytes(catalogs.written(catalog))
    return project / catalogs.file_in(FORMATION)


def test_every_text_of_the_product_has_its_spanish() -> None:
    assert checks.problems() == []


def test_texts_are_found_in_templates_python_and_engines_and_kept_with_their_feature(project: Path) -> None:
    found = {(text.context, text.id) for text in all_texts(project)[FORMATION]}
    assert found == {
        ("", ("Save 'now'",)),
        ("a door", ("Open",)),
        ("", ("Close",)),
        ("", ("Nothing",)),
        ("", ("%(name)s made one visit, 100%% done", "%(name)s made %(n)s visits")),
        ("", ("Label",)),
        ("", ("Name",)),
        ("of school", ("Kind",)),
        ("", ("one row", "%(n)s rows")),
        ("", ("Joined by Python",)),
        ("", ("too far apart",)),
    }
    assert all_texts(project)[SHARED] == [
        Text(("Nothing was written.",), "", "src/commonground/cli/equity.py"),
        Text(("Spanish",), "", "src/commonground/site/config/settings.py"),
    ]


def test_a_text_that_is_used_with_and_without_its_plural_is_one_entry(project: Path) -> None:
    (project / "src/commonground/site/formation/forms.py").write_text('A = _("one row")')
    translate(project)
    assert checks.problems(project) == []


def test_updating_keeps_the_spanish_also_of_a_text_that_moves_to_another_feature(project: Path) -> None:
    translate(project, Spanish="Español")
    (project / "src/commonground/site/config/settings.py").write_text("")
    (project / "src/commonground/site/formation/forms.py").write_text('A = _("Spanish")')
    assert list(catalogs.update(root=project)) == [
        (catalogs.file_in(FORMATION), 12, 0),
        (catalogs.file_in(SHARED), 1, 0),
    ]
    known = catalogs.translations(catalogs.read(project / catalogs.file_in(FORMATION)))
    assert known["", ("Spanish",)] == ("Español",)
    assert checks.problems(project) == []


def test_updating_twice_changes_nothing(project: Path) -> None:
    path = translate(project)
    before = path.read_bytes()
    list(catalogs.update(root=project))
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("english", "spanish", "fault"),
    [
        ("Name", "", "has no Spanish"),
        ("%(name)s made one visit, 100%% done", "%(nombre)s hizo una visita", "differ in placeholders"),
        ("Joined by Python", "<b>Unido</b>", "differ in placeholders or tags"),
    ],
)
def test_a_faulty_translation_is_named(project: Path, english: str, spanish: str, fault: str) -> None:
    translate(project, **{english: spanish})
    (problem,) = checks.problems(project)
    assert english in problem
    assert fault in problem


def test_a_singular_may_leave_out_its_number(project: Path) -> None:
    source = project / "src/commonground/site/formation/forms.py"
    source.write_text('A = ngettext("%(count)s school", "%(count)s schools", 2)')
    path = translate(project)
    catalog = catalogs.read(path)
    catalog["%(count)s school"].string = ("una escuela", "%(count)s escuelas")
    path.write_bytes(catalogs.written(catalog))
    assert checks.problems(project) == []


def test_a_fuzzy_mark_a_left_over_and_a_new_text_are_named(project: Path) -> None:
    path = translate(project)
    path.write_text(path.read_text().replace('msgid "Name"', '#, fuzzy\nmsgid "Name"'))
    (project / "src/commonground/site/formation/models.py").write_text(PYTHON.replace("Kind", "Sort"))
    said = "\n".join(checks.problems(project))
    assert "“Name” is marked fuzzy" in said
    assert "“Sort” is not in the catalog" in said
    assert "“Kind” is no longer in the sources" in said


def test_one_text_with_two_translations_is_named(project: Path) -> None:
    (project / "src/commonground/site/config/settings.py").write_text('_("Name")')
    translate(project)
    path = project / catalogs.file_in(SHARED)
    path.write_text(path.read_text().replace("ES Name", "Nombre"))
    assert any("has another Spanish in" in problem for problem in checks.problems(project))


def test_compiling_writes_what_django_loads_and_leaves_a_fresh_one_alone(project: Path) -> None:
    compiled = translate(project).with_suffix(".mo")
    catalogs.compile_all(project)
    with compiled.open("rb") as file:
        assert read_mo(file).get("Name").string == "ES Name"
    before = compiled.stat().st_mtime_ns
    catalogs.compile_all(project)
    assert compiled.stat().st_mtime_ns == before
