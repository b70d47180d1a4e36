"""Published and hand-made cases with their right answers: `lottery_cases.py FILE`.

One line a case: its id, then passed, failed (what was expected, what came) or not supported (and why). The last line is
JSON with the three counts. A case is read by what it holds, never by its id: fields that are not understood make it
"not supported" rather than wrongly passed.
"""

import json
import re
import sys
from collections import Counter
from datetime import datetime
from fractions import Fraction
from math import factorial, prod
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.lottery_case_checks import (
    RUNS,
    Case,
    Run,
    also,
    chances,
    improved,
    never_unassigned,
    run_draw,
    tied,
)
from benchmarks.lottery_case_market import NotSupportedError, case_market, must_be_understood, under_usual_names

from commonground.engines.lottery import beacon
from commonground.engines.lottery.beacon import BeaconError, Chain
from commonground.engines.lottery.continuum import Kind, cutoffs_of

Found = list[tuple[str, Any, Any]]  # what, expected, found

# A mechanism's name is taken apart at its underscores; every word must be known, so that none is passed over.
DA_WORDS = {
    "da", "deferred", "acceptance", "sosm", "with", "and", "the", "student", "proposing", "optimal", "minority", "reserve",
    "reserves", "majority", "quota", "quotas", "slot", "slots", "precedence", "rotating", "rotation", "single", "tiebreak",
    "tie", "breaking", "lottery", "secured", "seat", "seats", "enrollment", "guaranteed", "dynamic", "static", "sibling",
    "siblings", "priority", "priorities", "specific", "soft", "hard", "walk", "open", "first", "choice", "school", "chile",
    "multiple", "per", "assignment", "probabilities", "probability", "exact", "chances", "distribution",
}  # fmt: skip
OTHERS = {
    "ttc": "ttc", "top": "ttc", "trading": "ttc", "cycles": "ttc", "boston": "boston", "immediate": "boston", "eada": "eada",
    "eadam": "eada", "efficiency": "eada", "adjusted": "eada", "consent": "eada", "serial": "serial_dictatorship",
    "dictatorship": "serial_dictatorship",
}  # fmt: skip


def runner(mechanism: str) -> Run:
    """What a mechanism's name asks for.

    Raises:
        NotSupportedError: a word of it is not known.
    """
    words = [word for word in re.split(r"[^a-z0-9]+", mechanism.casefold()) if word]
    unknown = [
        word for word in words if word not in DA_WORDS and word not in OTHERS and word not in {"improvement", "stable"}
    ]
    if unknown or not words:
        raise NotSupportedError(f"mechanism {mechanism}")
    if "school" in words and (
        {"proposing", "optimal"} & set(words) or words in (["school", "da"], ["school", "deferred", "acceptance"])
    ):
        return RUNS["school_da"]
    others = {OTHERS[word] for word in words if word in OTHERS}
    if {"improvement", "stable"} & set(words):
        raise NotSupportedError(f"mechanism {mechanism}")
    if len(others) > 1:
        raise NotSupportedError(f"mechanism {mechanism}")
    return RUNS[others.pop()] if others else run_draw


def check_match(case: Case) -> Found:
    words = set(re.split(r"[^a-z0-9]+", case["mechanism"].casefold()))
    if (
        {"stable", "improvement"}
        <= words
        <= {"stable", "improvement", "cycle", "cycles", "student", "da", "with", "and"}
    ):
        return [("match", case["expected"], improved(case, case["expected"])), *_also(case)]
    run = runner(case["mechanism"])
    case_market(case)
    got = run(case)
    if got != case["expected"] and not {"lottery", "lotteries"} & set(case) and _lottery_matters(case, run):
        raise NotSupportedError("ties without a lottery, whose order matters")
    return [("match", case["expected"], got), *_also(case)]


def _lottery_matters(case: Case, run: Run) -> bool:
    """Without a lottery ties are broken in the order in which the students are named: would another order change the match?"""
    return tied(case) and any(len(own) > 1 for own in chances(case, run, single=True).values())


def _also(case: Case) -> Found:
    own = case.get("also", {})
    found = [(name, value, also(case, name, value)) for name, value in own.items() if name not in NO_MATCH]
    holds = never_unassigned(case, own["property"]) if isinstance(own.get("property"), str) else None
    return found if holds is None else [*found, ("property", True, holds)]


# Words for the reader, and counts that `check_probabilities` looks at.
NO_MATCH = {"property", "stb_orders", "mtb_orders"}
BEACON_FIELDS = {
    "id", "mechanism", "chain", "expected", "source", "confirmed_by", "note", "description", "comment",
}  # fmt: skip
CHAIN_FIELDS = {"hash", "public_key", "period_s", "genesis_time", "scheme"}
SCHEME = "bls-unchained-g1-rfc9380"
CROWD_FIELDS = {
    "id", "mechanism", "students", "types", "schools", "tiebreak", "tie_breaking", "convention", "expected_cutoffs",
    "expected", "source", "confirmed_by", "note", "description", "comment", "scores",
}  # fmt: skip
KIND_NAMES = {
    "weight": "mass", "measure": "mass", "share": "mass", "size": "mass", "ranking": "list", "prefs": "list", "choices": "list",
    "id": "name", "type": "name", "priorities": "classes",
}  # fmt: skip
KIND_FIELDS = {"name", "list", "preferences", "mass", "classes", "priority"}
TIEBREAKS = {
    "single_tiebreak": True, "single": True, "stb": True, "multiple_tiebreak": False, "multiple": False, "mtb": False,
}  # fmt: skip
NOBODY = {"none", "null", "unassigned", "unmatched", "no seat", ""}


