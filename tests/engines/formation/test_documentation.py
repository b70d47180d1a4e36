"""The examples of the package run as written."""

import doctest

from commonground.engines import formation


def test_the_example_of_the_package_runs() -> None:
    outcome = doctest.testmod(formation)
    assert outcome.attempted > 5
    assert outcome.failed == 0
