"""Reading a rules file: every fault named by file and key, with the remedy."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

from commonground.engines.measures.groups import STUDENT_COLUMNS, UNKNOWN, Family, Group, Groups
from commonground.engines.measures.rules.model import Rule, Rules
from commonground.engines.measures.rules.options import (
    EVERYWHERE,
    MEASURES,
    NEEDED,
    OPTIONS,
    attribute,
    is_month_day,
    is_name,
    known_keys,
)
from commonground.engines.measures.rules.problems import RuleProblem, RulesError

FORMAT = "commonground-equity-rules/1"
SHIPPED = "rules.toml"
_TOP = ("format", "title", "crossings", "school_year", "metric", "family", "protection")


def shipped_rules() -> Rules:
    """The rules that come with Common Ground."""
    return parse_rules(shipped_text(), SHIPPED)


def shipped_text() -> str:
    """The shipped rules file, to copy and change."""
    return files("commonground.engines.measures.rules").joinpath(SHIPPED).read_text("utf-8")


def read_rules(path: Path) -> Rules:
    """The rules in a TOML file.

    Raises:
        RulesError: with every problem found.
    """
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RulesError([RuleProblem(path.name, "file", "is not UTF-8.", "Save it as UTF-8.")]) from error
    except OSError as error:
        remedy = "Name a rules file that you may read."
        raise RulesError([RuleProblem(path.name, "file", f"cannot be read ({error.strerror}).", remedy)]) from error
    return parse_rules(text, path.name)


def parse_rules(text: str, file: str) -> Rules:
    """The rules in the text of a file of this name; see `read_rules`."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        remedy = "Compare with the shipped rules.toml."
        raise RulesError([RuleProblem(file, "file", f"is not TOML: {error}.", remedy)]) from error
    return _Reader(file, content).rules()


