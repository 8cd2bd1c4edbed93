"""The rules engine: rules and a reply in, a decision and the way there out.

Pure: no clock, no network, no database. A mistake in a rules file is a value with its place, never an exception.
"""

from rules.engine.evaluate import decide, decide_facts
from rules.engine.examples import Failure, run_examples
from rules.engine.facts import Facts, facts_of, facts_told
from rules.engine.language import FIELDS, TESTS
from rules.engine.loading.loader import Loaded, load
from rules.engine.loading.problem import Problem, render
from rules.engine.ruleset import Rule, RuleSet

__all__ = [
    "FIELDS",
    "TESTS",
    "Facts",
    "Failure",
    "Loaded",
    "Problem",
    "Rule",
    "RuleSet",
    "decide",
    "decide_facts",
    "facts_of",
    "facts_told",
    "load",
    "render",
    "run_examples",
]
