"""A pytest plugin: a run fails if a secret of the tests stands in what a test printed, or in a file that it left.

It looks in the process that every report and every temporary folder comes to, also from the workers of `pytest -n`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import leaks
import pytest

if TYPE_CHECKING:
    from pathlib import Path


def pytest_configure(config: pytest.Config) -> None:
    """Watch, unless this is a worker: its reports and its files are looked through where they come together."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(LeakWatch())


class LeakWatch:
    """Where secrets were found, in this run."""

    def __init__(self) -> None:
        self._found: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Look through what was printed and logged in this phase of a test, of one that passed, too."""
        self._found |= {f"{report.nodeid}, {title}" for title, text in report.sections if leaks.in_text(text)}

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Look through all files, and fail the run if anything leaked."""
        files: Path = session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # has no public name
        self._found |= {str(files / name) for name in leaks.in_folder(files)}
        if self._found:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where, not what."""
        if self._found:
            terminalreporter.section("secrets of the tests leaked into", red=True, bold=True)
            terminalreporter.write_line("\n".join(sorted(self._found)))
