"""How a command that changes much goes about it: by what `--dry-run`, `--yes` and `--json` say."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import click


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """Whether to act, to ask before, and to tell like a person."""

    dry_run: bool = False
    yes: bool = False
    as_json: bool = False

    def confirm(self, question: str) -> None:
        """Ask, where somebody can answer; the command ends if the answer is no."""
        if not (self.yes or self.as_json) and sys.stdin.isatty():
            click.confirm(question, abort=True)
