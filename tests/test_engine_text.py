"""What `reply` and `whole message` hold for a reply, and when that is not known."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.example_replies import Case, load_cases
from model import Reply
from rules.engine.facts import facts_of
from rules.engine.mail.text import CAPPED, MIRROR, NOTHING_LEFT, PREVIEW_CUT, PREVIEW_EMPTY, Part, Written, read

SENT: Final = (
    "Hi Tom,\n\nWe book qualified meetings for teams like yours.\n\nAna Ruiz\n\nP.S. Reply STOP to unsubscribe."
)


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
            Reply(html="Yes\n\n&lt;you&gt;"),
            Written("Yes\n\n<you>", "Yes\n\n<you>"),
            "text in the HTML field",
        ),
        (
            Reply(html="I wrote <ana@z.example>\nand Tom"),
            Written(
                "I wrote <ana@z.example>\nand Tom",
            ),
            "an address is no tag",
        ),
        (Reply(text="<p>Yes &amp; no</p>"), Written("Yes & no", "Yes & no"), "HTML in the text field"),
        (Reply(text="<3 thanks, a < b"), Written("<3 thanks, a < b"), "what only begins like HTML is text"),
        (Reply(html="&lt;p&gt;Yes&lt;/p&gt;"), Written("Yes", "Yes"), "HTML that was escaped once more"),
    ],
)
def test_the_best_form_of_a_reply_is_read(reply: Reply, written: Written, why: str) -> None:
    found = read(reply)
    assert (found.new, found.doubt) == (written.new, written.doubt), why
    assert written.whole is None or found.whole == written.whole, why


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
        (Reply(html="&amp;" * 60_000), CAPPED),
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
    assert (written.new, written.doubt) == ("Nein, danke.", None)
    assert [part.why for part in written.parts] == [None, "our own mail"]
    assert written.whole is not None
    assert "unsubscribe" in written.whole


def test_what_the_lead_wrote_earlier_and_we_quoted_is_still_the_leads() -> None:
    sent = "Shall we talk?\n\nOn 2 Mar 2026, Tom <tom@b.example> wrote:\n> Please send me the price list.\n"
    assert read(Reply(text="Please send me the price list.", sent_text=sent)).new == "Please send me the price list."


@pytest.mark.parametrize(
    ("reply", "parts"),
    [
        (
            Reply(html="<p>Yes.</p><p>Sent from my iPhone</p><div class=yahoo_quoted>Hi Tom</div>"),
            [Part("Yes.", None), Part("Sent from my iPhone", "tag line"), Part("Hi Tom", "quotation of Yahoo")],
        ),
        (
            Reply(text="> Price?\nNo.\n\n> Time?\nMonday."),
            [
                Part("> Price?", "quoted lines"),
                Part("No.", None),
                Part("> Time?", "quoted lines"),
                Part("Monday.", None),
            ],
        ),
        (
            Reply(text="Yes.\n\n_____\nFrom: Ana <a@z.example>\nSent: today\nTo: Tom\nSubject: Hi\n\nHi Tom"),
            [
                Part("Yes.", None),
                Part(
                    "_____\nFrom: Ana <a@z.example>\nSent: today\nTo: Tom\nSubject: Hi\n\nHi Tom",
                    "mail below its header",
                ),
            ],
        ),
        (Reply(text=SENT, sent_text=SENT), [Part(SENT, "our own mail")]),
        (Reply(preview="Yes"), [Part("Yes", None)]),
        (Reply(text=""), []),
        (Reply(), []),
    ],
)
def test_the_parts_of_a_mail_are_told_in_their_order_with_why_they_were_cut(reply: Reply, parts: list[Part]) -> None:
    assert read(reply).parts == parts


@pytest.mark.parametrize("case", load_cases(), ids=lambda case: f"{case.name}, {case.form}")
def test_of_every_example_reply_each_line_is_in_one_part_and_what_was_kept_is_the_new_text(case: Case) -> None:
    written = read(case.reply)
    kept = "\n".join(part.text for part in written.parts if part.why is None)
    assert kept.split() == (written.new or "").split()
    assert "\n".join(part.text for part in written.parts).split() == (written.whole or "").split()


@pytest.mark.parametrize("times", [1, 5])
def test_passing_over_the_history_changes_nothing_of_what_is_new(times: int) -> None:
    for case in load_cases(times=times):
        briefly, fully = read(case.reply, history=False), read(case.reply)
        assert (briefly.new, briefly.doubt, briefly.form) == (fully.new, fully.doubt, fully.form), case.name


def test_the_whole_message_is_told_only_where_it_is_asked_for_or_nothing_else_is_there() -> None:
    html = "<p>Yes.</p><div class=yahoo_quoted>Hi Tom</div>"
    assert facts_of(Reply(html=html), whole=False).whole_message is None
    assert facts_of(Reply(html=html)).whole_message == "Yes.\nHi Tom"
    assert facts_of(Reply(html=html.replace("Yes.", "")), whole=False).whole_message == "Hi Tom"


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
    "senders": (("a: " + "[" * 140 + "@" + "<a@" * 50 + "\n") * 200, "a: [["),
    "headers without a date": (("a: " + "1" * 270 + " <b@c.example>\n") * 200, "a: 111"),
    "signatures that lost their blank": ("\n--\nTom\n@\n" * 400, ""),
    "summaries": (("-" * 290 + "1/1/2026 10:12\n") * 200, "---"),
    "devices": (("phonmailipad" * 24 + "\n") * 200, "phonmail"),
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
