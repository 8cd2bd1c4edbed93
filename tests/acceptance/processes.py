"""Real processes of a test: each in a group of its own, its output in a file, none left when the test ends."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING, TypeVar

import pytest
from ports import Port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

T = TypeVar("T")
SHORTEST_PAUSE, LONGEST_PAUSE = 0.02, 0.25  # seconds between two looks
LAST_LINES = 60  # of each process, shown when a test fails


def until(found: Callable[[], T], what: str, seconds: float = 30.0) -> T:
    """What `found` says once it is true of it; the test fails if that takes longer than `seconds`."""
    end, pause = time.monotonic() + seconds, SHORTEST_PAUSE
    while not (value := found()):
        if time.monotonic() > end:
            pytest.fail(f"not within {seconds:g} seconds: {what}")
        time.sleep(pause)
        pause = min(pause * 1.2, LONGEST_PAUSE)
    return value


class Process:
    """A shell command that runs beside the test, with everything that it starts."""

    def __init__(self, command: str, folder: Path, environment: Mapping[str, str], output: Path) -> None:
        self.name = output.stem
        self._output = output
        with output.open("wb") as written:
            self._popen = subprocess.Popen(
                ["sh", "-c", command],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        """All that it wrote so far."""
        return self._output.read_text("utf-8", "replace")

    @property
    def last_lines(self) -> str:
        """The end of its output, for a person who asks what went wrong."""
        return "\n".join(self.output.splitlines()[-LAST_LINES:])

    @property
    def runs(self) -> bool:
        """Whether it has not ended yet."""
        return self._popen.poll() is None

    def says(self, words: str) -> None:
        """Wait until it has written these words."""
        until(lambda: words in self.output or not self.runs, f"“{words}” from {self.name}")
        assert words in self.output, f"{self.name} ended without “{words}”:\n{self.last_lines}"

    def terminate(self) -> None:
        """SIGTERM, as a supervisor sends it: to the process that the line started, not to its children."""
        self._popen.send_signal(signal.SIGTERM)

    def exit_code(self, seconds: float = 40.0) -> int:
        """Wait for its end."""
        until(lambda: not self.runs, f"the end of {self.name}", seconds)
        return self._popen.wait()

    def freeze(self) -> None:
        """SIGSTOP of the whole group: it stands still, and keeps its connections."""
        os.killpg(self._popen.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT: it goes on as if no time had passed."""
        os.killpg(self._popen.pid, signal.SIGCONT)

    @property
    def pid(self) -> int:
        """Of the process that the line started, and of its group."""
        return self._popen.pid

    def innermost(self) -> int:
        """The process that is nobody's parent: of web, with one web process, the backend."""
        child_of = {parent: child for child, parent in _parents().items()}
        found = self.pid
        while found in child_of:
            found = child_of[found]
        return found

    def parent_of(self, process: int) -> int:
        """Who started this one."""
        return _parents()[process]

    def kill(self) -> None:
        """`kill -9` of the whole group."""
        if self.runs:
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()


def _parents() -> dict[int, int]:
    """Of every process of this machine: its id -> that of its parent."""
    shown = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], check=True, capture_output=True, text=True).stdout
    return {int(process): int(parent) for process, parent in map(str.split, shown.splitlines())}


class Processes:
    """The processes of one test, in the order of their start."""

    def __init__(self, outputs: Path) -> None:
        outputs.mkdir()
        self._outputs = outputs
        self._all: list[Process] = []
        self._ports: list[Port] = []

    def __iter__(self) -> Iterator[Process]:
        return iter(self._all)

    def start(self, name: str, command: str, folder: Path, environment: Mapping[str, str]) -> Process:
        """Start one; its output goes to a file of this name and number."""
        output = self._outputs / f"{len(self._all) + 1:02}-{name}.log"
        process = Process(command, folder, environment, output)
        self._all.append(process)
        return process

    def own_port(self) -> int:
        """A port for one of these to listen on, kept free for it as long as the test runs."""
        self._ports.append(Port())
        return self._ports[-1].number

    def end(self) -> None:
        """Kill all that still run, the youngest first."""
        for process in reversed(self._all):
            process.kill()
        for port in self._ports:
            port.close()
