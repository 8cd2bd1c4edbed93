"""Commands as processes of their own, without anything of a developer's environment, and rules files for them."""

from __future__ import annotations

import atexit
import json
import os
import pty
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

from secrets_of_tests import API_KEY, TOKEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    FileLike = IO[bytes] | int

ROOT = Path(__file__).parent.parent
FLASK = Path(sys.executable).parent / "flask"
# Without FLASK_SKIP_DOTENV a developer's .env, with a real key in it, would speak here.
BARE = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LANG": "C.UTF-8", "FLASK_SKIP_DOTENV": "1"}
LONGEST = 60.0  # seconds of a command
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
    command = [str(one) for one in arguments]
    with TemporaryFile() as typed, TemporaryFile() as said, TemporaryFile() as complained:
        typed.write(stdin.encode())
        typed.seek(0)
        code = _server().run(command, BARE | dict(settings or {}), [typed, said, complained])
        return subprocess.CompletedProcess(command, code, _text(said), _text(complained))


def flask_at_a_terminal(*arguments: str | Path, settings: Mapping[str, str], typed: str) -> tuple[int, str]:
    """Run one command at a terminal where this was typed already: its exit code, and all that the terminal shows."""
    keyboard, terminal = pty.openpty()
    os.write(keyboard, typed.encode())
    with ThreadPoolExecutor(1) as beside:
        shown = beside.submit(lambda: b"".join(iter(lambda: _read(keyboard), b"")))
        code = _server().run([str(one) for one in arguments], BARE | {"TERM": "xterm", **settings}, [terminal] * 3)
        os.close(terminal)
        text = shown.result().decode()
    os.close(keyboard)
    return code, text


class _Server:
    """Commands of the `command_server`, one after the other."""

    def __init__(self) -> None:
        self._here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._here.settimeout(LONGEST)
        number = there.fileno()
        program = [sys.executable, str(Path(__file__).with_name("command_server.py")), str(number)]
        with there:
            self._process = subprocess.Popen(program, cwd=ROOT, env=BARE, pass_fds=[number])

    def run(self, arguments: Sequence[str], environment: Mapping[str, str], files: Sequence[FileLike]) -> int:
        """Run a command with this standard input, output and error: its exit code, negative for a signal."""
        request = {"arguments": list(arguments), "environment": dict(environment)}
        socket.send_fds(self._here, [json.dumps(request).encode()], [_number(file) for file in files])
        return int(self._here.recv(16))

    def close(self) -> None:
        """End it."""
        self._here.close()
        self._process.wait()


@cache
def _server() -> _Server:
    server = _Server()
    atexit.register(server.close)
    return server


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def _number(file: FileLike) -> int:
    return file if isinstance(file, int) else file.fileno()


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
