"""What our own settings and ledger tell: whether replies can be taken, decided and delivered, and which were."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from cli.doctor.finding import DAY, Finding, count, lasting, ok, problem, warning
from ledger import SILENT_SECONDS, State, digest_of
from rules.engine import load
from rules.file import read_file, text_of
from webhooks.refusals import OTHER_ACCOUNT, SMARTLEADS_KEY, WRONG_SECRET, WRONG_SIGNATURE, WRONG_TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from config import Settings
    from ledger import EventRow, Ledger, Refusal, RuleVersion
    from rules.engine import RuleSet

QUIET = 7 * DAY  # a week without a reply is worth a look
MANY = 1000
START_WORKER = "Start one: flask worker run (with WORKER=inline the web process delivers)."
SHOW = "flask inbox show"
RIGHT_URL = "give that sender the URL at the end of this report"
MISTAKES = {WRONG_TOKEN, OTHER_ACCOUNT, SMARTLEADS_KEY, WRONG_SECRET, WRONG_SIGNATURE}


def examine_settings(settings: Settings) -> list[Finding]:
    """Every setting that can not be used, or a word on the mode."""
    if settings.problems:
        return [
            problem("settings", sentence, "Mend it in the environment or in .env.") for sentence in settings.problems
        ]
    if settings.sandbox:
        found = "This is the sandbox: nothing leaves this machine, and there is no account to examine."
        mend = "For real use set SMARTLEAD_API_KEY and WEBHOOK_TOKENS; to try it, see the end of this report."
        return [warning("settings", found, mend)]
    if settings.dry_run:
        found = "DRY_RUN is on: replies are decided and recorded, and nothing is marked, not even later."
        return [warning("settings", found, "Unset DRY_RUN when you trust the decisions.")]
    return [ok("settings", "Every setting can be used; this is real mode.")]


def examine_ledger(ledger: Ledger) -> list[Finding]:
    """Whether events can be recorded."""
    mend = "Run `flask ledger migrate`, and check DATABASE_URL."
    problems = [problem("ledger", sentence, mend) for sentence in ledger.problems()]
    return problems or [ok("ledger", "The ledger can be reached, and its tables are those of this version.")]


def live_ruleset(version: RuleVersion | None) -> RuleSet | None:
    """The rules of this version, as far as this program can read them."""
    return load(version.content).ruleset if version else None


def examine_rules(version: RuleVersion | None, ruleset: RuleSet | None, settings: Settings) -> Finding:
    """Whether rules are live, and whether they are those of the file."""
    publish = "Run `flask rules publish`."
    if version is None:
        return problem("rules", "There are no live rules, so webhooks are turned away with 503.", publish)
    if ruleset is None:
        return problem("rules", f"Version {version.id} is live, and this program can not read it.", publish)
    try:
        same = digest_of(text_of(read_file(settings.rules_file))) == version.digest
    except OSError:
        found = f"Version {version.id} is live, but {settings.rules_file} can not be read."
        return warning("rules", found, "Check RULES_FILE.")
    if same:
        return ok("rules", f"Version {version.id} is live, and is what {settings.rules_file} says.")
    found = f"Version {version.id} is live, and {settings.rules_file} says something else."
    return warning(
        "rules", found, "Compare them with `flask rules diff`; then run `flask rules publish` or mend the file."
    )


def examine_worker(ledger: Ledger) -> list[Finding]:
    """Whether somebody delivers, and what became of that."""
    silence = ledger.worker_silence()
    if silence is None:
        found = [problem("worker", "No worker has ever been seen, so nothing is marked.", START_WORKER)]
    elif silence > SILENT_SECONDS:
        found = [problem("worker", f"No worker has been seen for {lasting(silence)}.", START_WORKER)]
    else:
        found = [ok("worker", f"A worker was seen {lasting(silence)} ago.")]
    for name, why in ledger.held_accounts().items():
        sentence = f"Calls are held back: {why.rstrip('.')}."
        held = warning("worker", sentence, "They go on by themselves when the cause is gone.")
        found.append(replace(held, account=name))
    if failed := len(ledger.recent_deliveries(State.FAILED, MANY)):
        mend = "See why with `flask deliveries list --state failed`, then `flask deliveries redo --failed`."
        found.append(warning("worker", f"{count(failed, 'delivery', 'deliveries')} failed for good.", mend))
    return found


def newest_replies(ledger: Ledger, limit: int) -> list[EventRow]:
    """The replies that came last, those without a conversation's id too."""
    rows = [*ledger.recent_events("accepted", limit), *ledger.recent_events("parked", limit)]
    return sorted(rows, key=lambda row: row.received_at, reverse=True)[:limit]