class _Reader:
    """Turns the content of one file into rules and collects what is wrong."""

    def __init__(self, file: str, content: Mapping[str, Any]) -> None:
        self.file, self.content = file, content
        self.problems: list[RuleProblem] = []

    def blame(self, key: str, message: str, remedy: str) -> None:
        self.problems.append(RuleProblem(self.file, key, message, remedy))

    def rules(self) -> Rules:
        self._top()
        groups = Groups(self._families(), self._crossings())
        known = groups.ids() if not self.problems else None
        metrics = [rule for table in self._tables("metric") if (rule := self._metric(table, known)) is not None]
        self._among_each_other(metrics)
        if self.problems:
            raise RulesError(self.problems)
        begins = self.content.get("school_year", {}).get("begins", "07-01")
        protection = MappingProxyType(self.content.get("protection", {}))
        rules = Rules(self.content["title"], begins, tuple(metrics), groups, protection)
        self._windows(rules)
        return rules

    def _top(self) -> None:
        if self.content.get("format") != FORMAT:
            self.blame("format", f"is “{self.content.get('format', '')}”.", f'Write format = "{FORMAT}".')
        if not isinstance(self.content.get("title"), str):
            self.blame("title", "is absent or no text.", 'Write title = "…".')
        for key in self.content.keys() - set(_TOP):
            self.blame(key, "is not known.", f"Take it out; known are {', '.join(_TOP)}.")
        year = self.content.get("school_year", {})
        if not isinstance(year, dict) or not is_month_day(year.get("begins", "07-01")):
            self.blame("school_year, begins", "is no day.", 'Write a month and a day, such as "07-01".')
        if not isinstance(self.content.get("protection", {}), dict):
            self.blame("protection", "is no section.", "Write it as [protection] with its keys below.")

    def _tables(self, name: str) -> list[dict[str, Any]]:
        tables = self.content.get(name, [])
        if isinstance(tables, list) and tables and all(isinstance(table, dict) for table in tables):
            return tables
        self.blame(name, "is absent or no list of sections.", f"Begin each with [[{name}]].")
        return []

    def _families(self) -> tuple[Family, ...]:
        found: dict[str, Family] = {}
        for table in self._tables("family"):
            family = self._family(table)
            if family is None:
                continue
            if family.id in found:
                self.blame(f"family {family.id}", "stands there twice.", "Keep one.")
            found[family.id] = family
        return tuple(found.values())

    def _family(self, table: Mapping[str, Any]) -> Family | None:
        name = f"family {table.get('id', '')}"
        texts = ("id", "column", "name_en", "name_es", "unknown_en", "unknown_es")
        before = len(self.problems)
        self._keys(name, table, (*texts, "groups"), texts)
        if not is_name(table.get("id")):
            self.blame(f"{name}, id", "is no name.", OPTIONS["id"].wanted.replace("a name", "Write a name", 1) + ".")
        if table.get("column") not in STUDENT_COLUMNS:
            remedy = f"Write one of {', '.join(STUDENT_COLUMNS)}."
            self.blame(f"{name}, column", f"“{table.get('column')}” is no column of students.", remedy)
        groups = self._groups(name, table.get("groups"))
        if len(self.problems) > before:
            return None
        unknown = Group(UNKNOWN, (), table["unknown_en"], table["unknown_es"])
        return Family(table["id"], table["column"], table["name_en"], table["name_es"], (*groups, unknown))

    def _groups(self, name: str, tables: Any) -> list[Group]:
        if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
            self.blame(f"{name}, groups", "is no list of groups.", "Write { id, name_en, name_es } for each.")
            return []
        groups: list[Group] = []
        taken = {""}
        for table in tables:
            place = f"{name}, group {table.get('id', '')}"
            self._keys(place, table, ("id", "name_en", "name_es", "values"), ("id", "name_en", "name_es"))
            values = table.get("values", [table.get("id")])
            if not is_name(table.get("id")) or table["id"] == UNKNOWN or table["id"] in {one.id for one in groups}:
                self.blame(place, "has an id that is no name of its own.", "Give each group another short name.")
            elif not isinstance(values, list) or not all(isinstance(value, str) for value in values):
                self.blame(f"{place}, values", "is no list of texts.", "List the values that belong to the group.")
            elif taken & set(values):
                self.blame(f"{place}, values", "has a value that is empty or taken.", "Each value has one group.")
            else:
                taken |= set(values)
                groups.append(Group(table["id"], tuple(values), table.get("name_en", ""), table.get("name_es", "")))
        return groups

    def _crossings(self) -> tuple[tuple[str, str], ...]:
        known = {table.get("id") for table in self._tables("family")}
        pairs = self.content.get("crossings", [])
        if not isinstance(pairs, list):
            self.blame("crossings", "is no list.", 'Write pairs of families, such as [["disability", "race"]].')
            return ()
        for pair in pairs:
            two = isinstance(pair, list) and len(pair) == 2 and pair[0] != pair[1]
            if not two or not all(isinstance(name, str) and name in known for name in pair):
                self.blame("crossings", f"{pair} is no pair of families.", "Name two different families of this file.")
            elif [sorted(other) for other in pairs if isinstance(other, list)].count(sorted(pair)) > 1:
                self.blame("crossings", f"{pair} stands there twice.", "Keep one.")
        return tuple(tuple(sorted(pair)) for pair in pairs) if not self.problems else ()

    def _keys(self, name: str, table: Mapping[str, Any], known: tuple[str, ...], needed: tuple[str, ...]) -> None:
        for key in sorted(table.keys() - set(known)):
            self.blame(f"{name}, {key}", "is not known here.", f"Take it out; known are {', '.join(known)}.")
        for key in needed:
            if key not in table:
                wanted = OPTIONS[key].wanted if key in OPTIONS else "a text"
                self.blame(f"{name}, {key}", "is absent.", f"Write {wanted}.")
            elif key not in OPTIONS and not isinstance(table[key], str):
                self.blame(f"{name}, {key}", "is no text.", "Write it in quotation marks.")

    def _metric(self, table: Mapping[str, Any], groups: frozenset[str] | None) -> Rule | None:
        name = f"metric {table.get('id', '')}"
        measure = table.get("measure")
        if not isinstance(measure, str) or measure not in MEASURES:
            said = "is absent" if measure is None else f"“{measure}” is not known"
            self.blame(f"{name}, measure", f"{said}.", f"Write one of {', '.join(MEASURES)}.")
            return None
        before = len(self.problems)
        known = known_keys(measure)
        self._keys(name, table, known, (*NEEDED, *MEASURES[measure].needs))
        for key in (key for key in known if key in table and not OPTIONS[key].fits(table[key])):
            self.blame(f"{name}, {key}", f"“{table[key]}” does not fit.", f"Write {OPTIONS[key].wanted}.")
        if len(self.problems) > before:
            return None
        self._consistent(name, table, groups)
        return None if len(self.problems) > before else _rule(table)

    def _consistent(self, name: str, table: Mapping[str, Any], groups: frozenset[str] | None) -> None:
        if not {"city", "sector"} <= set(table.get("grade_rows", ["city", "sector"])):
            self.blame(f"{name}, grade_rows", "lacks city or sector.", f"Write {OPTIONS['grade_rows'].wanted}.")
        for group in table.get("exclude_groups", []):
            if (groups is not None and group not in groups) or group == "all" or "*" in group:
                self.blame(f"{name}, exclude_groups", f"there is no group “{group}”.", "Name groups of one family.")
        statuses = [word for key in ("present", "half", "not_counted") for word in table.get(key, [])]
        if len(set(statuses)) < len(statuses):
            self.blame(f"{name}, present", "a status counts in two ways.", "Name each status once.")
        if set(table.get("graduated", [])) & set(table.get("excluded_statuses", [])):
            self.blame(f"{name}, graduated", "a status is counted and excluded.", "Name each status once.")
        if table.get("counted_at") == "each" and table.get("other_schools"):
            remedy = "Set other_schools = false, or choose one school with counted_at."
            self.blame(f"{name}, other_schools", "counts days or incidents several times.", remedy)
        if table.get("counted_at") == "incident" and table["measure"] != "discipline":
            self.blame(f"{name}, counted_at", "“incident” fits discipline only.", "Write longest, last or each.")

    def _among_each_other(self, metrics: list[Rule]) -> None:
        for at, rule in enumerate(metrics):
            for other in metrics[:at]:
                if rule.id == other.id and (rule.version == other.version or rule.effective == other.effective):
                    key, remedy = f"metric {rule.id}, version", "Give each version a number and a year of its own."
                    self.blame(key, f"{rule.version} from {rule.effective} stands beside another such.", remedy)
            outer = [other for other in metrics if other.id == rule.within]
            if rule.within and not any(_holds(other, rule) for other in outer):
                remedy = f"Name a {rule.measure} metric with the same students and a wider count."
                self.blame(f"metric {rule.id}, within", f"“{rule.within}” does not contain this metric.", remedy)

    def _windows(self, rules: Rules) -> None:
        for rule in rules.metrics:
            first, last = rules.window(rule, "2025")
            if last < first:
                remedy = "Order the two within the school year."
                self.blame(f"metric {rule.id}, until", f"{rule.until} comes before the first day.", remedy)
        if self.problems:
            raise RulesError(self.problems)


def _rule(table: Mapping[str, Any]) -> Rule:
    own = MEASURES[table["measure"]]
    values: dict[str, Any] = {
        attribute(key): tuple(value) if isinstance(value, list) else value for key, value in table.items()
    }
    values.setdefault("digits", own.digits)
    return Rule(kind=own.kind, **values)


def _holds(outer: Rule, inner: Rule) -> bool:
    """Whether everyone in the inner numerator is by definition in the outer's, and both have the same denominator."""
    keys = {*EVERYWHERE, "from", "until", "counted_at", "other_schools", "minimum_days", "grades"}
    keys |= {"measure", "cohort", "subject", "excluded_statuses", "present", "half", "not_counted"}
    same = all(getattr(outer, attribute(key)) == getattr(inner, attribute(key)) for key in keys)
    wider = set(inner.kinds) <= set(outer.kinds) and set(inner.graduated) <= set(outer.graduated)
    level = outer.at_least_level == inner.at_least_level or 0 < outer.at_least_level <= inner.at_least_level
    lower = outer.at_least_times <= inner.at_least_times and outer.at_least_days <= inner.at_least_days
    return outer is not inner and same and wider and level and lower and outer.absent_at_least <= inner.absent_at_least
