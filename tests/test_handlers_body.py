"""SmartLead's own words reach people short and plain, without keys and addresses."""

from __future__ import annotations

import json

import pytest

from handlers.body import quote

KEY = "made-up-key-4711"

WORDS = [
    pytest.param("two\nlines\tand \x1b[31mcolour\x00", "two lines and [31mcolour", id="one plain line"),
    pytest.param("right\u202eto left \ud800", "right to left", id="no tricks with direction or half characters"),
    pytest.param("x" * 300, "x" * 199 + "…", id="cut"),
    pytest.param(f"bad url /x?api_key={KEY}&a=1", "bad url /x?api_key=…&a=1", id="a key in a URL"),
    pytest.param(f'{{"api_key": "{KEY}"}}', '{"api_key": "…"}', id="a key in JSON"),
    pytest.param(f"apiKey%3D{KEY}", "apiKey%3D…", id="a key, encoded"),
    pytest.param(
        'no lead "astrid@x.example" (astrid.lund@northpier.example), try a@b@c',
        'no lead "…@…" (…@…), try …@…@c',
        id="addresses",
    ),
    pytest.param(f"{'x' * 185} api_key={KEY}", f"{'x' * 185} api_key=…", id="a key at the cut"),
]


@pytest.mark.parametrize(("words", "quoted"), WORDS)
def test_smartleads_words_are_quoted_short_plain_and_without_secrets(words: str, quoted: str) -> None:
    assert quote(json.dumps({"message": words}).encode()) == quoted
