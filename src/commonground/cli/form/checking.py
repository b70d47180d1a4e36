"""Takes a result folder apart and says in plain words what holds: the files, the rules, the points, the proofs."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import commonground
from commonground.cli.form.cases import facilitator_rules
from commonground.cli.form.folder import INPUTS, MANIFEST, FolderError, Manifest, digest, read_folder
from commonground.cli.form.inputs import Inputs, Refused, Source, read_inputs
from commonground.cli.form.report import report_html, verdict
from commonground.cli.form.result import CERTIFICATE, CERTIFICATE_FORMAT, PRINTED, REPORT, Formed, tables_and_map
from commonground.engines.formation import Market, Rules, Solution, check
from commonground.engines.formation.facilitators import Assignment
from commonground.engines.formation.facilitators import check as check_facilitators
from commonground.formats import formed as formed_files
from commonground.i18n import ENGLISH, translator


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: whether it holds, and the sentence that says so."""

    holds: bool
    text: str


def check_folder(folder: Path) -> Iterator[Finding]:
    """Every finding, as it is made. Later ones are left out where an earlier one makes them meaningless."""
    try:
        files = read_folder(folder)
        if formed_files.is_formed(files):
            yield from _of_a_site(files)
            return
        manifest = Manifest.from_bytes(files.get(MANIFEST, b""))
    except FolderError as error:
        yield Finding(False, str(error))
        return
    changed = list(_files(files, manifest))
    yield from changed or [Finding(True, f"All {len(files)} files are there, and none was changed.")]
    inputs = _inputs(files, manifest)
    if isinstance(inputs, Refused):
        yield Finding(False, "The saved inputs can no longer be read: " + str(inputs.problems[0]))
        return
    yield Finding(True, f"The inputs are complete: {len(inputs.market)} schools, {len(inputs.people)} facilitators.")
    try:
        formed = _formed(inputs, json.loads(files[CERTIFICATE]), manifest.run.get("language", ENGLISH))
    except (ValueError, KeyError, TypeError) as error:
        yield Finding(False, f"{CERTIFICATE} cannot be read: {error}.")
        return
    if strangers := _strangers(formed):
        yield Finding(False, f"The groups name schools that did not sign up: {', '.join(strangers)}.")
        return
    yield from _groups(formed)
    yield from _facilitators(formed)
    yield from _repeated(formed, files, manifest)


def _of_a_site(files: Mapping[str, bytes]) -> Iterator[Finding]:
    """What a site offers for download: members, rules, groups and proof, all of them as the engine sees them."""
    try:
        formed = formed_files.read(files)
    except formed_files.FormedError as error:
        yield Finding(False, str(error))
        return
    yield Finding(True, f"The inputs are complete: {len(formed.market)} members.")
    wrong = _wrong(formed.market, formed.rules, formed.solution)
    for text in wrong:
        yield Finding(False, f"The groups: {text}")
    if not wrong:
        yield Finding(True, f"All {len(formed.solution.groups)} groups obey every rule.")
        yield Finding(True, verdict(formed.solution) + " The proof was checked.")
    if files.get(formed_files.GROUPS) != formed_files.groups_table(formed):
        yield Finding(False, f"{formed_files.GROUPS} does not say what the certificate says.")


def _files(files: Mapping[str, bytes], manifest: Manifest) -> Iterator[Finding]:
    for name, expected in manifest.files.items():
        if name not in files:
            yield Finding(False, f"{name} is missing.")
        elif digest(files[name]) != expected:
            yield Finding(False, f"{name} was changed since it was written.")
    for name in sorted(files.keys() - manifest.files.keys() - {MANIFEST}):
        yield Finding(False, f"{name} does not belong to this result.")


def _inputs(files: Mapping[str, bytes], manifest: Manifest) -> Inputs | Refused:
    kept: Mapping[str, Mapping[str, str]] = manifest.run["inputs"]
    sources = {key: Source(one["name"], files.get(one["file"], b"")) for key, one in kept.items()}
    return read_inputs(sources, encoding=manifest.run.get("encoding"))


def _formed(inputs: Inputs, saved: Mapping[str, Any], language: str) -> Formed:
    if saved["format"] != CERTIFICATE_FORMAT:
        raise ValueError(f"its format is {saved['format']!r}")
    assignment = Assignment.from_json(saved["facilitators"]) if saved["facilitators"] else None
    others = tuple(Solution.from_json(other) for other in saved["alternatives"])
    translator(language)  # refuses one that has no texts
    return Formed(inputs, Solution.from_json(saved["solution"]), assignment, others, language)


def _strangers(formed: Formed) -> list[str]:
    solutions = (formed.solution, *formed.others)
    named = {id for solution in solutions for group in solution.groups for id in group.members}
    return sorted((named | {one.member for one in formed.solution.unplaced}) - formed.members.keys())


def _groups(formed: Formed) -> Iterator[Finding]:
    market, rules = formed.inputs.market, formed.inputs.rules
    wrong = _wrong(market, rules, formed.solution)
    for text in wrong:
        yield Finding(False, f"The groups: {text}")
    if not wrong:
        yield Finding(True, f"All {len(formed.solution.groups)} groups obey every rule.")
        yield Finding(True, verdict(formed.solution) + " The proof was checked.")
    for number, other in enumerate(formed.others, start=1):
        wrong = _wrong(market, rules, other)
        for text in wrong:
            yield Finding(False, f"Alternative {number}: {text}")
        if not wrong:
            yield Finding(True, f"Alternative {number} obeys every rule and has {other.score:,.1f} points.")


def _wrong(market: Market, rules: Rules, solution: Solution) -> tuple[str, ...]:
    try:
        return check(market, rules, solution).problems
    except (ValueError, KeyError, TypeError, IndexError) as error:
        return (f"their proof cannot be read: {error!r}.",)


def _facilitators(formed: Formed) -> Iterator[Finding]:
    if formed.assignment is None:
        return
    rules = facilitator_rules(formed.inputs, formed.cases)
    wrong = check_facilitators(formed.cases, formed.inputs.people, rules, formed.assignment)
    for reason in wrong:
        yield Finding(False, f"The facilitators: {reason}")
    if not wrong:
        count = len(formed.assignment.rows)
        said = f"{count - formed.assignment.unserved} of {count} groups have a facilitator. It is proven that no assignment "
        yield Finding(True, said + "serves more groups, or as many with fewer points lost.")


def _repeated(formed: Formed, files: Mapping[str, bytes], manifest: Manifest) -> Iterator[Finding]:
    """Computes every file again from the inputs and the certificate: digests alone would not find a forged table."""
    made_by = manifest.run["version"]
    if made_by != commonground.__version__:
        said = f"This result was made by version {made_by}, and this is version {commonground.__version__}, which may write "
        yield Finding(True, said + "files in another way. They were compared by their digests only.")
        return
    again = tables_and_map(formed) | {REPORT: report_html(formed)}
    expected = {name for name in manifest.files if not name.startswith(INPUTS)} - {PRINTED}
    wrong = [name for name in sorted(again.keys() | expected) if again.get(name) != files.get(name)]
    for name in wrong:
        yield Finding(False, f"{name} does not say what the inputs and the certificate say.")
    if not wrong:
        yield Finding(True, "Tables, map and report say the same as the inputs and the certificate.")
