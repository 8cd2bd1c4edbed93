"""Collapsed mails: all on one line, as some relays and previews give them."""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from rules.engine.mail.introductions import LONGEST_LINE, is_attribution, is_header_line

_MOST_LINES: Final = 3
_LEAST_LENGTH: Final = 60
_LEAST_BELOW: Final = 120  # characters of a mail: fewer may be what the person tells of somebody's words
_MOST_TRIES: Final = 30
_LONGEST: Final = 4_000  # so far in a line is looked

_OPENING: Final = re.compile(r"(?<=\s)(?:On|Am|Le|El|Em|Il giorno|Op|W dniu|Dnia|Den|På)\s(?=[^<>]{0,30}\d)")
_CLOSING: Final = re.compile(r"<[^<>\s]+@[^<>\s]+>[^<>:\uff1a]{0,25}[:\uff1a](?=\s|$)")
_LABEL: Final = re.compile(r"(?<=\s)\*?(?=[^\W\d_]{1,12}:\*?\s)")


def unfold(lines: list[str]) -> list[str]:
    """Break the lines of a mail that has very few before and behind what introduces the mail that it quotes."""
    if len(lines) > _MOST_LINES:
        return lines
    return [part for line in lines for part in (_break(line) if len(line) >= _LEAST_LENGTH else [line])]


def _break(line: str) -> list[str]:
    head = line[:_LONGEST]
    for closing in islice(_CLOSING.finditer(head), _MOST_TRIES):
        openings = list(_OPENING.finditer(head, 0, closing.start()))
        start = openings[-1].start() if openings else -1
        below = line[closing.end() :].strip()
        if start >= 0 and (below.startswith(">") or len(below) >= _LEAST_BELOW):
            attribution = line[start : closing.end()]
            if is_attribution(attribution):
                return [line[:start].rstrip(), attribution, below]
    for label in islice(_LABEL.finditer(head), _MOST_TRIES):
        header = line[label.start() : label.start() + LONGEST_LINE].rpartition(" ")[0]
        if is_header_line(header):
            return [line[: label.start()].rstrip(), header, line[label.start() + len(header) :].lstrip()]
    return [line]
