"""The text of a rules file: decoded, cut into lines, free of characters that no rules file needs."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from rules.engine.loading.problem import Place, Report

MOST_BYTES = 8 * 1024 * 1024
MOST_LINES = 400_000  # ten thousand rules with examples are a third of it
MOST_TABS = 100_000
BLOCKS = {"|", ">"}  # signs that begin a text of several lines

_NEAR = 2_000  # of a longer line only what stands near is looked at; nobody typed it
_WAY_OUT = "Take domains in place of single addresses, and delete rules that nobody needs."
# YAML breaks lines at these three; editors do not, so line numbers would not be those that the author sees.
_RARE_BREAKS = ("\x85", "\u2028", "\u2029")
# A tab separates as a space does, but only one of PyYAML's two parsers takes it; in an indentation both refuse it.
_HARMLESS_TAB = re.compile(r"(?<=[^\s])[ \t]*\t[ \t]*|^[ \t]+$", re.MULTILINE)
_KEY = re.compile(r"[ ]*(?:- +)*(?:[^:#\[\]{}\"']+: +)?")
_NOT_TEXT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\ufeff")
_OTHER_ENCODINGS = {
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A readable text and a report that knows its lines."""

    text: str
    report: Report


def open_source(raw: str | bytes) -> Source:
    """The file's text. What cannot be read is noted in the report, and the text is then empty."""
    if len(raw) > MOST_BYTES:
        return _refused("", Place(1, 1), "The file is larger than 8 MiB.", _WAY_OUT)
    text = raw if isinstance(raw, str) else _decoded(raw)
    if isinstance(text, Source):
        return text
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    for rare in _RARE_BREAKS:
        text = text.replace(rare, " ")
    if text.count("\n") > MOST_LINES:
        return _refused("", Place(1, 1), f"The file has more than {MOST_LINES:,} lines.", _WAY_OUT)
    if text.count("\t") > MOST_TABS:
        return _refused("", Place(1, 1), f"The file has more than {MOST_TABS:,} tabs.", "Use spaces.")
    if "\t" in text:
        text = _HARMLESS_TAB.sub(lambda tabs: " " * len(tabs.group()), text)
    wrong = _NOT_TEXT.search(text)
    return _refused_character(text, wrong) if wrong else Source(text, Report(text.split("\n")))


def in_quotes(text: str) -> str:
    """The text as it may be pasted into a rules file."""
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'


def item_at(line: str, column: int) -> str:
    """The text that begins at a column (from 1): to the end of the line, or of the item in a list of one line."""
    before = line[max(0, column - 1 - _NEAR) : column - 1]
    rest = line[column - 1 : column - 1 + _NEAR]
    if any(before.count(opening) > before.count(closing) for opening, closing in ("[]", "{}")):
        rest = re.split(r"[,\]}]", rest, maxsplit=1)[0]
    return re.split(r"\s#", rest, maxsplit=1)[0].strip()


def item_start(line: str, at: int) -> int:
    """The column at which the value that holds column `at` begins."""
    before = line[: at - 1]
    comma = max(before.rfind(sign) for sign in ",[{")
    inside = comma > 0 and before.count("[") + before.count("{") > before.count("]") + before.count("}")
    key = _KEY.match(before, comma + 1) if inside else _KEY.match(line)
    return key.end() + 1 if key else 1


def _decoded(raw: bytes) -> str | Source:
    for mark, name in _OTHER_ENCODINGS.items():
        if raw.startswith(mark):
            hint = "Save it as UTF-8 (in most editors: Save as, Encoding)."
            return _refused("", Place(1, 1), f"The file is saved as {name}.", hint)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        readable = raw[: error.start].decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        rest = raw[error.start : error.start + 200].decode("utf-8", "replace")
        hint = "Save it as UTF-8 (in most editors: Save as, Encoding)."
        message = f"The byte 0x{raw[error.start]:02X} is not UTF-8."
        return _refused(readable + rest, _place_of(readable, len(readable)), message, hint)


def _refused_character(text: str, wrong: re.Match[str]) -> Source:
    message = f"The character U+{ord(wrong.group()):04X} cannot stand in a rules file."
    return _refused(text, _place_of(text, wrong.start()), message, "Delete it and type the text anew.")


def _refused(text: str, place: Place, message: str, hint: str) -> Source:
    report = Report(text.split("\n"))
    report.error(place, message, hint)
    return Source("", report)


def _place_of(text: str, offset: int) -> Place:
    return Place(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))
