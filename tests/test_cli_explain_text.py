"""`flask rules explain --text`: what of a mail the person wrote, and what was cut away and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from commands import flask, write_rules

if TYPE_CHECKING:
    from pathlib import Path

OPT_OUT = "version: 1\nrules:\n  - name: Opt-out\n    when: {reply contains: unsubscribe}\n    mark: unread\n"
MAIL = """\
<div>Sounds good.<div>Sent from my iPhone</div><span style="display:none">unsubscribe</span></div>
<div class="gmail_quote"><blockquote class="gmail_quote">Hi Tom,<br>reply STOP to unsubscribe\x1b[2J.</blockquote></div>
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """A rules file and a mail."""
    (tmp_path / "mail.html").write_text(MAIL, "utf-8")
    return str(write_rules(tmp_path, OPT_OUT)), str(tmp_path / "mail.html")


def test_a_mail_is_shown_part_by_part_above_the_decision(files: tuple[str, str]) -> None:
    rules, mail = files
    done = flask("rules", "explain", rules, "--mail", mail, "--text")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "Read from the mail's HTML.",
        "The person wrote:",
        "    Sounds good.",
        "Cut away (tag line):",
        "    Sent from my iPhone",
        "Cut away (quotation of Gmail):",
        "    Hi Tom,",
        "    reply STOP to unsubscribe [2J.",
        "Cut away (the HTML hides it from the reader):",
        "    unsubscribe",
        "Kind: person.",
        "",
        "leave: no rule matches, so the default decides.",
    ]


def test_scripts_get_the_parts_too(files: tuple[str, str]) -> None:
    rules, mail = files
    text = json.loads(flask("rules", "explain", rules, "--mail", mail, "--text", "--json").stdout)["text"]
    assert (text["form"], text["new"], text["doubt"], text["hidden"]) == ("HTML", "Sounds good.", None, ["unsubscribe"])
    assert [part["why"] for part in text["parts"]] == [None, "tag line", "quotation of Gmail"]


def test_a_doubt_is_said_below_the_parts(tmp_path: Path, files: tuple[str, str]) -> None:
    (tmp_path / "mail.txt").write_text("> unsubscribe\n", "utf-8")
    done = flask("rules", "explain", files[0], "--mail", tmp_path / "mail.txt", "--text")
    doubt = "nothing is left of the mail after its quotations were cut away"
    assert f"In doubt: {doubt}. No test on the reply holds." in done.stdout
    assert f'"Opt-out" ({files[0]}:3) was passed over, because {doubt}.' in done.stdout


def test_the_text_of_an_event_is_shown_with_what_stood_in_our_own_mail(tmp_path: Path, files: tuple[str, str]) -> None:
    event = {
        "event_type": "EMAIL_REPLY",
        "sl_lead_email": "tom@lead.example",
        "reply_message": {"text": "No.\nWe book qualified meetings for teams like yours."},
        "sent_message": {"text": "Hi,\nWe book qualified meetings for teams like yours."},
    }
    (tmp_path / "event.json").write_text(json.dumps(event), "utf-8")
    done = flask("rules", "explain", files[0], "--event", tmp_path / "event.json", "--text")
    assert "Cut away (our own mail):\n    We book qualified meetings" in done.stdout


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"reply_message": {"text": ""}}, "The event has no text at all."),
        ({"preview_text": " "}, "has no text at all."),
    ],
)
def test_an_event_without_text_says_so(tmp_path: Path, files: tuple[str, str], event: object, said: str) -> None:
    told = {"event_type": "EMAIL_REPLY", "sl_lead_email": "tom@lead.example"}
    (tmp_path / "event.json").write_text(json.dumps(told | dict(event)), "utf-8")  # type: ignore[call-overload]  # a dict
    assert said in flask("rules", "explain", files[0], "--event", tmp_path / "event.json", "--text").stdout


SAVED = """\
Date: Tue, 3 Mar 2026 11:00:00 +0100
From: =?utf-8?q?J=C3=BCrgen_Kern?= <j.kern@customer.example>
Subject: =?utf-8?b?QXV0b21hdGlzY2hlIEFudHdvcnQ6IEFuZ2Vib3Q=?=
MIME-Version: 1.0
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Ich bin bis Montag in K=F6ln.

Am 03.03.2026 um 10:12 schrieb Ana:
> Hallo
"""


