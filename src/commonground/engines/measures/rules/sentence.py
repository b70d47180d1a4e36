"""A rule as plain sentences in English and Spanish: everything that the rule decides, in the same order for each."""

from collections.abc import Iterator
from typing import Literal

from commonground.engines.measures.rules.model import EACH, GRADES, Rule, Rules
from commonground.engines.measures.rules.words import GRADE_NAMES, MONTHS, WORDS

Language = Literal["en", "es"]


def sentence(rule: Rule, rules: Rules, language: Language) -> str:
    """What a rule counts, in whole sentences for readers who know no code."""
    return " ".join(_Sentences(rule, rules, language).parts())


class _Sentences:
    def __init__(self, rule: Rule, rules: Rules, language: Language) -> None:
        self.rule, self.rules, self.language = rule, rules, language

    def say(self, key: str, **values: object) -> str:
        return WORDS[key][self.language].format(**values)

    def parts(self) -> Iterator[str]:
        rule = self.rule
        yield self._measure()
        yield self.say("grades", grades=self._grades())
        yield from self._roll()
        yield from self._window()
        yield from self._school()
        if rule.exclude_groups:
            names = [self._group(group) for group in rule.exclude_groups]
            yield self.say("exclude_groups", list=", ".join(names))
        if rule.exclude_schools:
            yield self.say("exclude_schools", list=", ".join(rule.exclude_schools))
        yield from self._publication()

    def _measure(self) -> str:
        rule = self.rule
        if rule.measure == "discipline":
            return self._discipline()
        key = rule.measure
        if rule.measure == "proficiency" and rule.at_least_level:
            key = "proficiency_level"
        return self.say(
            key,
            subject=self._subject(),
            level=rule.at_least_level,
            years=rule.cohort,
            graduated=", ".join(rule.graduated),
            day=self._day(rule.count_date) if rule.count_date else "",
            share=self._number(rule.absent_at_least),
        )

    def _discipline(self) -> str:
        rule = self.rule
        kinds = self.say("or").join(self.say(kind) for kind in rule.kinds)
        parts = [self.say("discipline", kinds=kinds)]
        if rule.at_least_times > 1:
            parts.append(self.say("times", times=rule.at_least_times))
        if rule.at_least_days:
            parts.append(self.say("days", days=rule.at_least_days))
        return ", ".join(parts) + self.say("discipline_of")

    def _roll(self) -> Iterator[str]:
        """Who is in the denominator, and how days count."""
        rule = self.rule
        on_roll = rule.measure in ("attendance", "chronic_absence")
        if on_roll or rule.measure == "discipline":
            yield self.say("minimum_roll" if on_roll else "minimum_enrolled", days=rule.minimum_days)
        for key in ("present", "half", "not_counted", "excluded_statuses"):
            if getattr(rule, key):
                yield self.say(key, list=", ".join(getattr(rule, key)))
        if rule.measure in ("proficiency", "growth"):
            yield self.say("best_result")
        if rule.measure in ("entries", "withdrawals", "net_entries"):
            yield self.say("gap", days=rule.gap_days) if rule.gap_days else self.say("no_gap")
            yield self.say(f"by_month_{rule.by_month}")

    def _window(self) -> Iterator[str]:
        rule = self.rule
        if rule.measure in ("enrolled_on", "graduation", "proficiency", "growth"):
            return
        if rule.whole_year():
            yield self.say("whole_year")
            return
        first, last = self.rules.window(rule, "2025")
        yield self.say("window", first=self._day(f"{first:%m-%d}"), last=self._day(f"{last:%m-%d}"))

    def _school(self) -> Iterator[str]:
        rule = self.rule
        if rule.measure not in ("attendance", "chronic_absence", "discipline"):
            return
        yield self.say(f"at_{rule.counted_at}")
        if rule.counted_at != EACH:
            what = "incidents" if rule.measure == "discipline" else "days"
            yield self.say(f"{what}_{'everywhere' if rule.other_schools else 'here'}")

    def _publication(self) -> Iterator[str]:
        rule = self.rule
        if rule.within:
            outer = next(other for other in self.rules.metrics if other.id == rule.within)
            yield self.say("within", name=getattr(outer, f"name_{self.language}"))
        if rule.digits:
            yield self.say("digits", digits=rule.digits)
        levels = ", ".join(self.say(f"level_{level}") for level in rule.grade_rows)
        yield self.say("grade_rows", levels=levels)
        start = int(rule.effective) - 1
        yield self.say("in_force", version=rule.version, year=f"{start}-{rule.effective[2:]}")
        yield self.say("source", source=(self.language == "es" and rule.source_es) or rule.source)

    def _grades(self) -> str:
        """Runs of grades as "kindergarten to 5"."""
        places = sorted(GRADES.index(grade) for grade in self.rule.grades)
        runs: list[list[int]] = []
        for place in places:
            if runs and runs[-1][-1] == place - 1 and GRADES[place] not in ("AD", "UN"):
                runs[-1].append(place)
            else:
                runs.append([place])
        return ", ".join(self._run(run) for run in runs)

    def _run(self, run: list[int]) -> str:
        first, last = (GRADE_NAMES[self.language].get(GRADES[at], GRADES[at].lstrip("0")) for at in (run[0], run[-1]))
        return first if run[0] == run[-1] else self.say("range", first=first, last=last)

    def _group(self, group: str) -> str:
        family, _, name = group.partition(":")
        found = next(one for one in self.rules.groups.family(family).groups if one.id == name)
        return found.name_en if self.language == "en" else found.name_es

    def _subject(self) -> str:
        return WORDS.get(f"subject_{self.rule.subject}", {}).get(self.language, self.rule.subject)

    def _day(self, month_day: str) -> str:
        month, day = map(int, month_day.split("-"))
        return self.say("day", month=MONTHS[self.language][month - 1], day=day)

    def _number(self, number: float) -> str:
        return f"{number:g}"
