"""Business rules as versioned, readable data: the agreed definition of every number, in TOML.

rules = read_rules(Path("rules.toml"))
for rule in rules.for_year("2025"):
    sentence(rule, rules, "es")
"""

from commonground.engines.measures.rules.model import EACH, GRADES, Rule, Rules
from commonground.engines.measures.rules.problems import RuleProblem, RulesError
from commonground.engines.measures.rules.reading import parse_rules, read_rules, shipped_rules, shipped_text
from commonground.engines.measures.rules.sentence import sentence

__all__ = [
    "EACH",
    "GRADES",
    "Rule",
    "RuleProblem",
    "Rules",
    "RulesError",
    "parse_rules",
    "read_rules",
    "sentence",
    "shipped_rules",
    "shipped_text",
]
