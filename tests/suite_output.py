"""A pytest plugin that keeps what every test printed and logged, for the test that looks for secrets in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

OUTPUTS = pytest.StashKey[list[tuple[str, str]]]()
LAST = "test_zz_secrets.py"


def pytest_configure(config: pytest.Config) -> None:
    """Begin with nothing."""
    config.stash[OUTPUTS] = []


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The test that looks at everything comes after everything."""
    items.sort(key=lambda item: item.path.name == LAST)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep the captured output of each phase, of tests that passed, too."""
    report = yield
    item.config.stash[OUTPUTS] += [(f"{report.nodeid} {title}", text) for title, text in report.sections]
    return report
