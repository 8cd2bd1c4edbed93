"""The whole examination, from the settings to the public address: findings one by one, as they are made."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from cli.doctor import reach
from cli.doctor.account import (
    categories_in_rules,
    compare_clocks,
    examine_categories,
    examine_clock,
    examine_key,
    examine_rate,
    tests_categories,
)
from cli.doctor.addresses import Home
from cli.doctor.deliverers import Seen, examine_webhooks, named
from cli.doctor.finding import ok, problem, unknown, warning
from cli.doctor.installation import (
    delivering_webhooks,
    examine_arrivals,
    examine_ledger,
    examine_refusals,
    examine_rules,
    examine_settings,
    examine_worker,
    live_ruleset,
    newest_replies,
)
from cli.doctor.retirement import addresses_in, examine_base_url, examine_retired
from cli.doctor.subscriptions import read_campaign_webhooks, read_campaigns, read_webhook
from serving import user_agent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from cli.doctor.asking import Asker
    from cli.doctor.finding import Finding
    from cli.doctor.subscriptions import Campaign, Subscription
    from config import Settings
    from ledger import Ledger
    from rules.engine import RuleSet

CATEGORIES = "/leads/fetch-categories"
CAMPAIGNS = "/campaigns"
MOST_KNOWN = 3  # webhooks that replies came by
RECENT = 20  # replies of an account whose bodies are looked at
REFUSALS = 100  # the ledger keeps no more
AGAIN = "Mend what stands above, and run this again."


def examine(
    settings: Settings, ledger: Ledger, askers: Mapping[str, Asker], *, campaigns: int, webhooks: Sequence[int]
) -> Iterator[Finding]:
    """Everything. `askers`: who asks SmartLead, by the account that is to be examined; without any, none is.

    `campaigns`: how many of an account's to look at; `webhooks`: the numbers of some to look at.
    """
    yield from examine_settings(settings)
    if settings.problems:
        yield unknown("the rest", "Nothing else was examined.", AGAIN)
        return
    yield from (of_ledger := examine_ledger(ledger))
    broken = any(finding.mend for finding in of_ledger)
    ruleset: RuleSet | None = None
    if not broken:
        ruleset = live_ruleset(version := ledger.live_rules())
        yield examine_rules(version, ruleset, settings)
        yield from examine_worker(ledger)
        yield from _examine_what_came(ledger)
    if settings.sandbox:
        return
    yield from examine_base_url(settings.base_url)
    arrived = [] if broken else _look_at_arrived(ledger, RECENT * len(askers))
    homes = {one.name: Home(settings.public_url, one) for one in settings.accounts if one.name in askers}
    looks: list[Seen | None] = []
    for name, home in homes.items():
        known = delivering_webhooks([one.body for one in arrived if one.account == name], MOST_KNOWN)
        looking = _Looking(settings, home, askers[name], campaigns, list(dict.fromkeys([*webhooks, *known])))
        findings, seen = looking.examine(ruleset)
        looks.append(seen)
        yield from (replace(finding, account=name) for finding in findings)
    retired = [path for asker in askers.values() for path in asker.retired]
    yield from examine_retired(retired, _named_addresses(looks, arrived))
    for name, home in homes.items() if not broken else ():
        yield from (replace(finding, account=name) for finding in _try_address(settings, home, ledger))


@dataclass(frozen=True, slots=True)
class _Arrived:
    event_id: int
    account: str
    body: str | None


def _look_at_arrived(ledger: Ledger, limit: int) -> list[_Arrived]:
    """The newest replies, as they came."""
    rows = newest_replies(ledger, limit)
    return [_Arrived(row.event_id, row.account, ledger.body_of(row.event_id)) for row in rows]


def _examine_what_came(ledger: Ledger) -> Iterator[Finding]:
    now = time.time()
    yield from examine_arrivals(ledger, now)
    last = next((row.received_at for row in newest_replies(ledger, 1)), None)
    yield from examine_refusals(ledger.refusals(REFUSALS), last, now)


def _named_addresses(looks: Iterable[Seen | None], arrived: Iterable[_Arrived]) -> Iterator[tuple[str, str]]:
    """Who names an address, and the address."""
    for seen in looks:
        for webhook in (*seen.of_campaigns, *seen.by_number) if seen else ():
            yield named(webhook), webhook.address
    for one in arrived:
        yield from ((f"event {one.event_id}", address) for address in addresses_in(one.body))


@dataclass(frozen=True, slots=True)
class _Looking:
    """One account at SmartLead, and what is to be looked at of it."""

    settings: Settings
    home: Home
    asker: Asker
    campaigns: int
    webhooks: Sequence[int]

    def examine(self, ruleset: RuleSet | None) -> tuple[list[Finding], Seen | None]:
        """What is found, and the webhooks if they could be looked at."""
        findings = list(self._examine_key(ruleset))
        if self.asker.gave_up:
            return [*findings, unknown("webhooks", "SmartLead's webhooks could not be read.", AGAIN)], None
        seen = look_at_webhooks(self.asker, self.campaigns, self.webhooks)
        uses_categories = ruleset is not None and tests_categories(ruleset)
        return [*findings, *examine_webhooks(seen, self.home, with_categories=uses_categories)], seen

    def _examine_key(self, ruleset: RuleSet | None) -> Iterator[Finding]:
        reading = self.asker.ask(CATEGORIES, "the categories")
        if reading is None:
            return
        yield examine_key(reading, self.home.account.variable("SMARTLEAD_API_KEY"))
        if self.asker.gave_up:
            return
        yield examine_rate(reading, self.settings.windows, time.time())
        yield examine_clock(reading, time.time())
        yield from examine_categories(reading, categories_in_rules(ruleset) if ruleset else {})


def look_at_webhooks(asker: Asker, most: int, numbers: Sequence[int]) -> Seen:
    """The webhooks of the first campaigns, and those of these numbers."""
    answer = asker.ask(CAMPAIGNS, "the campaigns")
    readable = answer is not None and answer.trouble is None
    every = read_campaigns(answer.value) if answer and readable else []
    looked_at, found = look_at_campaigns(asker, every[:most])
    shown = look_at_numbers(asker, numbers)
    missing = [] if asker.gave_up else [number for number in numbers if number not in {each.id for each in shown}]
    trouble = asker.troubles[-1] if asker.gave_up else None
    return Seen(looked_at, len(every) - len(looked_at) if readable else None, found, shown, missing, trouble)


def look_at_campaigns(asker: Asker, campaigns: Sequence[Campaign]) -> tuple[list[Campaign], list[Subscription]]:
    """The campaigns whose webhooks SmartLead shows, and these webhooks."""
    shown: list[Campaign] = []
    found: list[Subscription] = []
    for at, campaign in enumerate(campaigns, start=1):
        answer = asker.ask(f"{CAMPAIGNS}/{campaign.id}/webhooks", f"campaign {at} of {len(campaigns)}")
        if answer and answer.trouble is None:
            shown.append(campaign)
            found += read_campaign_webhooks(answer.value, campaign)
    return shown, found


def look_at_numbers(asker: Asker, numbers: Sequence[int]) -> list[Subscription]:
    """The webhooks of these numbers, as far as SmartLead shows them."""
    answers = [asker.ask(f"/webhook/{number}", f"webhook {number}") for number in numbers]
    read = [read_webhook(answer.value) for answer in answers if answer and answer.trouble is None]
    return [webhook for webhook in read if webhook]


def _try_address(settings: Settings, home: Home, ledger: Ledger) -> Iterator[Finding]:
    """Whether a sender reaches this very installation by PUBLIC_URL."""
    if settings.public_url is None:
        yield reach.no_public_url()
        return
    if settings.public_url.startswith("http://"):
        found = "PUBLIC_URL is plain http, so anybody on the way can read the token."
        yield warning(reach.ABOUT, found, "Put TLS in front (Caddy, nginx), and set PUBLIC_URL to the https address.")
    nonce = uuid4().hex
    answer = reach.post_self_test(home, nonce, user_agent(settings))
    event = reach.judge(answer) if isinstance(answer, reach.Answered) else answer
    if not isinstance(event, int):
        yield event
    elif nonce not in (ledger.body_of(event) or ""):
        found = "A Replymark answers at PUBLIC_URL and takes our token, but the event is not in this ledger."
        yield problem(
            reach.ABOUT, found, "It is another installation: check DATABASE_URL here, or where PUBLIC_URL leads."
        )
    else:
        yield ok(reach.ABOUT, f"A test event, sent to {settings.public_url}, arrived here as event {event}.")
        yield from _compare_with_ledger(ledger, event)


def _compare_with_ledger(ledger: Ledger, event: int) -> Iterator[Finding]:
    received = next((row.received_at for row in ledger.recent_events("ignored", 20) if row.event_id == event), None)
    if received is not None:
        yield compare_clocks("This machine's clock", time.time() - received, "the ledger's")
