"""A seeded workload: rules in a mix that is usual for replies to cold mail, and replies that may meet them.

The words are those of the standard library's docstrings, as frequent as they are there: they are nobody's mail.
"""

from __future__ import annotations

import inspect
import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING

from rules.engine import Facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MODULES = (
    *(
        "argparse",
        "array",
        "ast",
        "asyncio",
        "base64",
        "bisect",
        "builtins",
        "calendar",
        "cmd",
        "codecs",
        "collections",
    ),
    *("concurrent.futures", "configparser", "contextlib", "copy", "csv", "ctypes", "datetime", "decimal", "difflib"),
    *("dis", "doctest", "email.message", "enum", "fileinput", "fractions", "ftplib", "functools", "gc", "gettext"),
    *("glob", "gzip", "heapq", "hmac", "html.parser", "http.client", "http.cookiejar", "http.server", "imaplib"),
    *("inspect", "io", "ipaddress", "itertools", "json", "locale", "logging", "logging.handlers", "mailbox", "math"),
    *("mimetypes", "mmap", "multiprocessing.pool", "multiprocessing.shared_memory", "operator", "os", "pathlib", "pdb"),
    *("pickle", "pickletools", "platform", "poplib", "pprint", "pydoc", "queue", "random", "re", "reprlib", "sched"),
    *("secrets", "selectors", "shelve", "shlex", "shutil", "smtplib", "socket", "socketserver", "sqlite3", "ssl"),
    *("stat", "statistics", "string", "struct", "subprocess", "symtable", "sys", "tarfile", "tempfile", "textwrap"),
    *("threading", "time", "timeit", "tokenize", "trace", "traceback", "tracemalloc", "types", "typing", "unittest"),
    *(
        "unittest.mock",
        "urllib.parse",
        "urllib.request",
        "urllib.robotparser",
        "uuid",
        "warnings",
        "weakref",
        "wsgiref",
    ),
    *("xml.dom.minidom", "xml.etree.ElementTree", "xml.sax", "xmlrpc.client", "zipfile", "zipimport", "zlib"),
)
WORD = re.compile(r"\b[A-Za-z]{2,12}\b")
COMMONEST = 40  # words too common to begin a pattern with
GOLDEN = 0.6180339887  # its multiples fill the range from 0 to 1 evenly, so that ten rules have the mix, too

CATEGORIES = (
    *("Interested", "Meeting Request", "Not Interested", "Do Not Contact", "Information Request", "Out Of Office"),
    *("Wrong Person", "Uncategorizable by AI", "Sender Originated Bounce", "Unsubscribed"),
)
COMPANIES = 20_000
UNCATEGORISED = 0.2  # share of the replies whose category has not come yet
PLANTED = 0.6  # share of the replies in which some rule finds what it looks for
SHORTEST, MEDIAN, LONGEST, SPREAD = 50, 445, 2_000, 0.8  # of replies, in characters
OPENINGS = (
    "Hello Sam,\n\nthank you for your mail.",
    "Hi,\n\nI’m afraid this isn’t for us – please take me off your list.",
    "What would this cost us?",
    "I am away until Monday and read mail only now and then…",
    "Let’s talk next week, Tuesday at 3\N{NO-BREAK SPACE}pm?",
    "Where did you find my e\N{NON-BREAKING HYPHEN}mail address?",
    "STOP",
    "We’ve got somebody for this already.",
)
CLOSINGS = (". ", ". ", ".\n\n", "!\n", "? ", "… ")


@dataclass(frozen=True, slots=True)
class PlainRule:
    """A rule as data: all of what is given must hold, one of each tuple is enough."""

    name: str
    phrases: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    pattern: str | None = None
    found_by_pattern: str = ""  # words in which the pattern is found


@cache
def vocabulary() -> dict[str, int]:
    """The words of the standard library's docstrings, each with how often it is there, the most frequent first."""
    counts: Counter[str] = Counter()
    for name in MODULES:
        for text in _docstrings(name):
            counts.update(word.lower() for word in WORD.findall(text))
    return dict(counts.most_common())


def _docstrings(module: str) -> Iterator[str]:
    found = import_module(module)
    yield inspect.getdoc(found) or ""
    for name in sorted(vars(found)):
        thing = getattr(found, name)
        if inspect.isclass(thing) or inspect.isroutine(thing):
            yield inspect.getdoc(thing) or ""
        if inspect.isclass(thing):
            yield from (inspect.getdoc(member) or "" for _, member in sorted(vars(thing).items()) if callable(member))


class Words:
    """An endless draw of words, as frequent as in the vocabulary to the power of `evenness`."""

    def __init__(self, random: Random, evenness: float) -> None:
        self._random = random
        self._words = list(vocabulary())
        self._weights = list(accumulate(count**evenness for count in vocabulary().values()))

    def draw(self, count: int) -> str:
        """So many words with a blank between them."""
        return " ".join(self._random.choices(self._words, cum_weights=self._weights, k=count))


