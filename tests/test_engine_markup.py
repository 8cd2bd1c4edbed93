"""What the HTML of a mail tells: its visible lines, and what mail programs marked as history."""

from __future__ import annotations

import pytest

from rules.engine.mail.markup import read_markup


def lines(html: str, *, history: bool = False) -> list[str]:
    return [line.text for line in read_markup(html).lines if (line.mark is not None) == history and line.text]


@pytest.mark.parametrize(
    ("html", "seen", "why"),
    [
        ("<p>One<p>Two", ["One", "Two"], "paragraphs are lines"),
        ("One<br>Two<br/>Three", ["One", "Two", "Three"], "breaks make lines"),
        ("<div>One\n  two</div>\n<div>three</div>", ["One two", "three"], "line breaks of the source are blanks"),
        ("<b>un</b>sub<i>scribe</i>", ["unsubscribe"], "formatting breaks no word"),
        ("<pre>One\n\ttwo\tthree</pre>", ["One", "two three"], "preformatted text keeps its lines"),
        (
            "pricing<sup>1</sup>, <b>terms</b><sup>[2]</sup>",
            ["pricing 1, terms [2]"],
            "a footnote is no part of a word",
        ),
        (
            "the 1<sup>st</sup>, 10<sup>6</sup>, H<sub>2</sub>O",
            ["the 1st, 106, H2O"],
            "what is raised or lowered may be",
        ),
        ("a<blockquote></blockquote>b", ["a", "b"], "an empty block changes nothing below it"),
        ("<table><tr><td>One<td>two<tr><td>three", ["One two", "three"], "a row is a line"),
        ("<ul><li>One<li>two</ul>", ["One", "two"], "so is an item"),
        (
            "caf&eacute; &lt;b&gt; &amp;amp; &#8364;&nbsp;5",
            ["caf\xe9 <b> &amp; \u20ac\xa05"],
            "entities are decoded once",
        ),
        ("<p>a<p>&nbsp;<p>b", ["a", "b"], "a blank paragraph says nothing"),
        ("<title>t</title><style>s{}</style><script>x()</script>y", ["y"], "what is no text is not read"),
        ("a<!-- stop -->b", ["ab"], "nor is a comment"),
        ("a<p hidden>stop</p><p style='Display : NONE'>stop</p>", ["a"], "nor what is hidden"),
        ("a<p style='color:red;font-size:0px'>stop", ["a"], "nor what has no size"),
        ("<p style='font-size:0.8em'>a", ["a"], "what is small is read"),
        ("<o:p>&nbsp;</o:p><p>a", ["a"], "Word's own tags do no harm"),
        ("<div <p <<a>>Yes</p", [">Yes"], "broken tags do no harm"),
        ("", [], "nothing is nothing"),
    ],
)
def test_what_a_person_sees_is_read(html: str, seen: list[str], why: str) -> None:
    assert lines(html) == seen, why


QUOTATIONS = {
    "Gmail": '<div class="gmail_quote"><div class="gmail_attr">Ana wrote:</div><blockquote>Q</blockquote></div>',
    "Gmail forward": '<div class="gmail_quote"><div class="gmail_attr">F</div><div>Q<blockquote>Q</blockquote></div>',
    "Apple Mail": '<blockquote type="cite"><div>Q</div></blockquote>',
    "Thunderbird": '<div class="moz-cite-prefix">On Monday Ana wrote:</div><blockquote type="cite">Q</blockquote>',
    "Outlook on the web": '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> Ana</div><div>Q</div>',
    "Outlook, quoted": '<div id="x_divRplyFwdMsg"><b>From:</b> Ana</div><div>Q</div>',
    "Outlook desktop": '<div style="border:none; border-top:solid #E1E1E1 1.0pt"><p><b>Von:</b> Ana</p></div><p>Q</p>',
    "Outlook, unknown language": '<div style="border:none;border-top:solid blue"><b>N\xeb:</b> A</div><p>Q</p>',
    "Outlook mobile": '<div id="mail-editor-reference-message-container"><div>Q</div></div>',
    "Yahoo": '<div id="ydp1" class="ydp2 yahoo_quoted"><div>Q</div></div>',
    "Proton Mail": '<div class="protonmail_quote">Q<blockquote>Q</blockquote></div>',
    "Zoho": '<div class="zmail_extra"><br>Q</div>',
    "GMX, web.de": '<div name="quote" style="margin:10px"><div name="quoted-content">Q</div></div>',
    "a block below an attribution": "<p>On 3 Mar 2026 Ana &lt;a@b.example&gt; wrote:</p><blockquote>Q</blockquote>",
}


@pytest.mark.parametrize("html", QUOTATIONS.values(), ids=QUOTATIONS.keys())
def test_the_quotation_of_every_mail_program_is_history(html: str) -> None:
    page = read_markup(f"<div>Yes, <b>please</b>.</div>{html}")
    assert page.lines[0] == ("Yes, please.", None)
    assert all(line.mark for line in page.lines if "Q" in line.text)
    assert any("Q" in line.text for line in page.lines)


