"""What sort of reply it is: a person's, a program's, a mail server's; and that the lists of signs are in order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from model import Reply
from rules.engine.facts import facts_of
from rules.engine.mail.kind import Kind, kind_of
from rules.engine.mail.machine_text import LONGEST, Text
from rules.engine.mail.openings import GAP, OR
from rules.engine.mail.sign_lists import FILES, index_of, lists_of, parse_lists
from rules.engine.matching.folding import fold
from rules.engine.matching.phrases import Unusable, parse_phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
SIGNS = HERE.parent / "rules" / "engine" / "mail" / "signs"
MISSED = "auto-reply taken for a person"
SECTIONS = {
    "openings": {"absences", "receipts", "declarations"},
    "companions": {"courtesies", "promises", "tickets", "turns"},
    "persons": {"wishes", "departures"},
}


def cases() -> Iterator[Any]:
    for path in sorted((HERE / "kinds").glob("*.yaml")):
        for kind, replies in yaml.safe_load(path.read_text("utf-8")).items():
            for number, case in enumerate(replies, start=1):
                expected = "person" if kind == MISSED else kind
                yield pytest.param(case, expected, id=f"{path.stem}: {kind} {number}")


def told(case: dict[str, str]) -> Kind:
    kind = kind_of(
        subject=case.get("subject"),
        sender=case.get("sender"),
        sender_name=case.get("sender_name"),
        words=case.get("reply", ""),
        category=case.get("category"),
    )
    assert kind is not None
    return kind


def name_of(words: str, **case: str) -> str:
    return told({"subject": "Re: quick question", "reply": words, **case}).name


@pytest.mark.parametrize(("case", "expected"), tuple(cases()))
def test_each_reply_is_told_for_what_it_is(case: dict[str, str], expected: str) -> None:
    kind = told(case)
    assert kind.name == expected, f"{case['why']}: {kind.sign}"


def test_nothing_is_said_of_a_reply_of_which_nothing_is_told() -> None:
    assert kind_of(subject=None, sender=None, words=None, category=None) is None


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        ({"subject": "Automatic reply: pricing"}, None),
        ({"subject": "Re: pricing", "category": "Out Of Office"}, None),
        ({"subject": "Re: pricing", "sender": "postmaster@acme.example"}, None),
        ({"subject": "Auto: pricing"}, None),
        ({"subject": "Re: pricing"}, "person"),
        ({"subject": "Undeliverable: pricing"}, "bounce"),
        ({"subject": "Re: pricing", "sender": "mailer-daemon@acme.example"}, "bounce"),
    ],
)
def test_of_a_text_that_is_not_known_whole_nobody_knows_that_it_asks_for_nothing(
    mail: dict[str, str], expected: str | None
) -> None:
    told = {"subject": None, "sender": None, "category": None} | mail
    kind = kind_of(words=None, **told)
    assert (kind.name if kind else None) == expected


@pytest.mark.parametrize(
    ("case", "sign"),
    [
        ({"subject": "Automatic reply: x"}, 'the subject begins with "Automatic reply:"'),
        ({"subject": "[EXTERNAL] réponse automatique : x"}, 'the subject begins with "Réponse automatique :"'),
        ({"sender": "Mailer-Daemon@acme.example"}, 'the sender is "mailer-daemon"'),
        ({"sender_name": "mail delivery subsystem"}, 'the sender\'s name is "Mail Delivery Subsystem"'),
        ({"category": "Out Of Office"}, 'SmartLead\'s category is "Out of Office"'),
        (
            {"reply": "Hello,\n\nI\u2019m currently  away from the office."},
            'the text begins as a program\'s does: "I\u2019m currently away from the office"',
        ),
        (
            {"subject": "Auto: x", "reply": "Gone. I will RESPOND when I return."},
            'the subject has "auto:", and the text says "RESPOND when I return"',
        ),
        (
            {"category": "Out Of Office", "reply": "Call ME"},
            'SmartLead\'s category is "Out of Office", but the text asks or offers something ("Call ME")',
        ),
        (
            {"subject": "Automatic reply: x", "reply": "I no longer work here."},
            'the subject begins with "Automatic reply:", but the text says that somebody has left ("no longer work")',
        ),
        ({"subject": "Re: x", "reply": "Yes"}, None),
    ],
)
def test_the_sign_is_named_as_it_stands_in_the_lists_or_in_the_reply(case: dict[str, str], sign: str | None) -> None:
    assert told(case).sign == sign


@pytest.mark.parametrize(
    ("words", "expected", "why"),
    [
        ("I am out of the office until Monday.", "auto-reply", "an absence and nothing more"),
        ("I am out of the office until Monday. Anna decides.", "person", "a sentence that no program adds"),
        ("I am out of the office until Monday, Anna decides.", "person", "a clause that no program adds"),
        ("I am out of the office until Monday and Anna decides.", "person", "something joined to it"),
        ("I am out of the office until Monday.\n\nRegards\nTom Beck\nTel. 555 0199", "auto-reply", "a signature"),
        ("I am out of the office until Monday. Thanks. Anna decides.", "person", "a courtesy that ends no line"),
        ("It is too dear. I am out of the office until Monday.", "person", "something else comes first"),
        ("Dear Mr. Smith, I am out of the office until Monday.", "auto-reply", "a title is no end of a sentence"),
        ("I am out of the office until Monday. See https://acme.example/?a=1 in urgent cases.", "auto-reply", "a link"),
        ("I am out of the office until 9. Tuesday suits.", "person", "a sentence may end with a number"),
        ("Ich bin bis 9. M\u00e4rz im Urlaub.", "auto-reply", "a day of a month ends no sentence"),
        (
            "I am out of the office until Monday. In urgent cases and at any time of the day\nplease contact Anna.",
            "auto-reply",
            "a mail program broke the line",
        ),
    ],
)
def test_an_absence_is_a_programs_only_where_no_words_of_a_person_follow(words: str, expected: str, why: str) -> None:
    assert name_of(words) == expected, why


def test_a_wish_below_an_automatic_subject_changes_nothing_but_a_departure_does() -> None:
    subject = "Automatic reply: quick question"
    assert name_of("Call me", subject=subject) == "auto-reply"
    assert name_of("Call me, I have left the company", subject=subject) == "person"


def test_a_text_too_long_for_a_note_is_a_persons_but_an_automatic_subject_still_counts() -> None:
    note = "I am out of the office until Monday.\n"
    assert name_of(note) == "auto-reply"
    assert name_of(note + "\n" * LONGEST) == "person"
    assert name_of(note + "\n" * LONGEST, category="Out Of Office") == "person"
    assert name_of(note + "\n" * LONGEST, subject="Automatic reply: x") == "auto-reply"


@pytest.mark.parametrize("kind", ["auto-reply", "bounce"])
def test_every_beginning_of_a_subject_counts_at_the_beginning_and_not_after_a_reply_mark(kind: str) -> None:
    for entry in (entry for language in lists_of("subjects")[kind].values() for entry in language):
        subject = f"{entry.upper()} quick question"
        assert told({"subject": subject}).name == kind, entry
        assert told({"subject": f"Re: {subject}"}).name == "person", entry


def test_no_phrase_of_a_program_holds_what_only_persons_write() -> None:
    """Such a phrase could never count. English wishes are looked for in every language."""
    for file, section, language, entry in sign_entries("openings", "companions"):
        if section == "turns":
            continue
        for spoken in {language, "English"}:
            wishes = index_of("persons", spoken, "wishes").scan(fold(entry))
            assert not wishes, f'{file}.yaml, {language}, {section}: "{entry}" has {sorted(wishes)} of {spoken}'


def test_every_language_has_all_it_needs_and_there_are_many() -> None:
    assert len(lists_of("subjects")["auto-reply"]) >= 25
    assert len(lists_of("openings")) >= 25
    for file, sections in SECTIONS.items():
        assert lists_of(file).keys() == lists_of("openings").keys(), file
        for language, lists in lists_of(file).items():
            assert lists.keys() == sections, f"{file}.yaml, {language}"


@pytest.mark.parametrize("file", FILES)
def test_every_entry_of_the_lists_can_be_found(file: str) -> None:
    assert wrong_entries((SIGNS / f"{file}.yaml").read_text("utf-8")) == []


def test_all_files_of_signs_are_read() -> None:
    assert {path.stem for path in SIGNS.iterdir()} == set(FILES)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a:\n  b: |\n    yes\n    YES\n", 'a, b: "YES" is there already, as "yes".'),
        ("a:\n  b: |\n    yes\n\n    no\n", "a, b: an entry is empty."),
        ("a: |\n  un*sub\n", 'a: "un*sub": A "*" may stand only at the end of a phrase, where it opens the last word.'),
        ("a:\n  b: [yes]\n", 'a, b: no list: write "|" after the colon, and one entry a line.'),
        ("a: yes\n", 'a: no list: write "|" after the colon, and one entry a line.'),
        ("a: |\n  I am ... away ... now\n", 'a: "I am ... away ... now" has more than one "...".'),
    ],
)
def test_a_wrong_entry_is_told_in_a_sentence(text: str, sentence: str) -> None:
    assert wrong_entries(text) == [sentence]


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec=None)) | st.text(st.sampled_from([*"I am out 9. \n\r\u200b\u0301\u2028?-*M\ud800"])))
def test_any_text_is_told_and_its_places_are_those_of_the_folded_text(words: str) -> None:
    assert Text(words).folded == fold(words[:LONGEST])
    for subject in (words, "Auto: quick question"):
        kind = kind_of(subject=subject, sender=words, sender_name=words, words=words, category=words)
        assert kind is not None


def test_the_example_replies_of_the_mail_clients_are_told_for_what_they_are() -> None:
    names = dict.fromkeys(("human", "unsubscribe", "left_company"), "person")
    names |= {"ooo": "auto-reply", "auto_ack": "auto-reply", "bounce": "bounce"}
    for case in yaml.safe_load((HERE / "replies" / "cases.json").read_text("utf-8")):
        reply = Reply(text=case["text"], html=case["html"], sent_text=case["sent_message_text"])
        kind = told({"subject": case["subject"], "sender": case["from"], "reply": facts_of(reply).reply or ""})
        assert kind.name == names[case["kind"]], case["id"]


def sign_entries(*names: str) -> Iterator[tuple[str, str, str, str]]:
    """Give each half of each entry: file, section, language, words."""
    for file in names:
        for language, sections in lists_of(file).items():
            for section, entries in sections.items():
                yield from ((file, section, language, part) for entry in entries for part in halves(entry))


def halves(entry: str) -> list[str]:
    return entry.removesuffix("*").replace(GAP, OR).split(OR)


def wrong_entries(text: str) -> list[str]:
    """Tell in sentences what is wrong in a file of lists."""
    found: list[str] = []
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    for outer, node in root.value if root else ():
        inner = node.value if isinstance(node, yaml.MappingNode) else [(None, node)]
        for name, block in inner:
            where = f"{outer.value}, {name.value}" if name else outer.value
            found += (f"{where}: {problem}" for problem in wrong_in_list(block))
    return found


def wrong_in_list(block: yaml.Node) -> Iterator[str]:
    if not isinstance(block, yaml.ScalarNode) or block.style != "|":
        yield 'no list: write "|" after the colon, and one entry a line.'
        return
    seen: dict[str, str] = {}
    for entry in block.value.removesuffix("\n").split("\n"):
        if not entry.strip():
            yield "an entry is empty."
        elif entry.count(GAP) > 1:
            yield f'"{entry}" has more than one "{GAP}".'
        elif fold(entry) in seen:
            yield f'"{entry}" is there already, as "{seen[fold(entry)]}".'
        seen.setdefault(fold(entry), entry)
        parsed = map(parse_phrase, entry.replace(GAP, OR).split(OR)) if entry.strip() else ()
        yield from (f'"{entry}": {phrase.reason}' for phrase in parsed if isinstance(phrase, Unusable))


@pytest.mark.parametrize(
    "broken",
    [
        "wishes:\n  English\n    |\n    call me\n",  # a colon is missing
        "wishes:\n  English:\n    - call me\n",
        "wishes: |\n  call me\n wishes: x\n",
        "- call me\n",
        "",
    ],
)
def test_a_broken_file_of_signs_is_refused_for_without_it_people_look_like_programs(broken: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_lists(broken.encode(), "persons.yaml")