def make_rules(count: int, seed: int = 7) -> tuple[PlainRule, ...]:
    """Half of the rules have phrases alone; the others phrases and a category or a domain, domains, or a pattern.

    The first rules of many are those of few.
    """
    random = Random(seed)
    words = Words(random, evenness=0.6)
    return tuple(_make_rule(number, random, words) for number in range(count))


def _make_rule(number: int, random: Random, words: Words) -> PlainRule:
    share, name = (number * GOLDEN + 0.35) % 1, f"rule {number}"
    if share < 0.50:
        return PlainRule(name, phrases=_phrases(random, words))
    if share < 0.65:
        return PlainRule(name, phrases=_phrases(random, words), categories=tuple(random.sample(CATEGORIES, 2)))
    if share < 0.80:
        return PlainRule(name, phrases=_phrases(random, words), domains=_domains(random))
    if share < 0.88:
        return PlainRule(name, domains=_domains(random))
    pattern, found = _pattern(random)
    categories = tuple(random.sample(CATEGORIES, 3)) if random.random() < 0.3 else ()
    return PlainRule(name, categories=categories, pattern=pattern, found_by_pattern=found)


def _phrases(random: Random, words: Words) -> tuple[str, ...]:
    drawn = (words.draw(random.choice((2, 2, 3, 3, 4))) for _ in range(random.randint(1, 5)))
    return tuple(dict.fromkeys(drawn))


def _domains(random: Random) -> tuple[str, ...]:
    return tuple(f"company{number}.example" for number in random.sample(range(COMPANIES), random.randint(1, 3)))


def _pattern(random: Random) -> tuple[str, str]:
    """A pattern, and words in which it is found."""
    a, b, c = random.sample(list(vocabulary())[COMMONEST:3_000], 3)
    shapes = (
        (rf"\b{a}\s+(?:{b}|{c})\s+\w+ed\b", f"{a} {c} wanted"),
        (rf"\b{a}.{{0,20}}\b{b}\b", f"{a}, and then {b}"),
        (rf"\$?\d{{2,5}}\s*{a}\b", f"$500 {a}"),
        (rf"\b(?:{a}|{b})\s+(?:me|us)\s+{c}", f"{b} us {c}"),
        (rf"\b{a}(?:s|ing)?\s+{b}\b", f"{a}ing {b}"),
    )
    return random.choice(shapes)


def make_replies(rules: Sequence[PlainRule], count: int = 2_000, seed: int = 11) -> tuple[Facts, ...]:
    """Replies of 50 to 2,000 characters; in 60 of 100 a rule, any with the same chance, finds what it looks for."""
    random = Random(seed)
    words = Words(random, evenness=1)
    return tuple(_make_reply(rules, random, words) for _ in range(count))


def _make_reply(rules: Sequence[PlainRule], random: Random, words: Words) -> Facts:
    planted = random.choice(rules) if random.random() < PLANTED else PlainRule("none")
    domain = random.choice(planted.domains or (f"company{random.randrange(COMPANIES)}.example",))
    category = random.choice(planted.categories or (None,) * (random.random() < UNCATEGORISED) or CATEGORIES)
    told = random.choice(planted.phrases or (planted.found_by_pattern,)).capitalize()
    text = _write_text(random, words, told)
    return Facts(reply=text, whole_message=text, sender=f"jo@{domain}", category=category)


def _write_text(random: Random, words: Words, told: str) -> str:
    """Sentences of a length that is usual, with this one somewhere among them."""
    length = min(LONGEST, max(SHORTEST, round(random.lognormvariate(math.log(MEDIAN), SPREAD))))
    sentences = [random.choice(OPENINGS) + " "]
    while sum(map(len, sentences)) < length:
        sentences.append(words.draw(random.randint(4, 14)).capitalize() + random.choice(CLOSINGS))
    text = "".join(sentences)[: length - len(told)]
    at = text.find(" ", random.randrange(len(text)))
    return f"{text[:at]}. {told}. {text[at + 1 :]}" if told else text


def write_rules(rules: Sequence[PlainRule], field: str = "reply") -> str:
    """The rules as a rules file; their phrases and patterns are looked for in this field."""
    return "version: 1\nrules:\n" + "".join(_written(rule, field) for rule in rules)


def _written(rule: PlainRule, field: str) -> str:
    lines = (
        *_condition(f"{field} contains", rule.phrases),
        *_condition("category is", rule.categories),
        *_condition("sender is", [f"@{domain}" for domain in rule.domains]),
        *_condition(f"{field} matches", [rule.pattern] if rule.pattern else ()),
    )
    return f"  - name: {rule.name}\n    when:\n{''.join(lines)}    mark: unread\n"


def _condition(key: str, texts: Sequence[str]) -> Iterator[str]:
    if texts:
        yield f"      {key}:\n"
        yield from (f"        - '{text}'\n" for text in texts)
