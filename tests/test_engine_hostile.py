"""Files that nobody typed: each is answered with a sentence, in little memory and time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent
MOST = 8 * 1024 * 1024 - 1_000
TOP = "version: 1\nrules:\n"
RULE = "  - name: a\n    when: {reply contains: x}\n    mark: read\n"
LISTED = "  - name: a\n    when:\n      reply contains:\n"

# Loads a file in a process that may not take more: 20 seconds of processor, and 200 MB more than it has when it starts.
CHILD = """
import json, resource, sys
from rules.engine import load
pages = int(open("/proc/self/statm").read().split()[0])
most = pages * resource.getpagesize() + 200 * 1024 * 1024
resource.setrlimit(resource.RLIMIT_AS, (most, most))
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
loaded = load(sys.stdin.buffer.read())
problems = [[problem.severity, problem.message, problem.hint or ""] for problem in loaded.problems]
print(json.dumps([loaded.ruleset is not None, problems]))
"""


def filled(piece: str) -> bytes:
    return (piece * (MOST // len(piece.encode()))).encode()


def bomb() -> str:
    levels = zip("abcdefghi", "bcdefghij", strict=True)
    return "a: &a [x, x]\n" + "".join(f"{key}: &{key} [{', '.join([f'*{old}'] * 9)}]\n" for old, key in levels)


def rules(number: int) -> str:
    return TOP + "".join(
        f"  - name: r{n}\n    when: {{reply contains: ab{n}}}\n    mark: read\n" for n in range(number)
    )


HOSTILE: dict[str, tuple[Callable[[], bytes | str], str]] = {
    "billion laughs": (bomb, "begins an anchor"),
    "100 MB": (lambda: b"a" * 100_000_000, "larger than 8 MiB"),
    "brackets": (lambda: filled("["), "20 levels"),
    "braces": (lambda: filled("{"), "20 levels"),
    "dashes in a line": (lambda: filled("- "), "20 levels"),
    "colons in a line": (lambda: filled("a: "), "cannot be read"),
    "double quotes": (lambda: filled('"'), "cannot be read"),
    "an open quote": (lambda: 'a: "' + "x" * (MOST - 10), "cannot be read"),
    "tabs": (lambda: filled("\t"), "more than 100,000 tabs"),
    "tabs between words": (lambda: filled("a\t"), "more than 100,000 tabs"),
    "half a million keys": (lambda: "".join(f"key{n}: v\n" for n in range(500_000)), "400,000 lines"),
    "a hundred thousand keys": (lambda: "".join(f"verzion{n}: v\n" for n in range(100_000)), "not known here"),
    "a hundred thousand wrong conditions": (
        lambda: TOP + "  - name: a\n    when:\n" + "".join(f"      reply containz{n}: x\n" for n in range(100_000)),
        "not a condition",
    ),
    "one huge text": (lambda: TOP + LISTED + "        - " + "word " * (MOST // 5 - 20), "longer than 100,000"),
    "one huge text with accents": (lambda: TOP + LISTED + "        - a" + "\u0301" * 90_000, "longer than 1,000"),
    "one huge mark": (lambda: TOP + RULE.replace("read", "x" * 99_000), "cannot be"),
    "steps": (lambda: "".join(" " * depth + "a:\n" for depth in range(4_000)), "20 levels"),
    "a million comments": (lambda: b"#\n" * 1_000_000, "400,000 lines"),
    "one long comment": (lambda: filled("#"), "is empty"),
    "empty lines": (lambda: filled("\n"), "400,000 lines"),
    "carriage returns": (lambda: filled("\r"), "400,000 lines"),
    "blanks": (lambda: filled(" "), "is empty"),
    "NUL bytes": (lambda: b"\0" * MOST, "U+0000"),
    "a NUL byte at the end": (lambda: b"x" * MOST + b"\0", "U+0000"),
    "Latin-1": (lambda: "é\n".encode("latin-1") * 1_000_000, "0xE9 is not UTF-8"),
    "UTF-16": (lambda: ("\ufeff" + "a: b\n" * 700_000).encode("utf-16-le"), "UTF-16"),
    "surrogates": (lambda: b"\xed\xa0\x80" * 2_000_000, "not UTF-8"),
    "emoji": (lambda: filled("\U0001f600"), "longer than 100,000"),
    "items": (lambda: "a:\n  [" + "b, " * 2_000_000 + "c]\n", "300,000 keys"),
    "aliases": (lambda: "a: [" + "*b, " * 2_000_000 + "c]\n", "begins an alias"),
    "anchors": (lambda: filled("- &a b\n")[:2_000_000], "begins an anchor"),
    "documents": (lambda: "---\n" * 300_000, "second document"),
    "a million rules": (lambda: rules(100_000), "300,000 keys"),
    "a list that every rule uses": (
        lambda: (
            f"version: 1\nlists:\n  big: [{'ab cd, ' * 50_000}x]\nrules:\n"
            + "".join(RULE.replace("x}", "$big}").replace("name: a", f"name: a{n}") for n in range(5_000))
        ),
        "150,000 texts",
    ),
    "unknown lists": (lambda: TOP + LISTED + "".join(f"        - $l{n}\n" for n in range(140_000)), "no list"),
    "endless patterns": (
        lambda: TOP + LISTED.replace("contains", "matches") + f"        - '{'(?:a|b){1,9}' * 80}'\n" * 3_000,
        "150,000 characters",
    ),
    "many patterns": (
        lambda: TOP + LISTED.replace("contains", "matches") + "".join(f"        - '{n}\\w+'\n" for n in range(40_000)),
        "150,000 characters",
    ),
    "an error at the end of a large file": (lambda: rules(13_000) + "  - name: 'I'm\n", "closing quote"),
    "nothing but errors": (lambda: TOP + "  - name: 'I'm\n" * 60_000, "closing quote"),
}


def loaded_in_a_child(content: bytes | str) -> tuple[bool, list[list[str]]]:
    raw = content.encode() if isinstance(content, str) else content
    child = subprocess.run([sys.executable, "-c", CHILD], input=raw, capture_output=True, check=False, cwd=ROOT)
    assert child.returncode == 0, child.stderr.decode()[-2_000:]
    usable, problems = json.loads(child.stdout)
    return usable, problems


@pytest.mark.skipif(sys.platform != "linux", reason="the limits of the process are read from /proc")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_nobody_typed_gets_sentences_within_little_memory(name: str) -> None:
    make, words = HOSTILE[name]
    usable, problems = loaded_in_a_child(make())
    assert not usable
    assert any(severity == "error" and words in message for severity, message, _ in problems), problems[:3]
    assert all(len(message) + len(hint) < 3_000 for _, message, hint in problems)


@pytest.mark.skipif(sys.platform != "linux", reason="the limits of the process are read from /proc")
def test_honest_files_are_far_from_every_limit() -> None:
    addresses = "".join(f"    - someone.{n}@company-{n}.example\n" for n in range(50_000))
    used = RULE.replace("reply contains: x", "sender is: $big")
    with_list = f"version: 1\nlists:\n  big:\n{addresses}rules:\n{used}{used.replace('name: a', 'name: b')}"
    assert loaded_in_a_child(with_list) == (True, [])
    examples = "    examples:\n      matches: [ab]\n      does not match: [cd]\n"
    assert loaded_in_a_child(rules(10_000).replace("mark: read\n", "mark: read\n" + examples)) == (True, [])
