"""Commands as processes of their own, without anything of a developer's environment, and rules files for them."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from secrets_of_tests import API_KEY, TOKEN

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parent.parent
FLASK = Path(sys.executable).parent / "flask"
GOOD = """\
version: 1
rules:
  - name: Out of office
    when: {reply contains: [out of the office, annual leave]}
    mark: read
    examples:
      matches: [I am out of the office]
      does not match: [Is your office big?]
"""
WRONG = GOOD.replace("reply contains", "reply containz").replace("mark: read", "mark: yes")


def flask(
    *arguments: str | Path, settings: Mapping[str, str] | None = None, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end. Its standard input is never a terminal."""
    # Without FLASK_SKIP_DOTENV a developer's .env, with a real key in it, would speak here.
    bare = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LANG": "C.UTF-8", "FLASK_SKIP_DOTENV": "1"}
    return subprocess.run(
        [str(FLASK), *map(str, arguments)],
        cwd=ROOT,
        env=bare | dict(settings or {}),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def flask_at_a_terminal(*arguments: str | Path, settings: Mapping[str, str], typed: str) -> tuple[int, str]:
    """Run one command at a terminal where this was typed already: its exit code, and all that the terminal shows."""
    keyboard, terminal = pty.openpty()
    os.write(keyboard, typed.encode())
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "FLASK_SKIP_DOTENV": "1", "TERM": "xterm"}
    command = [str(FLASK), *map(str, arguments)]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment | dict(settings), stdin=terminal, stdout=terminal, stderr=terminal
    ) as running:
        os.close(terminal)
        shown = b"".join(iter(lambda: _read(keyboard), b""))
    os.close(keyboard)
    return running.returncode, shown.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux says that nobody holds the other end any more
        return b""


def write_rules(folder: Path, text: str = GOOD, name: str = "rules.yaml") -> Path:
    """A rules file with this text."""
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def settings_for(folder: Path, file: Path) -> dict[str, str]:
    """The environment of a real installation whose ledger is a file in this folder."""
    return {
        "SMARTLEAD_API_KEY": API_KEY,
        "WEBHOOK_TOKENS": TOKEN,
        "DATABASE_URL": f"sqlite:///{folder}/ledger.db",
        "RULES_FILE": str(file),
    }
