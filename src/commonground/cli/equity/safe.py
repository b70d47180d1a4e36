"""From figures to a publication that the auditor passes: protected, audited, and protected better where that was not enough."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

import click

from commonground.cli.equity.wish import ReportError, Wish, bar
from commonground.i18n import N_, Say

if TYPE_CHECKING:
    import pyarrow as pa

    from commonground.engines.disclosure.audit import Audit, Finding
    from commonground.engines.disclosure.protect import Protected, Settings
    from commonground.engines.disclosure.publication import Publication
    from commonground.engines.measures.figures import Figures

_MOST = 10


@dataclass(frozen=True, slots=True)
class Safe:
    """The way to a report in the folder ``aside`` of which nothing can be worked out; ``earlier`` ones were published before."""

    aside: Path
    figures: "Figures"
    settings: "Settings"
    earlier: "Sequence[Publication]"
    wish: Wish

    def publish(self) -> "tuple[Protected, int]":
        """What was decided, and how many figures are withheld. Raises ReportError where the auditor passes nothing.

        The auditor looks at every figure anyhow, so the protector proves them itself only where the auditor finds one open.
        Where even then one is, corrections of earlier reports are left out: these told what they told, and nothing is added.
        """
        done, found = self._tried(proven=False)
        if not found.ok:
            self._tell(_AGAIN, number=len(list(found.failed)))
            done, found = self._tried(proven=True)
        if not found.ok and (years := _corrected_years(done)):
            self._tell(_STAND, years=", ".join(years))
            done, found = self._tried(proven=True, as_before=(*self.wish.as_before, *years))
        if found.ok:
            return done, found.withheld
        open_ones = [_exposed(done, self.wish.say)] if done.exposed else []
        raise ReportError("\n".join([_failed(list(found.failed), self.wish.say), *open_ones]))

    def _tell(self, text: str, **values: object) -> None:
        click.echo(self.wish.say(text).format(**values), err=True)

    def _tried(self, proven: bool, as_before: "Sequence[str] | None" = None) -> "tuple[Protected, Audit]":
        """One attempt; its publication stays only where the auditor passes it."""
        done = self._protected(proven, self.wish.as_before if as_before is None else as_before)
        _public(done.publication, self.figures, self.wish).write(self.aside / "data")
        found = self._audited()
        if not found.ok:
            rmtree(self.aside / "data")
        return done, found

    def _protected(self, proven: bool, as_before: "Sequence[str]") -> "Protected":
        from commonground.engines.disclosure.protect import ProtectionError, protect

        wish = self.wish
        with bar(wish.say(N_("Protecting"))) as shown:

            def tell(done: int, total: int, _: str) -> None:
                shown.update(int(1000 * done / max(total, 1)) - shown.pos)

            try:
                done = protect(
                    self.figures,
                    self.settings,
                    title=wish.title,
                    made=wish.made,
                    rules=sha256(wish.rules.read_bytes()).hexdigest() if wish.rules else "",
                    earlier=self.earlier,
                    as_before=as_before,
                    processes=wish.workers,
                    proven=proven,
                    progress=tell,
                )
            except ProtectionError as error:
                raise ReportError(str(error)) from error
        return done

    def _audited(self) -> "Audit":
        """The auditor has the last word, also on figures that the protector did not prove safe."""
        from commonground.engines.disclosure.audit import AuditError, ContradictionError, audit

        wish = self.wish
        with bar(wish.say(N_("Auditing"))) as shown:

            def tell(done: int, total: int) -> None:
                shown.update(int(1000 * done / total) - shown.pos)

            try:
                return audit(
                    [self.aside, *wish.earlier], truth=self.figures.figures, workers=wish.workers, progress=tell
                )
            except AuditError as error:
                both = wish.earlier and isinstance(error, ContradictionError)
                raise ReportError(_contradiction(wish.say) if both else str(error)) from error


def _public(publication: "Publication", figures: "Figures", wish: Wish) -> "Publication":
    """What the report is called in Spanish, and metrics and groups in the order in which partners agreed on them."""
    titled = replace(publication.manifest, title_es=wish.title_es)
    metrics = _in_order(publication.metrics, figures.metrics, ("metric", "version"))
    groups = _in_order(publication.groups, figures.groups, ("group",))
    return replace(publication, manifest=titled, metrics=metrics, groups=groups)


def _in_order(published: "pa.Table", agreed: "pa.Table", key: tuple[str, ...]) -> "pa.Table":
    """The agreed rows first, then those that only figures of an earlier report need."""
    import pyarrow as pa

    known = {tuple(row[name] for name in key) for row in agreed.to_pylist()}
    more = [row for row in published.to_pylist() if tuple(row[name] for name in key) not in known]
    return pa.concat_tables([agreed, pa.Table.from_pylist(more, agreed.schema)]) if more else agreed


def _exposed(done: "Protected", say: Say) -> str:
    one = done.exposed[0]
    text = N_(
        "{number} figures stay open to subtraction whatever is withheld, first {metric} of {entity}, {group}, {year}: an earlier "
        "release tells too much, or there is nothing left to hide it among. Leave this metric out of the rules, or add LEAs."
    )
    place = {name: getattr(one, name) for name in ("metric", "entity", "group", "year")}
    return say(text).format(number=len(done.exposed), **place)


def _contradiction(say: Say) -> str:
    return say(
        N_(
            "This report and the earlier ones contradict each other beyond what corrected data explain: no students fit them all. "
            "Name all earlier reports of this city with --earlier, and none of another. Nothing was written."
        )
    )


def _corrected_years(done: "Protected") -> list[str]:
    """Years of which this report corrects an earlier one."""
    figures, made = done.publication.figures, done.publication.manifest.made
    days = zip(figures["year"].to_pylist(), figures["corrected"].to_pylist(), strict=True)
    return sorted({year for year, day in days if day == made})


def _failed(findings: "list[Finding]", say: Say) -> str:
    lines = (
        f"{finding.verdict}: {', '.join(part for part in finding.key if part)} ({finding.part})"
        for finding in findings[:_MOST]
    )
    text = N_("The auditor worked out {number} figures that the report withholds. Nothing was written.")
    return "\n".join([*lines, say(text).format(number=len(findings))])


_AGAIN = N_(
    "The auditor found {number} figures open. They are protected once more, now with proofs, which takes longer."
)
_STAND = N_(
    "Corrected figures of {years} would give too much away beside the earlier report. The figures of that report stand for these "
    "years, as with --as-before."
)
