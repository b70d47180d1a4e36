"""From published folders to a verdict on each withheld figure."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from commonground.engines.disclosure.audit.attack import Reach, attack
from commonground.engines.disclosure.audit.codes import Codes
from commonground.engines.disclosure.audit.editions import Editions, needed, newest_truth, plain_year, readable
from commonground.engines.disclosure.audit.ground import Ground, kind_of
from commonground.engines.disclosure.audit.narrowing import narrow
from commonground.engines.disclosure.audit.programs import Part
from commonground.engines.disclosure.audit.reading import (
    KEYS,
    AuditError,
    ContradictionError,
    Release,
    joined_keys,
    numbers,
    read_release,
)
from commonground.engines.disclosure.audit.system import Asked, System, build
from commonground.engines.disclosure.audit.verdict import LEAST_CHOICES, Audit, Finding, Requirement

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Progress = Callable[[int, int], None]
Name = tuple[tuple[str, ...], str]  # a figure's key as in `Finding`, and its part
_BATCHES = 200  # of parts, that processes are sent
ENDLESS = 1e6  # how far one wants a figure to go of which nothing is known


@dataclass(frozen=True, slots=True)
class _Task:
    """A part of the system, and what its asked columns need; ``positions`` are theirs among all that is asked."""

    part: Part
    need: "_Need"
    positions: Ints
    exact: bool
    programs: int


@dataclass(frozen=True, slots=True)
class _Need:
    """What each asked column must keep. ``low`` and ``high`` are not a number where the true value is not known; ``old_low``
    and ``old_high`` are what was told before the data were corrected, not a number where nothing was; ``later``: they were."""

    requirement: Requirement
    low: Floats
    high: Floats
    most: Floats
    rate: Bools
    shown: Bools
    later: Bools
    old_low: Floats
    old_high: Floats

    def __getitem__(self, chosen: Ints) -> "_Need":
        numbers = (self.low[chosen], self.high[chosen], self.most[chosen])
        old = (self.later[chosen], self.old_low[chosen], self.old_high[chosen])
        return _Need(self.requirement, *numbers, self.rate[chosen], self.shown[chosen], *old)

    def enough(self, low: Floats, high: Floats) -> Bools:
        known = ~np.isnan(self.low)
        with np.errstate(invalid="ignore"):
            held = np.where(known, (low <= self.low) & (high >= self.high) & (high > low), False)
        could = self.requirement.could_hold(low, high, self.most, self.rate)
        enough = np.where(self.shown, high - low >= LEAST_CHOICES - 1, np.where(known, held, could))
        return np.asarray(np.where(self.later & ~self.shown, self._enough_since(low, high, enough), enough))

    def _enough_since(self, low: Floats, high: Floats, enough: Bools) -> Bools:
        """Of corrected data no small group and no small correction may be known. What is neither may follow."""
        with np.errstate(invalid="ignore"):
            harmless = (self.low == self.high) & (high >= low)
            known = (low == high) & ~self.requirement.sensitive(low, self.most, self.rate)
            change_low, change_high = low - self.old_high, high - self.old_low
            small = ~np.isnan(self.old_low) & ~self.requirement.may_be_no_small_change(change_low, change_high)
        nobody = (low == 0) & (high == 0) & ((self.old_high == 0) | (self.most == 0))
        return np.asarray((enough | harmless | known | nobody) & ~small)

    def goals(self, low: Floats, high: Floats, seen_low: Floats, seen_high: Floats) -> tuple[Floats, Floats]:
        """How far to push from what tables that fit have shown: to what is needed, and where that is not known to the nearest
        interval that may be wide enough; published ones as far as enough choices are."""
        one = (self.low == self.high).astype(np.float64)  # harmless, but its value must not follow
        down = np.where(np.isnan(self.low), low, np.maximum(low, self.low - one))
        up = np.where(np.isnan(self.high), np.minimum(high, low + 4 * self.requirement.minimum), self.high)
        up = np.minimum(high, up + one)
        down, up = np.maximum(low, np.fmin(down, self.old_high)), np.minimum(high, np.fmax(up, self.old_low))
        seen = np.minimum(seen_low, seen_high), np.maximum(seen_low, seen_high)  # a fraction lies between two numbers
        near = self.requirement.nearest(low, high, seen, self.most, self.rate)
        guessed = np.isnan(self.low) & ~self.later & ~np.isnan(near[0])
        down, up = np.where(guessed, near[0], down), np.where(guessed, near[1], up)
        few = LEAST_CHOICES - 1 - np.maximum(seen_high - seen_low, 0.0)
        return (
            np.where(self.shown, np.maximum(low, seen[0] - few), down),
            np.where(self.shown, np.minimum(high, seen[1] + few), up),
        )


def audit(
    folders: Sequence[Path],
    truth: pa.Table | None = None,
    exact: bool = False,
    programs: int = 2000,
    workers: int = 1,
    progress: Progress | None = None,
) -> Audit:
    """Attack what is published in one or several folders (a release and earlier ones), taken together.

    ``truth`` has the columns year, metric, level, entity, grade, period, group, students, numerator, value: with it
    each sensitive figure is held against its own requirement; without it a figure fails where no value at all could
    have the interval that it needs. ``exact`` finds both ends of every interval, ``programs`` limits the linear programs
    spent on single figures in each part, ``progress(done, total)`` is told the columns of parts that are done. Raises AuditError.
    """
    editions = Editions([read_release(folder) for folder in folders])
    judge = partial(_audit, exact=exact, programs=programs, workers=workers, progress=progress)
    found = _both(editions, truth, judge)
    if truth is not None and len(folders) > 1 and not found.ok:
        found = _beyond(found, editions.releases[1:], programs)
    small = editions.told_small(Requirement.of(editions.releases[0].manifest))
    return replace(found, findings=(*found.findings, *small))


def _beyond(found: Audit, earlier: Sequence[Release], programs: int) -> Audit:
    """Without failures to which the first release adds nothing: the earlier ones alone leave the same interval, which was wide
    enough for other data. ``truth`` was corrected since, by so few students that nothing that was told shows it."""
    failed = frozenset((finding.key, finding.part) for finding in found.failed)
    judge = partial(_audit, exact=True, programs=programs, workers=1, progress=None, only=failed)
    try:
        before = {(one.key, one.part): one for one in _both(Editions(earlier), None, judge).findings}
    except AuditError:
        return found
    findings = (_unless_known(one, before.get((one.key, one.part))) for one in found.findings)
    return replace(found, findings=tuple(findings))


def _unless_known(finding: Finding, before: Finding | None) -> Finding:
    if finding.ok or before is None or not before.ok:
        return finding
    same = before.outer_low >= finding.outer_low and before.outer_high <= finding.outer_high
    return replace(finding, verdict="protected") if same else finding


def _both(
    editions: Editions, truth: pa.Table | None, judge: Callable[[Sequence[Release], pa.Table | None], Audit]
) -> Audit:
    """With what an outsider may believe of corrected data, if that can be, or else only with what is certain."""
    for believing in (True, False) if editions.days else (False,):
        releases = editions.read(believing, certain=truth is not None or not believing)
        known = None if truth is None else newest_truth(editions, releases, truth)
        releases = releases if known is None else needed(releases, known)
        try:
            return judge(releases, known)
        except ContradictionError:
            if not believing:
                raise
    raise AssertionError("the last attempt returns or raises")


def _audit(
    releases: Sequence[Release],
    truth: pa.Table | None,
    exact: bool,
    programs: int,
    workers: int,
    progress: Progress | None,
    only: frozenset[Name] | None = None,
) -> Audit:
    system, asked, codes = build(releases)
    narrow(system)
    asked = asked if only is None else asked[_named_in(only, releases, asked)]
    true = _true_values(releases, system, codes, truth)
    need = _needs(releases, system, asked, true)
    reach = _reach_of_bounds(system, asked)
    tasks = list(_tasks(system, Ground.of(codes), true, asked, need, exact, programs))
    done, total = 0, sum(len(task.part.low) for task in tasks)
    for task, found in _run(tasks, workers):
        _keep(task, found, reach)
        done += len(task.part.low)
        if progress:
            progress(done, total)
    findings = tuple(_findings(releases, asked, reach, need.enough(reach.low, reach.high), need))
    return Audit(findings, _withheld(releases, asked), int(asked.shown.sum()))


def _named_in(only: frozenset[Name], releases: Sequence[Release], asked: Asked) -> Ints:
    rows = [list(zip(*(release.figures[name].to_pylist() for name in KEYS), strict=True)) for release in releases]
    names = zip(asked.release, asked.row, asked.part, strict=True)
    return np.flatnonzero([(_named(rows[number][row]), part) in only for number, row, part in names])


def _withheld(releases: Sequence[Release], asked: Asked) -> int:
    """How many figures are withheld, each once, however often its data were corrected."""
    if all(release.before is None for release in releases):
        return int((~asked.shown).sum())
    rows = [list(zip(*(release.figures[name].to_pylist() for name in KEYS), strict=True)) for release in releases]
    keys = [[(plain_year(key[0]), *key[1:]) for key in some] for some in rows]
    first = {key for release, some in zip(releases, keys, strict=True) if release.before is None for key in some}
    silent = [[] if one.before is None else one.before["status"].to_pylist() for one in releases]
    found = zip(asked.release, asked.row, asked.part, asked.shown, strict=True)
    withheld = {
        (keys[release][row], part)
        for release, row, part, shown in found
        if not shown
        and (
            releases[release].before is None or (keys[release][row] not in first and silent[release][row] == "withheld")
        )
    }
    return len(withheld)


def _needs(releases: Sequence[Release], system: System, asked: Asked, true: Floats) -> _Need:
    requirement = Requirement.of(releases[0].manifest)
    rate = np.asarray([part == "numerator" for part in asked.part], dtype=bool)
    most = np.where(rate, _denominators(system, asked.variable), np.inf)
    value = true[asked.variable]
    with np.errstate(invalid="ignore"):
        needed = requirement.sensitive(value, most, rate) & ~np.isnan(value)
        low, high = (np.where(needed, end, value) for end in requirement.ends(value, most))
    return _Need(requirement, low, high, most, rate, asked.shown, *_told_before(releases, asked))


def _told_before(releases: Sequence[Release], asked: Asked) -> tuple[Bools, Floats, Floats]:
    """Whether the data of each asked figure were corrected, and what was told of it before."""
    ends = np.full((2, len(asked.row)), np.nan)
    counted = np.asarray([part == "numerator" for part in asked.part], dtype=bool)
    for number, release in enumerate(releases):
        if release.before is None:
            continue
        told = np.asarray(pc.is_valid(release.before["low"]))
        for part, name in ((counted, "numerator"), (~counted, "students")):
            mine = np.flatnonzero(part & (asked.release == number))
            rows = asked.row[mine]
            for end, which in enumerate(("low", "high")):
                values = np.asarray(pc.fill_null(release.before[f"{name}_{which}"], np.nan))
                ends[end, mine] = np.where(told[rows] | (name == "students"), values[rows], np.nan)
    later = np.asarray([release.before is not None for release in releases])[asked.release]
    return later, ends[0], ends[1]


def _denominators(system: System, variables: Ints) -> Floats:
    """The published denominator of each numerator: the fixed variable on the other side of its ``numerator <= students``."""
    is_pair = (np.diff(system.rows.indptr) == 2) & np.isinf(system.row_low)
    pairs = system.rows[is_pair].indices.reshape(-1, 2)
    values = system.rows[is_pair].data.reshape(-1, 2)
    above = np.where(values[:, 0] > 0, pairs[:, 0], pairs[:, 1])
    below = np.where(values[:, 0] > 0, pairs[:, 1], pairs[:, 0])
    plain = np.isclose(np.abs(values).min(axis=1), 1.0)
    fixed = (
        plain
        & (system.low[below] == system.high[below])
        & (system.keys.part("quantity")[below] < system.keys.part("quantity")[above])
    )
    most = np.full(len(system.low), np.inf)
    np.minimum.at(most, above[fixed], system.high[below[fixed]])
    return most[variables]


def _true_values(releases: Sequence[Release], system: System, codes: Codes, truth: pa.Table | None) -> Floats:
    """The true value of each variable, not a number where ``truth`` does not say."""
    found = np.full(len(system.low), np.nan)
    if truth is None:
        return found
    known = joined_keys(truth)
    for release in releases:
        at = pc.index_in(joined_keys(release.figures), value_set=known)
        students, numerator = (numbers(truth[name].take(at)) for name in ("students", "numerator"))
        rate = np.asarray(codes.kind_of(release) == "rate")
        for variables, true in (
            (codes.numerators(release)[rate], numerator[rate]),
            (codes.students(release), students),
        ):
            said = ~np.isnan(true)
            found[system.keys.find(variables[said])] = true[said]
    return found


def _reach_of_bounds(system: System, asked: Asked) -> Reach:
    """What narrowing alone leaves. Nothing is reached from inside yet, unless one value is left."""
    low, high = system.low[asked.variable], system.high[asked.variable]
    fixed = low == high
    return Reach(np.where(fixed, low, np.inf), np.where(fixed, high, -np.inf), low.copy(), high.copy())


def _tasks(
    system: System, ground: Ground, true: Floats, asked: Asked, need: _Need, exact: bool, programs: int
) -> Iterator[_Task]:
    free = np.flatnonzero(system.low < system.high)
    if not len(free):
        return
    position = np.full(len(system.low), -1, dtype=np.int64)
    position[asked.variable] = np.arange(len(asked.variable))
    rest = np.where(system.low < system.high, 0.0, system.low)
    moved = system.rows @ rest
    rows, kind = system.rows[:, free], kind_of(system.keys[free])
    row_low, row_high = system.row_low - moved, system.row_high - moved
    for columns, chosen in _components(rows):
        inside = position[free[columns]]
        judged = np.flatnonzero(inside >= 0)
        if len(judged):
            bounds = (system.low[free[columns]], system.high[free[columns]])
            shape = (rows[chosen][:, columns].tocsr(), row_low[chosen], row_high[chosen])
            own = need[inside[judged]]
            apart = np.where(own.shown, LEAST_CHOICES - 1.0, np.inf)
            part = Part(ground, kind[columns], true[free[columns]], *shape, *bounds, judged, apart)
            yield _Task(part, own, inside[judged], exact, programs)


def _components(rows: sparse.csr_matrix) -> Iterator[tuple[Ints, Ints]]:
    """Columns that rows connect, with those rows."""
    links = sparse.bmat([[None, rows.T], [rows, None]], format="csr")
    _, label = csgraph.connected_components(links, directed=False)
    columns, lines = label[: rows.shape[1]], label[rows.shape[1] :]
    column_order, line_order = np.argsort(columns, kind="stable"), np.argsort(lines, kind="stable")
    sorted_columns, sorted_lines = columns[column_order], lines[line_order]
    for name in np.unique(sorted_columns):
        a, b = np.searchsorted(sorted_columns, [name, name + 1])
        c, d = np.searchsorted(sorted_lines, [name, name + 1])
        yield column_order[a:b], line_order[c:d]


def _run(tasks: list[_Task], workers: int) -> Iterator[tuple[_Task, Reach | None]]:
    """Large parts first. One process for each worker, where there is more than one."""
    tasks.sort(key=lambda task: -len(task.part.low))
    if workers < 2 or len(tasks) < 2:
        yield from ((task, _attack(task)) for task in tasks)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        sent = {pool.submit(_attack_each, some): some for some in _batches(tasks)}
        for done in as_completed(sent):
            yield from zip(sent[done], done.result(), strict=True)


def _batches(tasks: list[_Task]) -> Iterator[list[_Task]]:
    """Tasks to be sent together: large ones alone, small ones as many as make up a small share of all columns."""
    share = sum(len(task.part.low) for task in tasks) / _BATCHES
    batch: list[_Task] = []
    for task in tasks:
        batch.append(task)
        if sum(len(one.part.low) for one in batch) >= share:
            yield batch
            batch = []
    if batch:
        yield batch


def _attack_each(tasks: list[_Task]) -> list[Reach | None]:
    return [_attack(task) for task in tasks]


def _attack(task: _Task) -> Reach | None:
    part = task.part
    bounds = part.low[part.asked], part.high[part.asked]
    return attack(part, task.need.enough, partial(task.need.goals, *bounds), task.exact, task.programs)


def _keep(task: _Task, found: Reach | None, reach: Reach) -> None:
    if found is None:
        raise ContradictionError(
            "The published figures contradict each other: no table of whole numbers fits them all. "
            "Make the report again from its sources."
        )
    for name in ("low", "high", "outer_low", "outer_high"):
        getattr(reach, name)[task.positions] = getattr(found, name)


def _findings(releases: Sequence[Release], asked: Asked, reach: Reach, enough: Bools, need: _Need) -> Iterator[Finding]:
    keys = [list(zip(*(release.figures[name].to_pylist() for name in KEYS), strict=True)) for release in releases]
    outer = need.enough(reach.outer_low, reach.outer_high)
    for number, (release, row, part) in enumerate(zip(asked.release, asked.row, asked.part, strict=True)):
        inner = (float(reach.low[number]), float(reach.high[number]))
        beyond = (float(reach.outer_low[number]), float(reach.outer_high[number]))
        verdict = _verdict(bool(enough[number]), bool(outer[number]), beyond[0] == beyond[1])
        if not asked.shown[number] or verdict != "protected":
            yield Finding(_named(keys[release][row]), part, *inner, *beyond, verdict)


def _named(key: tuple[str, ...]) -> tuple[str, ...]:
    return readable(key[0]), *key[1:]


def _verdict(enough: bool, outer_enough: bool, single: bool) -> str:
    if enough:
        return "protected"
    if single:
        return "recovered"
    return "unproven" if outer_enough else "under-protected"
