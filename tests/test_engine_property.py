"""The compiled engine decides as a naive loop over the rules does, for any rules and any replies.

The loop below shares no code with the engine: it reads the rules as plain data, and looks for one phrase after the
other in one field after the other.
"""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engine import Facts, decide_facts, load
from rules.engine.evaluate import MOST_TOLD

WORDS = ["stop", "no", "not", "Café", "cafe\u0301", "don’t", "DON'T", "thanks", "thank you", "off", "call me", "$5"]
GAPS = [" ", "\n", ", ", "!", "-", "\N{NO-BREAK SPACE}", " \N{ZERO WIDTH SPACE}", "..."]
PHRASES = [*WORDS, "sto*", "than*", "no thanks", "call", "café stop", "'", "?", "off*", "don"]
PATTERNS = ["st.p", "^no", "thank( you|s)", "no[ -]", "ca(ll|f)", r"\bme\b"]
ADDRESSES = ["anna@acme.com", "bob@mail.acme.com", "Anna@b.example", "nobody"]
FORMS = ["anna@acme.com", "@acme.com", "*.acme.com", "anna@*", "@mail.acme.com", "*.com"]
CAMPAIGNS = ["VIP", "Cold", "17", "18"]
KINDS = ["person", "auto-reply", "bounce"]
LISTS = {
    "programs": ["auto-reply", "bounce"],
    "polite words": ["thanks", "thank you"],
    "our team": ["@acme.com", "bob@*"],
    "campaigns": ["vip", "17"],
}
TODAY = date(2026, 11, 23)
FIELDS_OF_TEXT = {name: name.replace(" ", "_") for name in ("reply", "subject", "category", "whole message", "client")}

texts = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(GAPS)), max_size=5).map(
    lambda pairs: "".join(word + gap for word, gap in pairs)
)


def one_or_more(choices: list[str]) -> st.SearchStrategy[Any]:
    return st.one_of(st.sampled_from(choices), st.lists(st.sampled_from(choices), min_size=1, max_size=3))


def conditions_of_text(field: str) -> dict[str, st.SearchStrategy[Any]]:
    phrases, closed = [*PHRASES, "$polite words"], [phrase for phrase in PHRASES if not phrase.endswith("*")]
    tests = {
        "contains": phrases,
        "contains all": phrases,
        "does not contain": phrases,
        "starts with": phrases,
        "ends with": closed,
        "matches": PATTERNS,
        "does not match": PATTERNS,
        "is empty": [],
        **({} if field == "whole message" else {"is": closed, "is not": closed}),
    }
    yes_or_no = st.sampled_from(["yes", "no"])
    return {f"{field} {test}": one_or_more(some) if some else yes_or_no for test, some in tests.items()}


CONDITIONS: dict[str, st.SearchStrategy[Any]] = {
    **{key: value for field in FIELDS_OF_TEXT for key, value in conditions_of_text(field).items()},
    **{
        f"{field} {test}": one_or_more([*FORMS, "$our team"])
        for field in ("sender", "lead")
        for test in ("is", "is not")
    },
    "kind is": one_or_more([*KINDS, "$programs"]),
    "kind is not": one_or_more(KINDS),
    "sender is empty": st.sampled_from(["yes", "no"]),
    "campaign is": one_or_more([*CAMPAIGNS, "$campaigns"]),
    "campaign is not": one_or_more([*CAMPAIGNS, "$campaigns"]),
    "campaign contains": one_or_more(CAMPAIGNS),
    "campaign is empty": st.sampled_from(["yes", "no"]),
}

lines = st.lists(st.sampled_from(sorted(CONDITIONS)), min_size=1, max_size=3, unique=True).flatmap(
    lambda keys: st.fixed_dictionaries({key: CONDITIONS[key] for key in keys})
)


