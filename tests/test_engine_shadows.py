"""A rule, or a phrase of it, never decides if the rules above take all its replies; nothing else is said to."""

from __future__ import annotations

from typing import Any

import pytest
from rules_files import messages_of, rule

EITHER_CAMPAIGN = {"any_of": [{"campaign contains": "a"}, {"campaign does not contain": "a"}]}
EITHER_NUMBER = {"any_of": [{"campaign is": ["17", "VIP"]}, {"campaign is not": ["17", "VIP"]}]}


@pytest.mark.parametrize(
    ("above", "below", "taken", "why"),
    [
        ({"reply_contains": "stop"}, {"reply_contains": "please stop now"}, True, "the words stand in the phrase"),
        ({"reply_contains": "stop"}, {"reply_contains": "stopping"}, False, "only whole words count"),
        ({"reply_contains": "stop"}, {"reply_contains": "stop*"}, False, "the asterisk finds more"),
        ({"reply_contains": "stop*"}, {"reply_contains": "stopping it"}, True, "the asterisk covers longer words"),
        ({"reply_contains": "stop*"}, {"reply_contains": "stopp*"}, True, "and longer openings"),
        ({"reply_contains": "please"}, {"reply_contains": "please unsub*"}, True, "what is before the asterisk"),
        ({"reply_contains": "café"}, {"reply_contains": "The CAFE\u0301!"}, True, "as replies are compared"),
        ({"reply_contains": "don"}, {"reply_contains": "don't stop"}, False, "an apostrophe holds a word together"),
        ({"reply_contains": "l"}, {"reply_contains": "l'"}, False, "it depends on what follows"),
        ({"reply_contains": "_*"}, {"reply_contains": "l_*"}, False, "an underscore joins what stands on both sides"),
        ({"reply_contains": ["a", "b"]}, {"reply_contains": ["a b", "b c"]}, True, "each phrase by one of the list"),
        ({"reply_contains": "a"}, {"reply_contains": ["a b", "c"]}, False, "one phrase is left"),
        ({"reply_contains_all": ["a", "b"]}, {"reply_contains_all": ["x", "b", "a"]}, True, "all that is asked"),
        ({"reply_contains_all": ["a", "b"]}, {"reply_contains": "a"}, False, "too little"),
        ({"reply_contains": "a"}, {"reply_contains_all": ["a", "b"]}, True, "one of all"),
        ({"reply_contains": "stop"}, {"reply_starts_with": "Stop it"}, True, "what begins a text is in it"),
        ({"reply_starts_with": "stop"}, {"reply_starts_with": "stop it"}, True, "a shorter beginning"),
        ({"reply_starts_with": "it"}, {"reply_starts_with": "stop it"}, False, "another beginning"),
        ({"reply_ends_with": "it"}, {"reply_ends_with": "stop it"}, True, "a shorter end"),
        ({"reply_ends_with": "stop"}, {"reply_contains": "stop"}, False, "it may stand elsewhere"),
        ({"reply_contains": "stop"}, {"reply_is": "Stop it!"}, True, "a value has its words"),
        ({"reply_starts_with": "stop"}, {"reply_is": "stop it"}, True, "and its beginning"),
        ({"reply_ends_with": "it"}, {"reply_is": "stop it."}, True, "and its end"),
        ({"reply_contains": "it."}, {"reply_is": "stop it."}, False, "the end's punctuation does not count"),
        ({"reply_is": "thanks"}, {"reply_is": "Thanks!"}, True, "the same value"),
        ({"reply_matches": "a+b"}, {"reply_matches": "a+b"}, True, "the same pattern"),
        ({"reply_matches": "a+b"}, {"reply_matches": "aa+b"}, False, "other patterns are not compared"),
        ({"reply_contains": "a"}, {"subject_contains": "a"}, False, "another field"),
        ({"reply_contains": "a"}, {"whole_message_contains": "a"}, False, "another field, though the words are in it"),
        ({"reply_contains": "a", "subject_contains": "b"}, {"reply_contains": "a"}, False, "one line more above"),
        ({"reply_contains": "a"}, {"reply_contains": "a", "subject_contains": "b"}, True, "one line more below"),
        ({"sender_is": "@acme.com"}, {"sender_is": "Jane@ACME.com"}, True, "an address of the domain"),
        ({"sender_is": "jane@*"}, {"sender_is": "jane@acme.com"}, True, "a name at any domain"),
        ({"sender_is": "*.acme.com"}, {"sender_is": "@mail.acme.com"}, True, "a subdomain"),
        ({"sender_is": "*.com"}, {"sender_is": "*.acme.com"}, True, "subdomains of a subdomain"),
        ({"sender_is": "@acme.com"}, {"sender_is": "*.acme.com"}, False, "the domain itself is none of them"),
        ({"sender_is": "*.acme.com"}, {"sender_is": "@acme.com"}, False, "nor the other way round"),
        ({"sender_is": "@acme.com"}, {"sender_is": "jane@*"}, False, "she may be elsewhere"),
        ({"sender_is": "@acme.com"}, {"lead_is": "@acme.com"}, False, "another field"),
        ({"campaign_is": ["VIP", "17"]}, {"campaign_is": "vip"}, True, "one of the campaigns"),
        ({"campaign_is": "VIP"}, {"campaign_contains": "VIP"}, False, "the name may be longer"),
        ({"campaign_contains": "VIP"}, {"campaign_is": "VIP"}, False, "the event may tell the number alone"),
        ({"reply_does_not_contain": "a b"}, {"reply_does_not_contain": "a"}, True, "without a there is no a b"),
        ({"reply_does_not_contain": "a"}, {"reply_does_not_contain": "a b"}, False, "but a may be alone"),
        ({"reply_does_not_contain": "a"}, {"reply_does_not_contain": ["b", "a"]}, True, "more is forbidden below"),
        ({"reply_does_not_contain": ["a", "b"]}, {"reply_does_not_contain": "a"}, False, "more is forbidden above"),
        ({"reply_does_not_contain": "a"}, {"reply_contains": "b"}, False, "a may be there too"),
        ({"reply_does_not_contain": "a"}, {"reply_is": "b"}, True, "all of it is known"),
        ({"category_is_not": "A"}, {"category_is": "B"}, True, "B is not A"),
        ({"category_is_not": "A"}, {"reply_contains": "b"}, False, "the category may be unknown"),
        ({"category_is_not": "A"}, {"category_is_empty": "yes"}, False, "an unknown category is not known to be not A"),
        ({"campaign_is_not": "17"}, {"campaign_is_not": "VIP"}, False, "the number may be unknown"),
        ({"campaign_is_not": "17", "reply_is": "a"}, {"campaign_is_empty": "yes", "reply_is": "a"}, False, "as above"),
        (EITHER_CAMPAIGN, {"campaign_is": "17"}, False, "a campaign may be told by its number alone"),
        (EITHER_CAMPAIGN, {"campaign_is_not": "17"}, False, "so its name is not known"),
        (EITHER_CAMPAIGN, {"campaign_is_empty": "no"}, False, "though it is not empty"),
        (EITHER_CAMPAIGN, {"campaign_matches": "a"}, True, "but the name is known here"),
        (EITHER_NUMBER, {"campaign_contains": "a"}, False, "of two numbers none may be known"),
        ({"none_of": [{"reply contains": "a"}]}, {"reply_does_not_contain": "a"}, True, "the same in other words"),
        ({"any_of": [{"reply contains": "a"}, {"subject is": "b"}]}, {"subject_is": "b"}, True, "one alternative"),
        ({"subject_is": "b"}, {"any_of": [{"reply contains": "a"}, {"subject is": "b"}]}, False, "one is left"),
        ({"subject_is_empty": "no"}, {"subject_does_not_contain": "a"}, False, "an empty subject has no a"),
        ({"reply_is_empty": "no"}, {"reply_matches": r"\s"}, False, "a reply of blanks counts as empty"),
    ],
)  # fmt: skip
def test_a_rule_is_in_the_shadow_of_another_only_if_that_takes_all_its_replies(
    above: dict[str, Any],
    below: dict[str, Any],
    taken: bool,  # noqa: FBT001 - a column of the table
    why: str,
) -> None:
    said = messages_of(rule("read", **above), rule("unread", **below))
    assert any("can never decide" in message for message in said) == taken, why