def examine_arrivals(ledger: Ledger, now: float) -> Iterable[Finding]:
    """When the last reply came, and what could not be read or matched. `now`: seconds since 1970."""
    newest = next(iter(newest_replies(ledger, 1)), None)
    look = "Send a reply to one of your campaigns, then see what stands here under refused, webhooks and address."
    if newest is None:
        yield warning("replies", "No reply has come yet.", look)
    elif (age := now - newest.received_at) > QUIET:
        yield warning("replies", f"The last reply came {lasting(age)} ago.", look)
    else:
        yield ok("replies", f"The last reply came {lasting(age)} ago.")
    counts = ledger.buckets()
    if unread := counts.get("quarantined"):
        yield warning("replies", f"{count(unread, 'body', 'bodies')} could not be read.", f"See {SHOW} --quarantined.")
    if parked := counts.get("parked"):
        wait = "waits" if parked == 1 else "wait"
        yield warning(
            "replies", f"{count(parked, 'reply', 'replies')} {wait} for a conversation's id.", f"See {SHOW} --parked."
        )


def examine_refusals(refusals: Sequence[Refusal], last_reply: float | None, now: float) -> list[Finding]:
    """What was not let in during the last day; who shows something wrong is a sender of ours, and no stranger."""
    recent = [each for each in refusals if now - each.refused_at < DAY]
    if not recent:
        return [ok("refused", "Nothing was refused in the last day: what is missing was never sent here.")]
    mistaken = [each for each in recent if each.reason in MISTAKES]
    strange = [each for each in recent if each.reason not in MISTAKES]
    found = [_mistaken(mistaken, last_reply)] if mistaken else []
    if strange:
        mend = f"Scanners do that daily. If `{SHOW} --refused` shows a sender of yours, {RIGHT_URL}."
        found.append(warning("refused", f"{_refused(strange)}.", mend))
    return found


def _mistaken(refusals: Sequence[Refusal], last_reply: float | None) -> Finding:
    mend = f"See who with `{SHOW} --refused`; {RIGHT_URL}."
    if last_reply is not None and last_reply > max(each.refused_at for each in refusals):
        return warning("refused", f"{_refused(refusals)}; a reply was taken since.", mend)
    return problem("refused", f"{_refused(refusals)}, and no reply was taken since.", mend)


def _refused(refusals: Sequence[Refusal]) -> str:
    reasons = Counter(each.reason for each in refusals).most_common()
    told = ", ".join(f"{reason}: {times}" for reason, times in reasons)
    return f"In the last day {count(len(refusals), 'delivery was', 'deliveries were')} refused ({told})"


def delivering_webhooks(bodies: Iterable[str | None], most: int) -> list[int]:
    """The numbers of the webhooks by which replies came, as their bodies tell."""
    return list(dict.fromkeys(number for body in bodies if (number := _webhook_number(body))))[:most]


def _webhook_number(body: str | None) -> int | None:
    try:
        event = json.loads(body or "")
    except (ValueError, RecursionError):
        return None
    told = str(event.get("webhook_id") or event.get("webhookId") or "") if isinstance(event, dict) else ""
    return int(told) if told.isascii() and told.isdigit() and len(told) <= 18 else None
