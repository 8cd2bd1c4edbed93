"""What `reply` and `whole message` hold for a reply, and when that is not known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import Reply
from rules.engine.text import CAPPED, MIRROR, NOTHING_LEFT, PREVIEW_CUT, PREVIEW_EMPTY, Written, read

CASES: Final[list[dict[str, Any]]] = json.loads((Path(__file__).parent / "replies" / "cases.json").read_text("utf-8"))
SENT: Final = (
    "Hi Tom,\n\nWe book qualified meetings for teams like yours.\n\nAna Ruiz\n\nP.S. Reply STOP to unsubscribe."
)
GREATER_THAN: Final = {"tricky-06"}  # plain text cannot tell a written ">" from a quotation's


def bare(text: str, optional: list[str]) -> list[str]:
    """The lines that say something, blanks evened out, without those that may stay or go."""
    extra = {" ".join(line.split()) for line in optional}
    lines = (" ".join(line.split()) for line in text.splitlines())
    return [line for line in lines if line and line not in extra]


def score(form: str) -> dict[str, float]:
    """The shares of the cases that are exact, leak words of the quoted mail, and lose a written line."""
    cases = [case for case in CASES if case[form]]
    counts = {"exact": 0, "leak": 0, "loss": 0}
    for case in cases:
        new = read(Reply(**{form: case[form]})).new or ""
        got, expected = (bare(text, case["optional"]) for text in (new, case["expected_new_text"]))
        counts["exact"] += got == expected
        counts["leak"] += any(words in new for words in case["must_not_contain"])
        counts["loss"] += not set(expected) <= set(got)
    return {name: count / len(cases) for name, count in counts.items()}


def test_the_example_replies_in_html_are_read_exactly() -> None:
    assert score("html") == {"exact": 1.0, "leak": 0.0, "loss": 0.0}


def test_the_example_replies_in_plain_text_are_read_nearly_exactly() -> None:
    assert len([case for case in CASES if case["text"]]) == 29
    found = score("text")
    assert found["exact"] >= 0.96
    assert found["leak"] == 0.0
    assert found["loss"] <= 0.04


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_neither_form_of_a_reply_lets_our_own_words_through(case: dict[str, Any]) -> None:
    for form in ("html", "text"):
        written = read(Reply(**{form: case[form], "sent_text": case["sent_message_text"]}))
        assert not any(words in (written.new or "") for words in case["must_not_contain"])
        if case["expected_new_text"] and case["id"] not in GREATER_THAN:
            assert written.doubt is None
            assert bare(written.new or "", case["optional"]) == bare(case["expected_new_text"], case["optional"])


@pytest.mark.parametrize(
    ("reply", "written", "why"),
    [
        (Reply(), Written(), "the event has no text at all"),
        (Reply(text=""), Written("", ""), "an empty mail is known to be empty"),
        (Reply(html="<div><br></div>", text="\n"), Written("", ""), "also in HTML"),
        (Reply(preview=""), Written("", "", PREVIEW_EMPTY), "an empty preview says nothing of the mail"),
        (Reply(html="<p>Yes</p>", text="No", preview="x"), Written("Yes", "Yes"), "HTML counts most"),
        (Reply(html="<img>", text="No", preview="x"), Written("No", "No"), "text counts where HTML says nothing"),
        (Reply(html="", text=" ", preview="Yes"), Written("Yes", "Yes"), "then the preview"),
        (
            Reply(html="Yes\n\n&gt;&gt; you"),
            Written("Yes", "Yes\n\n>> you", None, ("quoted lines",)),
            "text in the HTML field",
        ),
        (
            Reply(html="I wrote <ana@z.example>\nand Tom"),
            Written(
                "I wrote <ana@z.example>\nand Tom",
            ),
            "an address is no tag",
        ),
    ],
)
def test_the_best_form_of_a_reply_is_read(reply: Reply, written: Written, why: str) -> None:
    found = read(reply)
    assert (found.new, found.doubt) == (written.new, written.doubt), why
    assert written.whole is None or (found.whole, found.cut) == (written.whole, written.cut), why


@pytest.mark.parametrize(
    ("reply", "doubt"),
    [
        (Reply(text="On 3 Mar 2026 at 10:12, Ana <a@z.example> wrote:\n> Hi"), NOTHING_LEFT),
        (Reply(text=SENT, sent_text=SENT), MIRROR),
        (
            Reply(html=f"<div>{SENT}</div>".replace("\n", "<br>"), sent_html=f"<p>{SENT}</p>".replace("\n", "<br>")),
            MIRROR,
        ),
        (Reply(text="No, thanks.\n" + SENT, sent_text=SENT), None),
        (Reply(text="Yes\n" * 2_001), CAPPED),
        (Reply(text="Yes " * 20_000), CAPPED),
        (Reply(html="<p>Yes</p>" * 2_001), CAPPED),
        (Reply(text="Yes\n\n-----Original Message-----\n" + "old\n" * 20_000), None),
        (Reply(preview="Thanks but I am not interested in this ri"), PREVIEW_CUT),
        (Reply(preview="Thanks but I am not interested in this right now.\n"), None),
        (Reply(preview="Thanks but I am not interested in it\nTom Beck\n"), None),
        (Reply(preview="Thanks..."), PREVIEW_CUT),
        (Reply(preview="Thanks\u2026 "), PREVIEW_CUT),
        (Reply(preview="Not interested"), None),
        (Reply(preview="No, thanks.\n\nOn 3 Mar 2026, Ana <a@z.example> wrote:\nHi Tom, I saw th"), None),
    ],
)
def test_a_doubt_says_why_the_new_words_are_not_known_whole(reply: Reply, doubt: str | None) -> None:
    assert read(reply).doubt == doubt


def test_our_own_words_in_an_unmarked_quotation_are_taken_away() -> None:
    written = read(Reply(html="<p>Nein, danke.</p><p>" + SENT.replace("\n", "<br>"), sent_text=SENT))
    assert written == Written("Nein, danke.", written.whole, None, ("our own mail",))
    assert written.whole is not None
    assert "unsubscribe" in written.whole


def test_what_the_lead_wrote_earlier_and_we_quoted_is_still_the_leads() -> None:
    sent = "Shall we talk?\n\nOn 2 Mar 2026, Tom <tom@b.example> wrote:\n> Please send me the price list.\n"
    assert read(Reply(text="Please send me the price list.", sent_text=sent)).new == "Please send me the price list."


def test_what_was_cut_is_named_in_the_order_it_was_met() -> None:
    html = "<p>Yes.</p><p>Sent from my iPhone</p><div class=yahoo_quoted>Hi Tom</div>"
    assert read(Reply(html=html)).cut == ("quotation of Yahoo", "tag line")


HOSTILE = {
    "one long line": ("On " + "a " * 100_000, "On a a"),
    "thirty thousand blank lines": ("Yes" + "\n" * 30_000 + "no", "Yes"),
    "four thousand openings": ("On Monday\n" * 4_000, "On Monday\n"),
    "four thousand wrapped openings": ("On 3 March 2026 Ana <\n" * 4_000, "On 3 March 2026 Ana <\n"),
    "four thousand labels": ("From: a\n" * 4_000, "From: a\n"),
    "dashes": ("-" * 60_000 + "\nYes", "---"),
    "signatures": ("-- \n" * 4_000, "--\n"),
    "quotations and answers": ("> a\nb\n" * 900, "b\nb\n"),
    "colons": ("a:\n" * 4_000, "a:\n"),
    "tag lines": ("sent from " + "mail " * 50 + "\nYes", "sent from mail"),
    "accents upon accents": ("a" + "\u0323\u0301" * 30_000, "a\u0323"),
}


@pytest.mark.parametrize(("text", "beginning"), HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("form", ["text", "html"])
def test_a_hostile_body_is_answered(form: str, text: str, beginning: str) -> None:
    body = text if form == "text" else "<div>" + text.replace("<", "&lt;").replace("\n", "<br>") + "</div>"
    written = read(Reply(**{form: body}, sent_text=SENT * 100))  # type: ignore[arg-type]  # both are texts
    assert (written.new or "").startswith(beginning)


ANY_TEXT = st.text(st.characters(codec=None), max_size=60)
PARTS = [
    *(
        "> a",
        "On 3 Mar 2026 10:12 Ana <a@b.c> wrote:",
        "From: a",
        "To: b",
        "Subject: c",
        "-- ",
        "--",
        "",
        "Yes",
        "\x00",
    ),
    *("<div class=gmail_quote>", "</div>", "<blockquote>", "<br>", "<pre>", "&amp;", "\ud800", "Sent from my iPhone"),
]
MAIL = st.lists(st.sampled_from(PARTS) | ANY_TEXT, max_size=12).map("\n".join)


@settings(max_examples=300, deadline=None)
@given(html=st.none() | MAIL, text=st.none() | MAIL, preview=st.none() | ANY_TEXT, sent=st.none() | MAIL)
def test_no_text_ever_raises(html: str | None, text: str | None, preview: str | None, sent: str | None) -> None:
    written = read(Reply(html=html, text=text, preview=preview, sent_text=sent, sent_html=sent))
    assert (written.new is None) == (written.whole is None)
    assert (written.new is None) == (html is None and text is None and preview is None)