@pytest.mark.parametrize(
    ("above", "below", "taken", "why"),
    [
        ({"trial": "yes"}, {}, False, "a rule on trial takes nothing"),
        ({"paused": "yes"}, {}, False, "nor does a paused one"),
        ({}, {"paused": "yes"}, False, "of a paused rule nobody expects anything"),
        ({}, {"trial": "yes"}, True, "a trial that never has a result is waited for in vain"),
        ({"until": "2026-12-31"}, {}, False, "afterwards the rule below decides"),
        ({"until": "2026-12-31"}, {"until": "2027-01-01"}, False, "for one day"),
        ({"until": "2026-12-31"}, {"until": "2026-12-31"}, True, "both end on the same day"),
        ({}, {"until": "2026-12-31"}, True, "the rule above stays"),
    ],
)
def test_only_rules_in_force_take_replies(
    above: dict[str, str],
    below: dict[str, str],
    taken: bool,  # noqa: FBT001 - a column of the table
    why: str,
) -> None:
    condition = rule("read", reply_contains="stop")
    assert bool(messages_of({**condition, **above}, {**condition, **below})) == taken, why


@pytest.mark.parametrize(
    ("field", "everything", "why"),
    [
        ("subject", True, "it is told or not"),
        ("sender", True, "so is the sender"),
        ("campaign", True, "a name, a number, or neither"),
        ("reply", False, "of a mail that was cut nobody knows"),
        ("whole message", False, "nor of the whole of it"),
    ],
)
def test_two_rules_that_share_out_a_field_leave_nothing_where_it_is_never_in_doubt(
    field: str,
    everything: bool,  # noqa: FBT001 - a column of the table
    why: str,
) -> None:
    above = [{"when": {f"{field} is empty": answer}} for answer in ("no", "yes")]
    said = messages_of(*above, rule(lead_is="@acme.com"), rule(category_is_not="Booked"))
    message = (
        '"rule 0" on line 2 and this rule take every reply, so all 2 rules below it can never decide: '
        '"rule 2" on line 4 and "rule 3" on line 5.'
    )
    assert said == [message] * everything, why