def test_a_mail_that_was_saved_with_its_headers_tells_its_subject_and_sender(tmp_path: Path) -> None:
    rules = "version: 1\nrules:\n  - name: Kern\n    when: {sender is: j.kern@customer.example}\n    mark: unread\n"
    (tmp_path / "mail.eml").write_text(SAVED, "utf-8")
    done = flask("rules", "explain", write_rules(tmp_path, rules), "--mail", tmp_path / "mail.eml", "--text")
    assert "The person wrote:\n    Ich bin bis Montag in Köln.\nCut away" in done.stdout
    assert 'Kind: auto-reply, because the subject begins with "Automatische Antwort:"' in done.stdout
    assert 'unread: decided by "Kern"' in done.stdout


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"caf\xe9", "café"),
        ("café".encode("utf-16"), "café"),
        (b"From: Berlin\nTo: Munich\n\nby train", "From: Berlin"),
        (
            b"From: a\nDate: \xff\xfe=?x?b?\nMessage-ID: <\xff\nContent-Type: text/plain; charset=none\n\nbroken",
            "broken",
        ),
    ],
    ids=["Windows-1252", "UTF-16", "lines like headers", "broken headers"],
)
def test_a_mail_in_any_encoding_is_read(tmp_path: Path, files: tuple[str, str], body: bytes, words: str) -> None:
    (tmp_path / "mail").write_bytes(body)
    assert words in flask("rules", "explain", files[0], "--mail", tmp_path / "mail", "--text").stdout


def test_what_stands_in_our_own_mail_is_cut_where_that_is_told(tmp_path: Path, files: tuple[str, str]) -> None:
    ours = "Hi Tom,\nWe book qualified meetings for teams like yours.\nShall we talk about it next week?\nAna"
    (tmp_path / "sent.txt").write_text(ours, "utf-8")
    (tmp_path / "mail.txt").write_text(f"No.\n{ours}", "utf-8")
    done = flask(
        "rules", "explain", files[0], "--mail", tmp_path / "mail.txt", "--sent", tmp_path / "sent.txt", "--text"
    )
    assert "Cut away (our own mail):\n    Hi Tom,\n    We book qualified meetings" in done.stdout


def test_of_several_events_the_first_is_explained_and_that_is_said(tmp_path: Path, files: tuple[str, str]) -> None:
    event = {"event_type": "EMAIL_REPLY", "sl_lead_email": "tom@lead.example", "preview_text": "unsubscribe\n"}
    (tmp_path / "events.json").write_text(json.dumps([event, event]), "utf-8")
    done = flask("rules", "explain", files[0], "--event", tmp_path / "events.json")
    assert done.stderr == "The body holds 2 events; this is the first.\n"
    assert done.stdout.startswith("unread: ")


def test_other_fields_are_told_beside_a_mail(files: tuple[str, str]) -> None:
    rules, mail = files
    done = flask("rules", "explain", rules, "--mail", mail, "--subject", "Re: pricing", "--json")
    assert json.loads(done.stdout)["mark"] == "leave"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ((), "Tell the reply"),
        (("--mail", "{mail}", "--reply", "Hi"), "leave out --reply and --whole-message"),
        (("--mail", "{mail}", "--event", "{mail}"), "leave out the other options"),
        (("--event", "{mail}", "--sender", "a@b.example"), "leave out the other options"),
        (("--sent", "{mail}", "--reply", "Hi"), "name that with --mail"),
    ],
)
def test_what_cannot_be_told_together_is_wrong_use(files: tuple[str, str], options: tuple[str, ...], why: str) -> None:
    rules, mail = files
    done = flask("rules", "explain", rules, "--text", *(option.format(mail=mail) for option in options))
    assert done.returncode == 2
    assert why in done.stderr


def test_words_that_are_told_are_taken_as_they_are(files: tuple[str, str]) -> None:
    done = flask("rules", "explain", files[0], "--reply", "Yes\n> unsubscribe", "--text")
    assert done.stdout.startswith("Nothing is cut from a reply that is told in words.")
    assert "unread: decided by" in done.stdout
