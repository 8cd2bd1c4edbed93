"""A process that has loaded the commands' code once, and forks for each command that a test runs.

To load it anew costs a second of a core, hundreds of times. Each command is a process of its own all the same, with
arguments, environment and files of its own; what a fresh one loads, `test_startup` promises.
"""

from __future__ import annotations

import gc
import json
import os
import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import flask.cli

CHECKOUT = Path(__file__).parent.parent
LARGEST = 1 << 17  # bytes of a request: arguments and environment
FILES = 3  # standard input, output and error
LIBRARIES = ("alembic.command", "psycopg", "requests", "sqlalchemy.dialects.postgresql", "sqlalchemy.dialects.sqlite")


def main() -> None:
    """`python command_server.py NUMBER`: of the socket by which it is asked. Ends when nobody is at the other end."""
    sys.path.insert(0, str(CHECKOUT))
    for module in ("app", *_modules_of_commands(), *LIBRARIES):
        import_module(module)
    gc.collect()
    gc.freeze()  # what the garbage collector touches, each child would have to copy
    with socket.socket(fileno=int(sys.argv[1])) as asked:
        while (request := socket.recv_fds(asked, LARGEST, FILES))[0]:
            if not (child := os.fork()):
                break
            for file in request[1]:
                os.close(file)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            asked.send(str(code).encode())
        else:
            return
    _run(json.loads(request[0]), request[1])


def _modules_of_commands() -> list[str]:
    return [f"cli.{name}" for name in import_module("cli").GROUPS]


def _run(command: dict[str, Any], files: list[int]) -> None:
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(command["environment"])
    sys.argv = ["flask", *command["arguments"]]
    flask.cli.main()


if __name__ == "__main__":
    main()