def test_a_rule_with_two_alternatives_may_leave_nothing_alone() -> None:
    (said,) = messages_of(
        rule(any_of=[{"subject is empty": "yes"}, {"subject is empty": "no"}]), rule(lead_is="@acme.com")
    )
    assert said == 'This rule takes every reply, so the rule below it can never decide: "rule 1" on line 3.'


def test_two_rules_that_ask_for_more_than_a_field_do_not_leave_nothing() -> None:
    above = [rule(subject_is_empty="yes"), rule(subject_is_empty="no", reply_contains="stop")]
    assert messages_of(*above, rule("read", lead_is="@acme.com")) == []
    (said,) = messages_of(*above, rule("read", reply_contains="stop it"))
    assert said.startswith('This rule can never decide: "rule 0" on line 2 and "rule 1" on line 3 together take')


def test_an_alternative_without_a_text_of_its_own_is_not_told() -> None:
    above = [rule("read", subject_is_empty="yes"), rule("read", reply_does_not_contain="no")]
    alternatives = [{"subject is empty": "yes"}, {"reply does not contain": ["no", "not"]}, {"reply contains": "x"}]
    said = messages_of(*above, rule("unread", any_of=alternatives))
    assert [message for message in said if "nearly always" not in message] == []


def test_a_phrase_that_counts_in_one_alternative_is_not_told() -> None:
    above = rule("read", reply_contains="stop", subject_contains="a")
    alternatives = [{"subject contains": "a"}, {"subject contains": "b"}]
    assert messages_of(above, rule("unread", reply_contains=["stop it", "x"], any_of=alternatives)) == []


def test_a_rule_with_too_many_alternatives_is_not_looked_at() -> None:
    many = [{"any of": [{"subject contains": f"{word}{number}"} for number in range(9)]} for word in ("x", "y")]
    assert messages_of(rule("read", subject_is_empty="no"), rule(all_of=many)) == []


def test_at_most_three_of_several_rules_above_are_named() -> None:
    above = [rule("read", reply_contains=word) for word in "abcde"]
    (said,) = messages_of(*above, rule(reply_contains=[f"{word} x" for word in "abcde"]))
    assert said == (
        'This rule can never decide: "rule 0" on line 2, "rule 1" on line 3, "rule 2" on line 4 and 2 more rules '
        "together take every reply that this one matches."
    )