def check_probabilities(case: Case) -> Found:
    run, given = runner(case.get("mechanism", "")), case["expected_probabilities"]
    case_market(case)
    if set(given) <= set(case["students"]):
        given = {"multiple" if "multiple" in case["mechanism"] else "single": given}
    found: Found = []
    for name, expected in given.items():
        if name not in TIEBREAKS:
            raise NotSupportedError(f"tie-breaking {name}")
        shares = {child: _shares(own) for child, own in expected.items()}
        got = {}
        for child, own in chances(case, run, TIEBREAKS[name]).items():
            named = {school or "none": share for school, share in own.items()}
            if "none" not in shares.get(child, {}):
                named.pop("none", None)
            got[child] = _as_given(named, shares.get(child, {}))
        found.append((name, shares, got))
    if "expected" in case:
        raise NotSupportedError("a match beside probabilities")
    return [*found, *_orders(case), *_also(case)]


def _as_given(found: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Exact shares; where the case gives a decimal that is right to its last digit, that decimal."""
    return {
        school: given[school] if isinstance(given.get(school), float) and abs(given[school] - share) < 1e-6 else share
        for school, share in found.items()
    }


def _orders(case: Case) -> Found:
    """How many orders of the lotteries there are, all children or only those who tie being put in order."""
    also_, children = case.get("also", {}), len(case["students"])
    ties = prod(factorial(len(group)) for school in case["schools"].values() for group in school["priority"])
    options = {"stb_orders": {factorial(children)}, "mtb_orders": {factorial(children) ** len(case["schools"]), ties}}
    return [
        (name, also_[name], also_[name] if also_[name] in counts else max(counts))
        for name, counts in options.items()
        if name in also_
    ]


def _shares(own: dict[str, Any]) -> dict[str, Any]:
    found = {"none" if str(school).casefold() in NOBODY else school: _share(value) for school, value in own.items()}
    return {school: share for school, share in found.items() if share}


def _share(value: Any) -> Any:
    return value if isinstance(value, float) else Fraction(str(value))


def check_beacon(case: Case) -> Found:
    given = case["chain"]
    signed = re.compile(r"round_(\d+)_signature")
    unknown = {key for key in case if not signed.fullmatch(key)} - BEACON_FIELDS
    if unknown or set(given) - CHAIN_FIELDS or given.get("scheme", SCHEME) != SCHEME:
        raise NotSupportedError(f"fields {', '.join(sorted(unknown | (set(given) - CHAIN_FIELDS))) or given['scheme']}")
    chain = Chain(given["hash"], given["public_key"], given["period_s"], given["genesis_time"])
    signatures = {int(found[1]): case[key] for key in case if (found := signed.fullmatch(key))}
    return [
        row for name, expected in case["expected"].items() for row in _beacon_row(name, expected, chain, signatures)
    ]


def _beacon_row(name: str, expected: Any, chain: Chain, signatures: dict[int, str]) -> Found:
    if name.startswith("round_at_"):
        return [(name, expected, chain.round_at(datetime.fromisoformat(name.removeprefix("round_at_"))))]
    found = re.fullmatch(r"round_(\d+)_(randomness|with_that_signature|verifies)", name)
    if found is None:
        raise NotSupportedError(f"expectation {name}")
    number = int(found[1])
    if found[2] == "randomness":
        signature = signatures[number]
        verified = (f"round {number} verifies", True, beacon.verify(number, signature, chain))
        return [(name, expected, beacon.randomness(signature)), verified]
    wanted = {"must fail": False, "must hold": True, "must verify": True, True: True, False: False}.get(expected)
    if wanted is None:
        raise NotSupportedError(f"expectation {name}: {expected}")
    tried = [signatures[number]] if found[2] == "verifies" else signatures.values()
    return [(name, wanted, any(_verifies(number, signature, chain) for signature in tried))]


def _verifies(number: int, signature: str, chain: Chain) -> bool:
    try:
        return beacon.verify(number, signature, chain)
    except BeaconError:
        return False


def check_continuum(case: Case) -> Found:
    """Kinds of children with masses; expected cutoffs in lottery numbers (smaller first), or scores when the case says so."""
    if set(case) - CROWD_FIELDS:
        raise NotSupportedError(f"fields {', '.join(sorted(set(case) - CROWD_FIELDS))}")
    schools, kinds = case["schools"], case.get("students", case.get("types", []))
    if any(isinstance(school, dict) and set(school) != {"capacity"} for school in schools.values()):
        raise NotSupportedError("schools with more than a capacity")
    seats = {
        name: _number(school["capacity"] if isinstance(school, dict) else school) for name, school in schools.items()
    }
    read = [_kind(kind) for kind in (kinds.values() if isinstance(kinds, dict) else kinds)]
    classes = [priority for kind in read for _, priority in kind.choices]
    scores = bool(case.get("scores")) or "score" in str(case.get("convention", ""))
    if scores and any(classes):
        raise NotSupportedError("priority classes beside scores")
    cutoffs = cutoffs_of(read, seats, single=_single(case))
    expected = case.get("expected_cutoffs", case.get("expected"))
    last = 1.0 + max(classes, default=0)
    found = {name: last - cutoffs[name] if scores else cutoffs[name] for name in expected}
    return [("cutoffs", expected, {name: _as_close(value, found[name]) for name, value in expected.items()})]


CROWD_WORDS = {"continuum", "cutoff", "cutoffs", "da", "student", "deferred", "acceptance", "exact", "with", "tiebreak", "tie",
    "breaking", "lottery", "market", "economy", "large", "", "scores", "score", "numbers", "number"}  # fmt: skip
SINGLE = {"single", "common", "identical", "stb"}
MULTIPLE = {"multiple", "independent", "iid", "mtb", "per", "school"}


def _single(case: Case) -> bool:
    """One number for all schools (so unless the case says otherwise), or one each?"""
    told = [str(case.get(name, "")).casefold() for name in ("mechanism", "tiebreak", "tie_breaking", "scores")]
    words = {word for text in told for word in re.split(r"[^a-z0-9]+", text)} - CROWD_WORDS
    if words - SINGLE - MULTIPLE or (words & SINGLE and words & MULTIPLE):
        raise NotSupportedError(f"tie-breaking {', '.join(sorted(words))}")
    return not words & MULTIPLE


def _as_close(given: Any, found: float) -> Any:
    """The expected cutoff if ours is that one to its last digit (six digits at most), else ours."""
    decimals = len(str(given).partition(".")[2])
    near = 0.51 * 10**-decimals if 4 <= decimals < 6 else 1e-6
    return given if abs(_number(given) - found) <= near else found


def _kind(kind: Any) -> Kind:
    if isinstance(kind, dict):
        kind = {KIND_NAMES.get(name, name): value for name, value in kind.items()}
    order = kind.get("list", kind.get("preferences")) if isinstance(kind, dict) else None
    if order is None or "mass" not in kind or set(kind) - KIND_FIELDS:
        raise NotSupportedError("children without a list or a mass, or with more than these")
    if len(set(order)) < len(order):
        raise NotSupportedError("a list that names a school twice")
    classes = kind.get("classes", kind.get("priority", {}))
    return Kind(_number(kind["mass"]), tuple((name, int(classes.get(name, 0))) for name in order))


def _number(value: Any) -> float:
    return float(Fraction(str(value)))


def read(case: Case) -> None:
    """Refuse a case whose form is not known, before anything is computed from it."""
    if "continuum" not in case.get("mechanism", "") and not {"chain", "expected_cutoffs"} & set(case):
        must_be_understood(case)
        if not isinstance(case.get("mechanism"), str) or not {"expected", "expected_probabilities"} & set(case):
            raise NotSupportedError("no mechanism, or nothing expected")


def check(case: Case) -> Found:
    mechanism = case.get("mechanism", "")
    if mechanism == "beacon" or "chain" in case:
        return check_beacon(case)
    if "continuum" in mechanism or "expected_cutoffs" in case:
        return check_continuum(case)
    return check_probabilities(case) if "expected_probabilities" in case else check_match(case)


def report(case: Case) -> str:
    """Print the case's line and say which of the three it was."""
    name, case = case.get("id", "a case without an id"), under_usual_names(case)
    try:
        read(case)
    except (NotSupportedError, AttributeError, LookupError, TypeError, ValueError) as reason:
        # Nothing has been computed yet: whatever is wrong here is the case's form.
        print(f"{name}: not supported ({reason})")
        return "not_supported"
    try:
        wrong = [(what, expected, found) for what, expected, found in check(case) if expected != found]
    except NotSupportedError as reason:
        print(f"{name}: not supported ({reason})")
        return "not_supported"
    except Exception as fault:
        print(f"{name}: failed: {type(fault).__name__}: {fault}")
        return "failed"
    for what, expected, found in wrong:
        print(f"{name}: failed: {what}: expected {expected}, found {found}")
    if not wrong:
        prose = case.get("also", {}).get("property")
        unread = isinstance(prose, str) and ("students" not in case or never_unassigned(case, prose) is None)
        print(f"{name}: passed{' (not looked at: property, which is prose)' if unread else ''}")
    return "failed" if wrong else "passed"


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("Usage: lottery_cases.py FILE")
    cases = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["cases"]
    counts = Counter(report(case) for case in cases)
    print(json.dumps({name: counts[name] for name in ("passed", "failed", "not_supported")}))
    sys.exit(1 if counts["failed"] else 0)


if __name__ == "__main__":
    main()