def with_groups(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    group = st.dictionaries(
        st.sampled_from(["any of", "all of", "none of"]), st.lists(inner, min_size=1, max_size=3), max_size=1
    )
    return st.builds(lambda some, more: {**some, **more}, lines, group)


rules = st.builds(
    lambda when, mark, aside: {"when": when, "mark": mark, **aside},
    with_groups(with_groups(lines)),
    st.sampled_from(["read", "unread", "leave"]),
    st.sampled_from(
        [{}, {}, {}, {"trial": "yes"}, {"paused": "yes"}, {"until": "2026-11-22"}, {"until": "2026-11-23"}]
    ),
)
facts = st.builds(
    Facts,
    reply=st.none() | texts,
    doubt=st.sampled_from([None, None, None, "The mail was cut."]),
    whole_message=st.none() | texts,
    subject=st.none() | texts,
    category=st.none() | texts,
    sender=st.none() | st.sampled_from(ADDRESSES),
    lead=st.none() | st.sampled_from(ADDRESSES),
    campaign=st.none() | st.sampled_from(["vip", "Cold!", "17", ""]),
    campaign_id=st.none() | st.sampled_from(["17", "18"]),
    kind=st.sampled_from(KINDS),
)


# So many rules of which nobody can tell that the trace is full, and only rules that can match are looked for.
FULL = [{"when": {"client is": "nobody"}, "mark": "read"}] * MOST_TOLD


@settings(max_examples=2500, deadline=None)  # of four replies each: 10,000 decisions
@given(
    st.sampled_from([[], [], FULL]),
    st.lists(rules, min_size=1, max_size=4),
    st.lists(facts, min_size=4, max_size=4),
)
def test_the_engine_decides_as_a_naive_loop_does(
    above: list[dict[str, Any]], some_rules: list[dict[str, Any]], replies: list[Facts]
) -> None:
    named = [{"name": f"rule {number}", **rule} for number, rule in enumerate([*above, *some_rules])]
    file = {"version": "1", "default": "leave", "lists": LISTS, "rules": named}
    loaded = load(json.dumps(file, ensure_ascii=False))
    assert not any(problem.severity == "error" for problem in loaded.problems)
    assert loaded.ruleset is not None
    for reply in replies:
        decision = decide_facts(loaded.ruleset, reply, on=TODAY, full=True)
        steps = [(step.rule, step.verdict) for step in decision.steps]
        assert (decision.mark, decision.rule, steps) == naive_decision(named, reply)
        told = decide_facts(loaded.ruleset, reply, on=TODAY)
        assert (told.mark, told.rule) == (decision.mark, decision.rule)
        others = [step for step in decision.steps if step.verdict not in {"no match", "matched"}]
        assert told.steps == (*others[:MOST_TOLD], *(step for step in decision.steps if step.verdict == "matched"))


def naive_decision(named: list[dict[str, Any]], reply: Facts) -> tuple[str, str | None, list[tuple[str, str]]]:
    steps = []
    for rule in named:
        answer = naive_all(rule["when"], reply)
        verdict = {True: naive_verdict(rule), False: "no match", None: "unknown"}[answer]
        steps.append((rule["name"], verdict))
        if verdict == "matched":
            return rule["mark"], rule["name"], steps
    return "leave", None, steps


def naive_verdict(rule: dict[str, Any]) -> str:
    if "paused" in rule:
        return "paused"
    if rule.get("until", "9999") < TODAY.isoformat():
        return "expired"
    return "on trial" if "trial" in rule else "matched"


def naive_all(when: dict[str, Any], reply: Facts) -> bool | None:
    return kleene_and([naive_line(key, value, reply) for key, value in when.items()])


def kleene_and(answers: list[bool | None]) -> bool | None:
    return False if False in answers else None if None in answers else True


def kleene_not(answer: bool | None) -> bool | None:  # noqa: FBT001 - three values
    return None if answer is None else not answer


def naive_line(key: str, value: Any, reply: Facts) -> bool | None:
    if key.endswith(" of"):
        return naive_group(key, [naive_all(item, reply) for item in value])
    wanted: list[str] = []
    for text in [value] if isinstance(value, str) else value:
        wanted += LISTS.get(text[1:], [text])
    field = next(name for name in (*FIELDS_OF_TEXT, "sender", "lead", "campaign", "kind") if key.startswith(f"{name} "))
    test = key.removeprefix(f"{field} ")
    if field == "campaign":
        return naive_campaign(test, wanted, reply)
    told = {"sender": reply.sender or reply.lead, "lead": reply.lead, "kind": reply.kind}.get(field)
    if field in FIELDS_OF_TEXT:
        told = getattr(reply, FIELDS_OF_TEXT[field])
    return None if field == "reply" and reply.doubt else naive_test_of(field, test, wanted, told)


def naive_group(kind: str, answers: list[bool | None]) -> bool | None:
    if kind == "all of":
        return kleene_and(answers)
    none_holds = kleene_and([kleene_not(answer) for answer in answers])
    return none_holds if kind == "none of" else kleene_not(none_holds)


def naive_test_of(field: str, test: str, wanted: list[str], told: str | None) -> bool | None:
    if test == "is empty":
        return (naive_fold(told or "") == "") == (wanted == ["yes"])
    if told is None:
        return None
    if field in {"sender", "lead"}:
        return any(naive_covers(form, told) for form in wanted) == (test == "is")
    return naive_test(test, wanted, told)


def naive_test(test: str, wanted: list[str], text: str) -> bool:
    if test in {"is not", "does not contain", "does not match"}:
        positive = {"is not": "is", "does not contain": "contains", "does not match": "matches"}[test]
        return not naive_test(positive, wanted, text)
    if test == "matches":
        return any(re.search(pattern, naive_smooth(text), re.IGNORECASE) for pattern in wanted)
    folded, bare = naive_fold(text), naive_bare(naive_fold(text))
    if test == "is":
        return any(naive_bare(naive_fold(value)) == bare for value in wanted)
    found = [naive_places(phrase, folded) for phrase in wanted]
    held = {
        "contains": any(found),
        "contains all": all(found),
        "starts with": any(start == 0 for places in found for start, _ in places),
        "ends with": any(end in {len(bare), len(folded)} for places in found for _, end in places),
    }
    return held[test]


def naive_campaign(test: str, wanted: list[str], reply: Facts) -> bool | None:
    if test == "is empty":
        return (not reply.campaign and not reply.campaign_id) == (wanted == ["yes"])
    if test == "contains":
        return None if reply.campaign is None else naive_test(test, wanted, reply.campaign)
    answers: list[bool | None] = []
    for value in wanted:
        by_name = None if reply.campaign is None else naive_test("is", [value], reply.campaign)
        by_number = False if not value.isdigit() else None if reply.campaign_id is None else reply.campaign_id == value
        if by_name is None and value.isdigit() and reply.campaign_id is not None:
            by_name = False
        answers.append(True if True in (by_name, by_number) else None if None in (by_name, by_number) else False)
    found = True if True in answers else None if None in answers else False
    return found if test == "is" else kleene_not(found)


def naive_covers(form: str, address: str) -> bool:
    form, address = form.lower(), address.lower()
    if "@" not in address:
        return False
    name, domain = address.split("@")
    if form.startswith("*."):
        return domain.endswith(form[1:])
    form_name, form_domain = form.split("@")
    return form_name in {"", name} and form_domain in {"*", domain}


def naive_places(phrase: str, folded: str) -> list[tuple[int, int]]:
    stem = naive_fold(phrase.removesuffix("*"))
    starts = [at for at in range(len(folded)) if folded.startswith(stem, at) and naive_edge(folded, at)]
    return [(at, at + len(stem)) for at in starts if phrase.endswith("*") or naive_edge(folded, at + len(stem))]


def naive_edge(text: str, at: int) -> bool:
    def in_word(index: int) -> bool:
        if text[index : index + 1] != "'":
            return text[index].isalnum()
        return 0 < index < len(text) - 1 and text[index - 1].isalnum() and text[index + 1].isalnum()

    return at <= 0 or at >= len(text) or not (in_word(at - 1) and in_word(at))


def naive_smooth(text: str) -> str:
    for odd, plain in (("’", "'"), ("\N{NO-BREAK SPACE}", " "), ("\N{ZERO WIDTH SPACE}", "")):
        text = text.replace(odd, plain)
    return unicodedata.normalize("NFC", text)


def naive_fold(text: str) -> str:
    letters = unicodedata.normalize("NFD", naive_smooth(text).casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def naive_bare(folded: str) -> str:
    return re.sub(r"[.!?,;: ]+$", "", folded) or folded
