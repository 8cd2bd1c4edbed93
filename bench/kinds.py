"""How well persons, automatic replies and bounces are told apart, over the replies in tests/kinds."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yaml

from bench.report import Goal, Report, read_options
from rules.engine.mail.kind import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from bench.report import Cell

_FILES: Final = Path(__file__).parent.parent / "tests" / "kinds"
_HELD_OUT: Final = ("held_out", "held_out_blind")
_PERSON: Final = "person"
_LEAST_RIGHT: Final = 97.0  # per cent of the replies that nobody tuned on
_MOST_PERSONS_WRONG: Final = 1.0  # per cent of the persons among them

_GROUPS: Final = {
    "English": "English",
    "German, Dutch, Nordic": "German Dutch Danish Norwegian Swedish",
    "Romance": "French Spanish Portuguese Italian Romanian",
    "Slavic": "Polish Czech Russian Ukrainian",
    "Finnish, Hungarian, Greek, Turkish": "Finnish Hungarian Greek Turkish",
    "right to left": "Hebrew Arabic",
    "Chinese, Japanese, Korean": "Chinese Japanese Korean",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A reply of the files: what it is, and what it was told for."""

    file: str
    language: str  # of a reply that is held out; "" of the others
    kind: str
    told: str


def main() -> None:
    """Measure and report."""
    options = read_options(__doc__)
    every = list(_tell_all())
    tuned = [reply for reply in every if reply.file not in _HELD_OUT]
    held_out = [reply for reply in every if reply.file in _HELD_OUT]
    Report("Kinds by file, tuned on", _rows(tuned, "file", lambda reply: reply.file)).show(options)
    rows = _rows(held_out, "language", _group)
    Report("Kinds by language, held out, not tuned on", rows, _goals(rows[-1])).show(options)


def _tell_all() -> Iterator[Told]:
    for path in sorted(_FILES.glob("*.yaml")):
        for section, replies in yaml.safe_load(path.read_text("utf-8")).items():
            kind = section.partition(" taken for ")[0]  # those that are known to be told wrongly
            for reply in replies:
                language = reply["why"].partition(":")[0] if path.stem in _HELD_OUT else ""
                yield Told(path.stem, language, kind, _tell(reply))


def _tell(reply: Mapping[str, str]) -> str:
    kind = kind_of(
        subject=reply.get("subject"),
        sender=reply.get("sender"),
        sender_name=reply.get("sender_name"),
        words=reply.get("reply", ""),
        category=reply.get("category"),
    )
    return kind.name if kind else "unknown"


def _rows(replies: Iterable[Told], title: str, group: Callable[[Told], str]) -> list[Mapping[str, Cell]]:
    groups: dict[str, list[Told]] = defaultdict(list)
    for reply in replies:
        groups[group(reply)].append(reply)
    every = [reply for members in groups.values() for reply in members]
    return [{title: name, **_shares(members)} for name, members in [*sorted(groups.items()), ("all", every)]]


def _shares(replies: list[Told]) -> dict[str, Cell]:
    persons = [reply for reply in replies if reply.kind == _PERSON]
    programs = [reply for reply in replies if reply.kind != _PERSON]
    return {
        "replies": len(replies),
        "right, %": _share(replies),
        "persons": len(persons),
        "persons wrong": sum(reply.told != _PERSON for reply in persons),
        "programs": len(programs),
        "programs found, %": _share(programs),
    }


def _share(replies: list[Told]) -> float | None:
    return 100.0 * sum(reply.told == reply.kind for reply in replies) / len(replies) if replies else None


def _goals(row: Mapping[str, Cell]) -> tuple[Goal, ...]:
    right, persons, wrong = (float(row[name] or 0) for name in ("right, %", "persons", "persons wrong"))
    return (
        Goal("right, %", right, least=_LEAST_RIGHT),
        Goal("persons taken for programs, %", 100.0 * wrong / persons, most=_MOST_PERSONS_WRONG),
    )


def _group(reply: Told) -> str:
    return next((name for name, languages in _GROUPS.items() if reply.language in languages.split()), "others")


if __name__ == "__main__":
    main()