def test_answers_between_gmail_quotations_are_no_history() -> None:
    html = (
        "<div class=gmail_quote><blockquote>Q1</blockquote><p>Friday.</p><blockquote>Q2</blockquote><p>Six.</p></div>"
    )
    assert lines(html) == ["Friday.", "Six."]
    assert lines(html, history=True) == ["Q1", "Q2"]


def test_an_indented_block_that_quotes_nobody_is_no_history() -> None:
    assert lines("<p>My points:</p><blockquote>call me</blockquote>") == ["My points:", "call me"]


def test_a_ruled_box_that_is_no_header_of_a_mail_is_no_history() -> None:
    assert lines('Hi<div style="border:none;border-top:solid red"><p>call me</p></div>') == ["Hi", "call me"]


def test_what_outlook_mobile_puts_below_is_named() -> None:
    page = read_markup('Yes<div id="ms-outlook-mobile-signature">Get <a href="x">Outlook for iOS</a></div>')
    assert page.lines == (("Yes", None), ("Get Outlook for iOS", "tag line"))
    assert not page.ended


@pytest.mark.parametrize(
    "signature",
    ['<div data-signature-widget="container">--<br>Ivan</div>', '<div id="ymail_android_signature">Get Yahoo</div>'],
    ids=["Mail.ru", "Yahoo"],
)
def test_a_signature_that_the_program_marked_is_no_new_words(signature: str) -> None:
    assert lines(f"<p>Yes</p>{signature}<p>and no</p>") == ["Yes", "and no"]


HOSTILE = {
    "twenty thousand nested blocks": "<div>" * 20_000 + "x",
    "closed ones": "<div>" * 20_000 + "x" + "</div>" * 20_000,
    "nested lists": "<ul><li>" * 20_000,
    "closings of what is not open": "<div>" * 10_000 + "</p>" * 30_000,
    "formatting across blocks": "<b>" * 450 + "<div></b>" * 28_000,
    "formatting that never ends": "<p>" + "".join(f"<b id={i}>" for i in range(300)) + "<p>x" * 15_000,
    "tables in tables": "<table><tr><td>" * 17_000,
    "many attributes": "<div " + " ".join(f"a{i}" for i in range(40_000)) + ">x",
    "attributes with tags in their values": "<div " + "".join(f"a{i}='<p>'" for i in range(25_000)) + ">x",
    "attributes behind a quote that is none": '="<div ' + " ".join(f"a{i}='>'" for i in range(25_000)) + ">x",
    "quotes that never end": "<a x='" * 30_000,
    "breaks": "<br>" * 60_000,
    "open comments": "<!--" * 60_000,
    "entities": "&#x" * 80_000,
    "greater-than signs": ">" * 250_000,
    "less-than signs": "<" * 250_000,
    "nested quotations": '<div class="gmail_quote">' * 9_000,
    "too much text": "<p>" + "a " * 1_000_000,
}


@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_mail_is_read_as_far_as_it_can_be(html: str) -> None:
    page = read_markup(f"<p>Yes, please.</p>{html}")
    assert page.lines[0].text == "Yes, please."
    assert page.capped or len(html) < 256 * 1024
    assert len(page.lines) <= 2_000
    assert sum(len(line.text) for line in page.lines) <= 64 * 1024


@pytest.mark.parametrize(
    ("html", "capped"),
    [
        ("<p>x</p>" * 1_999, False),
        ("<p>x</p>" * 2_001, True),
        ("<p>" + "x" * 65_536, False),
        ("<p>" + "x" * 65_537, True),
        ("<p>x" + " " * 262_144, True),
        ("<div>" * 20_000, True),
        ("<div>x</div>" * 1_500 + "<div id=divRplyFwdMsg>" + "<div>x</div>" * 300, False),
    ],
    ids=["few lines", "many lines", "little text", "much text", "much markup", "deep", "an ordinary long thread"],
)
def test_a_mail_that_is_not_read_to_its_end_says_so(html: str, *, capped: bool) -> None:
    assert read_markup(html).capped == capped


def test_a_cap_within_the_history_leaves_the_new_words_known() -> None:
    page = read_markup("<p>Yes</p><div id=divRplyFwdMsg></div>" + "<p>old</p>" * 30_000)
    assert page.capped
    assert page.ended
    assert [line.text for line in page.lines if line.mark is None] == ["Yes"]


def test_text_that_nobody_sees_is_told_apart_as_far_as_the_history() -> None:
    html = (
        '<p>Yes<span style="display:none">unsubscribe <b>me</b></span></p><div class=gmail_quote><p hidden>Q</p></div>'
    )
    page = read_markup(html)
    assert (page.lines[0].text, page.hidden) == ("Yes", ("unsubscribe me",))
