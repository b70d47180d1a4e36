"""What readers would miss most is hidden last: a city's groups stay told where groups of schools can take their place."""

import random

import pytest

from commonground.engines.disclosure.protect import Protected, Settings, hiding, protect
from tests.engines.disclosure.cities import city, figures

EVERYTHING = (1e12, 1e12)


def protected(seed: int) -> Protected:
    draw = random.Random(seed)
    table = figures(
        city(seed, [draw.randint(30, 160) for _ in range(12)], leas=4), metrics=("enrollment",), crossed=True
    )
    return protect(table, Settings(), title="Report", made="2025-10-01", seconds=1)


def withheld_groups(result: Protected) -> int:
    """Groups of the city and its sectors, without crossings."""
    rows = [
        row for row in result.publication.figures.to_pylist() if row["status"] == "withheld" and "*" not in row["group"]
    ]
    return sum(row["level"] in ("city", "sector") for row in rows)


def test_programs_spare_groups_of_the_city_that_exchanges_would_hide(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [withheld_groups(protected(seed)) for seed in range(6)]
    monkeypatch.setattr(hiding, "_DEAR", EVERYTHING)
    by_exchanges = [withheld_groups(protected(seed)) for seed in range(6)]
    assert sum(now) < 0.6 * sum(by_exchanges)
    assert all(few <= many for few, many in zip(now, by_exchanges, strict=True))
