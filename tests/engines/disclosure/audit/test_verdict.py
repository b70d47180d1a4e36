"""Where one who does not know the true value pushes to."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from commonground.engines.disclosure.audit.verdict import Requirement

REQUIREMENT = Requirement()


def could_hold(low: int, high: int, most: float, rate: bool) -> bool:
    ends = np.array([float(low)]), np.array([float(high)])
    return bool(REQUIREMENT.could_hold(*ends, np.array([most]), np.array([rate]))[0])


@given(st.lists(st.integers(0, 45), min_size=4, max_size=4).map(sorted), st.integers(0, 60), st.booleans())
def test_one_pushes_to_the_least_wide_interval_that_may_do(ends: list[int], more: int, rate: bool) -> None:
    """By trying all that hold what was seen; where ten steps down are not enough there may be none."""
    low, bottom, top, high = ends
    most = float(high + more) if rate else np.inf
    seen = np.array([float(bottom)]), np.array([float(top)])
    found = REQUIREMENT.nearest(
        np.array([float(low)]), np.array([float(high)]), seen, np.array([most]), np.array([rate])
    )[:, 0]
    lowest = max(low, bottom - REQUIREMENT.minimum)
    tried = [(b, t) for b in range(lowest, bottom + 1) for t in range(top, high + 1) if could_hold(b, t, most, rate)]
    if not tried:
        assert np.isnan(found).all()
        return
    assert (found[0], found[1]) in tried
    assert found[1] - found[0] == min(t - b for b, t in tried)
