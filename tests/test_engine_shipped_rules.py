"""The rules that are shipped, and the guide beside them, keep what they say."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from model import Mark, Reply
from rules.engine import FIELDS, TESTS, Facts, RuleSet, decide, decide_facts, load, run_examples
from rules.engine.facts import facts_told
from rules.engine.ruleset import conditions

if TYPE_CHECKING:
    from collections.abc import Iterator

RULES = Path(__file__).parent.parent / "rules"
SHIPPED = (RULES / "rules.yaml").read_text(encoding="utf-8")
GUIDE = (RULES / "README.md").read_text(encoding="utf-8")
CASES = json.loads((Path(__file__).parent / "replies" / "cases.json").read_text(encoding="utf-8"))

KINDS = Path(__file__).parent / "kinds"

# The only words of people that may be hidden.
PLAIN_REFUSALS = {
    "Kein Interesse",
    "Not interested, thanks.",
    "Not interested.",
    "No thanks.",
    "No, gracias.",
    "We are not interested.",
}
ASKING_PROGRAMS = {
    "Call me on my mobile",
    "call me on my mobile",
    "Did you know",
    "Do you need help",
    "Please be aware that our office has moved",
    "hilft Ihnen gerne weiter",
}  # what automatic replies say and are shown for


def replies_by_kind() -> Iterator[Any]:
    for path in sorted(KINDS.glob("*.yaml")):
        for kind, replies in yaml.safe_load(path.read_text("utf-8")).items():
            if path.stem.startswith("held_out") and kind != "person":
                continue  # how many of these are found is held as a rate beside the tests of kinds
            for number, told in enumerate(replies, start=1):
                yield pytest.param(kind, told, id=f"{path.stem}: {kind} {number}")


@cache
def ruleset_of(text: str) -> RuleSet:
    loaded = load(text)
    assert loaded.problems == ()
    assert loaded.ruleset is not None
    return loaded.ruleset


def blocks_of_the_guide() -> list[str]:
    lists = SHIPPED[SHIPPED.index("\nlists:") : SHIPPED.index("\nrules:")]
    blocks = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    return [f"version: 1\n{lists}\nrules:\n{indent(block, '  ')}" for block in blocks]


def ruleset_of_block(block: str) -> RuleSet:
    """A block of the guide with the shipped lists, of which it needs only some."""
    loaded = load(block)
    assert [problem for problem in loaded.problems if not problem.message.startswith("No rule uses the list")] == []
    assert loaded.ruleset is not None
    return loaded.ruleset


def rows_of_the_guide(heading: str) -> list[list[str]]:
    section = GUIDE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.split("\n") if line.startswith("| `")]
    return [[cell.strip() for cell in row] for row in rows]


def test_the_shipped_rules_load_without_a_warning_and_their_examples_pass() -> None:
    assert run_examples(ruleset_of(SHIPPED)) == []


def test_every_shipped_rule_has_examples_of_both_kinds() -> None:
    for rule in ruleset_of(SHIPPED).rules:
        assert {example.matches for example in rule.examples} == {True, False}, rule.name


def test_no_shipped_read_rule_stands_above_the_rules_for_interest_unless_it_is_about_who_wrote() -> None:
    names = [rule.name for rule in ruleset_of(SHIPPED).rules]
    above = names[: names.index("Questions, prices, meetings")]
    hiding = [rule for rule in ruleset_of(SHIPPED).rules if rule.name in above and rule.mark is Mark.READ]
    read = {condition.field.name for rule in hiding for condition in conditions(rule.when)}
    assert read == {"sender", "kind"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_shipped_rules_hide_no_person_who_did_not_plainly_refuse(case: dict[str, str]) -> None:
    facts = Facts(reply=case["expected_new_text"], subject=case["subject"], sender=case["from"])
    mark = decide_facts(ruleset_of(SHIPPED), facts).mark
    if case["kind"] in {"ooo", "auto_ack", "bounce"} or case["expected_new_text"] in PLAIN_REFUSALS:
        assert mark is Mark.READ
    else:
        assert mark is not Mark.READ


@pytest.mark.parametrize(("kind", "told"), tuple(replies_by_kind()))
def test_a_person_in_any_language_is_hidden_only_for_a_plain_refusal_and_programs_are(
    kind: str, told: dict[str, str]
) -> None:
    words = told.get("reply", "")
    fields = {name: text for name, text in told.items() if name != "why"}
    mark = decide_facts(ruleset_of(SHIPPED), facts_told({"reply": words, **fields})).mark
    asks = any(asking in words for asking in ASKING_PROGRAMS)
    hidden = words in PLAIN_REFUSALS if kind not in {"auto-reply", "bounce"} else not asks
    assert (mark is Mark.READ) == hidden, told["why"]


@pytest.mark.parametrize(
    ("reply", "mark"),
    [
        ("We are not interested in ads but we would like to see the data", Mark.LEAVE),
        ("No thanks, call me next month about the other thing", Mark.UNREAD),
        ("I'm out of the office until Monday but keen to go ahead", Mark.LEAVE),
        ("Out of the office. Send me the contract.", Mark.UNREAD),
        ("Thanks", Mark.LEAVE),
        ("Unsubscribe", Mark.UNREAD),
        ("Not interested", Mark.READ),
    ],
)
def test_a_refusal_or_absence_with_a_wish_in_it_is_not_hidden(reply: str, mark: Mark) -> None:
    told = Reply(text=reply, subject="Re: quick question", sender="tom@customer.example")
    assert decide(ruleset_of(SHIPPED), told).mark is mark


def test_nothing_is_hidden_by_what_is_quoted_below_a_reply() -> None:
    text = (
        "Thursday works.\n\nOn Mon, 3 Nov 2026 at 09:12, Ana <ana@ours.example> wrote:\n> Not interested? Unsubscribe."
    )
    decision = decide(ruleset_of(SHIPPED), Reply(text=text, subject="Re: hi", sender="tom@customer.example"))
    assert (decision.mark, decision.rule) == (Mark.LEAVE, None)


def test_a_reply_of_which_only_a_cut_preview_came_is_not_hidden_by_its_beginning() -> None:
    preview = "Not interested in the small plan, we want the"
    decision = decide(ruleset_of(SHIPPED), Reply(preview=preview, subject="Re: hi", sender="tom@customer.example"))
    assert decision.mark is Mark.LEAVE


@pytest.mark.parametrize("block", blocks_of_the_guide(), ids=lambda block: block.partition("- name: ")[2][:24])
def test_every_block_of_the_guide_loads_and_its_examples_pass(block: str) -> None:
    assert run_examples(ruleset_of_block(block)) == []


def test_the_guide_has_ten_recipes() -> None:
    assert len(ruleset_of_block(blocks_of_the_guide()[-1]).rules) == 10


def test_the_guide_lists_exactly_the_fields_of_the_language_with_their_tests() -> None:
    def tests_of(name: str) -> str:
        taken, refused = FIELDS[name].tests, [test for test in TESTS if test not in FIELDS[name].tests]
        if not refused:
            return "all"
        few = refused if len(refused) < len(taken) else taken
        return ("all but " if few is refused else "") + ", ".join(f"`{test}`" for test in few)

    table = [[f"`{field.name}`", field.about, tests_of(field.name)] for field in FIELDS.values()]
    assert rows_of_the_guide("Fields") == table


def test_the_guide_lists_exactly_the_tests_of_the_language() -> None:
    assert rows_of_the_guide("Tests") == [[f"`{test.name}`", test.about] for test in TESTS.values()]


def test_the_guide_fits_on_one_page() -> None:
    assert len(GUIDE.split("\n")) <= 200
