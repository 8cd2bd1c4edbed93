"""What stands above a quoted mail is known by its words, and by its shape where the language is not listed."""

from __future__ import annotations

import pytest

from rules.engine.mail.introductions import header_of, is_attribution, is_divider, is_header_block, is_snippet

HEBREW = (
    "\u202bבתאריך יום ג, 3 במרץ 2026 ב-10:12 מאת Ana Ruiz\u202c\u200f"  # noqa: RUF001 - Hebrew is written so
    " <\u202aana@z.example\u202c\u200f>:\u202c"
)


@pytest.mark.parametrize(
    ("line", "above_quotation", "is_one", "why"),
    [
        ("þri., 3. mar. 2026 kl. 10:12 skrifaði Ana <ana@z.example>:", True, True, "Icelandic"),
        ("Më mar, 3 mar 2026 në 14:05 Ana <ana@z.example> shkroi:", True, True, "Albanian, which is not listed"),
        ("Më mar, 3 mar 2026 në 14:05 Ana <ana@z.example> shkroi:", False, False, "but nothing is quoted below it"),
        (HEBREW, False, True, "it ends with an address, and marks of direction do not count"),
        ("---- On Tue, 03 Mar 2026 10:12:33 +0100 Ana<ana@z.example> wrote ---", False, True, "Zoho's dashes differ"),
        ("Please write to Ana <ana@z.example>:", True, False, "no date"),
        ("My offer of 10:30 is below:", True, False, "no sender"),
        ("On 3 March 2026 I wrote:", False, False, "no program says I"),
        ("On 3 March 2026 I wrote:", True, True, "but above a quotation it introduces that"),
        ("Meet Ana <ana@z.example> on 3 March 2026.", True, False, "it ends as a sentence does"),
    ],
)
def test_an_attribution_is_known_by_date_and_sender(
    line: str, *, above_quotation: bool, is_one: bool, why: str
) -> None:
    assert is_attribution(line, above_quotation=above_quotation) == is_one, why


UNLISTED = ["Frá: Ana <ana@z.example>", "Sendu: 3. mars 2026 10:12", "Hvert: Jón", "Efni: spurning"]


@pytest.mark.parametrize(
    ("block", "is_one", "why"),
    [
        (UNLISTED, True, "four labels, the sender's address behind the first, and a date with a time"),
        (UNLISTED[:3], False, "three labels of an unlisted language may be an answer"),
        ([UNLISTED[1], *UNLISTED[:1], *UNLISTED[2:]], False, "no address behind the first label"),
        (["Frá: Ana <ana@z.example>", "Sendu: þriðjudag", *UNLISTED[2:]], False, "no date"),
        (["Ask: Ana <ana@z.example>", "Call me on 3 March 2026 at 10:30.", "Ok: yes", "No: no"], False, "a sentence"),
    ],
)
def test_a_header_in_an_unlisted_language_is_known_by_its_shape(block: list[str], *, is_one: bool, why: str) -> None:
    assert is_header_block(block) == is_one, why


@pytest.mark.parametrize(
    ("label", "header"),
    [
        *(
            ("Nuo", "from"),
            ("מאת", "from"),
            ("จาก", "from"),
            ("Poslano", "sent"),
            ("תאריך", "sent"),
            ("Kuupäev", "sent"),
        ),
        *(("Adressaat", "to"), ("إلى", "to"), ("Zadeva", "subject"), ("Относно", "subject"), ("Chủ đề", "subject")),
    ],
)
def test_labels_are_known_in_many_languages(label: str, header: str) -> None:
    assert header_of(f"{label}: x") == header
    assert header_of(f"*{label}\uff1a* x") == header


@pytest.mark.parametrize(
    ("block", "is_one", "why"),
    [
        (["From: Ana", "Sent: Tuesday", "To: Tom", "Subject: hi"], True, "in the order of Outlook"),
        (["From: Ana", "To: Tom", "Date: 3.3.2026 10:12", "Subject: hi"], True, "with a time"),
        (["From: Ana", "To: tom@b.example", "Date: Tuesday"], True, "with an address"),
        (["From: Berlin", "To: Munich", "Date: Tuesday", "Subject: machines"], False, "none of these"),
        (["From: Berlin", "To: Munich", "Date: Tuesday", "Ask: tom@b.example"], False, "an address of no header"),
    ],
)
def test_labels_alone_do_not_make_the_header_of_a_mail(block: list[str], *, is_one: bool, why: str) -> None:
    assert is_header_block(block) == is_one, why


def test_the_lines_that_notes_writes_are_known() -> None:
    assert is_divider('-----"Ana Ruiz" <ana@z.example> wrote: -----')
    assert not is_divider("-- Ana <ana@z.example> wrote to us --")
    assert is_snippet('"Ana Ruiz" ---03/03/2026 10:12:33 AM---Hi Tom, I saw that')
    assert not is_snippet("the call of 03/03/2026 10:12 --- it was short")
