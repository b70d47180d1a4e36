"""The section [protection] of the file of rules: what may be left out, and what is refused."""

from pathlib import Path

import pytest

from commonground.engines.disclosure.protect import Settings, SettingsError, parse_settings, read_settings
from commonground.engines.disclosure.protect.settings import Interest, Step


def test_everything_may_be_left_out() -> None:
    assert parse_settings({}) == Settings()


def test_what_is_given_holds() -> None:
    section = {
        "minimum": 20,
        "share": 0.5,
        "codes": [{"students": 20, "per_cent": 10}, {"students": 100, "per_cent": 5}],
        "interest": {"crossing": 0.01},
    }
    settings = parse_settings(section)
    assert (settings.minimum, settings.share) == (20, 0.5)
    assert settings.codes == (Step(20, 10), Step(100, 5))
    assert settings.interest == Interest(crossing=0.01)


def test_a_file_of_rules_without_the_section_has_the_usual_protection(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text('title = "Rules"\n')
    assert read_settings(tmp_path / "rules.toml") == Settings()


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"minimun": 10}, "does not know “minimun”"),
        ({"minimum": "ten"}, "minimum is 'ten'. Write a whole number"),
        ({"minimum": 1}, "minimum is 1. Write 2 or more"),
        ({"minimum": True}, "minimum is True"),
        ({"share": 2}, "share is 2.0. Write a number from 0 to 1"),
        ({"dominant": 0.5}, "dominant is 0.5"),
        ({"bands": []}, "bands is empty"),
        ({"bands": [{"students": 10, "per_cent": 30}]}, "per_cent 30 is not a width that divides 100"),
        ({"bands": [{"students": 20, "per_cent": 50}]}, "bands begins at 20 students. Begin at 10"),
        ({"bands": [{"students": 10}]}, "bands is not a list of steps"),
        ({"codes": [{"students": 9, "per_cent": 60}]}, "codes, per_cent is 60"),
        ({"codes": [{"students": 40, "per_cent": 5}, {"students": 10, "per_cent": 9}]}, "rising order"),
        ({"unknown_students": "show"}, "Write “withhold” or “band”"),
        ({"interest": {"schools": 1}}, "Known are all_students"),
        ({"interest": {"school": 0}}, "school is 0. Write a number above 0"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_remedy(section: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings(section)
    assert message in str(caught.value)


@pytest.mark.parametrize(("text", "message"), [("minimum =", "is not TOML"), ("protection = 3", "is not a section")])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "rules.toml").write_text(text)
    with pytest.raises(SettingsError, match=r"rules\.toml") as caught:
        read_settings(tmp_path / "rules.toml")
    assert message in str(caught.value)


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_settings(tmp_path / "rules.toml")
