"""What the webhooks mean for the replies: which of them reach us, and what is in the way of the others. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.doctor.addresses import host_of
from cli.doctor.finding import Finding, count, listed, ok, problem, unknown, warning

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cli.doctor.addresses import Home
    from cli.doctor.subscriptions import Campaign, Subscription

WHERE = "SmartLead → Settings → Webhooks"
PASTE = "Paste the URL at the end of this report"


@dataclass(frozen=True, slots=True)
class Seen:
    """What could be read of the webhooks."""

    campaigns: Sequence[Campaign]  # whose lists were read
    unread: int | None  # further campaigns; None if it is not known which there are
    of_campaigns: Sequence[Subscription]
    by_number: Sequence[Subscription]  # those that were asked for by number
    unknown_numbers: Sequence[int] = ()  # asked for, and not shown
    trouble: str | None = None  # why SmartLead was asked no further


def examine_webhooks(seen: Seen, home: Home, *, with_categories: bool) -> list[Finding]:
    """Everything to be said of them. `with_categories`: whether a rule asks for the category."""
    listed_ids = {each.id for each in seen.of_campaigns}
    every = (*seen.of_campaigns, *(each for each in seen.by_number if each.id not in listed_ids))
    ours = [each for each in every if home.is_here(each.address)]
    findings = [flaw for each in ours for flaw in _flaws(each, home)]
    findings += _old_tokens(ours, home)
    findings += _silent_events(ours, with_categories=with_categories)
    findings += _campaigns(seen, home)
    findings += _overriding(seen.by_number, home)
    findings += _not_shown(seen)
    return findings


def _flaws(webhook: Subscription, home: Home) -> Iterable[Finding]:
    name = named(webhook)
    if webhook.active is False:
        yield problem("webhooks", f"{name} leads here, but is switched off.", f"Switch it on in {WHERE}.")
    if flaw := home.flaw(webhook.address):
        yield problem("webhooks", f"The address of {name} {flaw}.", f"{PASTE} into it.")
    if webhook.address.startswith("http://") and not home.is_plain:
        found = f"The address of {name} is plain http, so anybody on the way can read its token."
        yield warning("webhooks", found, f"{PASTE} into it: that is https.")
    if webhook.is_outdated:
        found = f"{name} asks for replies as {listed(webhook.events)}, a name that SmartLead has given up."
        yield warning("webhooks", found, f'Open it in {WHERE} and choose "Email Reply" (EMAIL_REPLY) again.')


def _old_tokens(ours: Sequence[Subscription], home: Home) -> Iterable[Finding]:
    if old := [named(each) for each in ours if home.shows_old_token(each.address)]:
        found = f"Of the webhooks that lead here {count(len(old), 'shows', 'show')} a token that is not the first of"
        mend = f"{PASTE} into each before you take the old token away."
        yield warning("webhooks", f"{found} {home.tokens_variable}: {listed(old)}.", mend)


def _silent_events(ours: Sequence[Subscription], *, with_categories: bool) -> Iterable[Finding]:
    if ours and not any(each.tells_replies for each in ours):
        found = f"{count(len(ours), 'webhook')} of those that could be read lead here, but none is told of replies."
        yield problem("webhooks", found, f'Choose "Email Reply" (EMAIL_REPLY) in {WHERE}.')
    if ours and with_categories and not any(each.tells_categories for each in ours):
        found = "Rules ask for the category, but no webhook that leads here is told when it changes."
        yield warning("webhooks", found, f'Choose "Lead Category Updated" (LEAD_CATEGORY_UPDATED), too, in {WHERE}.')


def _campaigns(seen: Seen, home: Home) -> Iterable[Finding]:
    """Whose replies reach us by a webhook of the campaign, whose go elsewhere, and of whom nothing can be told."""
    telling = [each for each in seen.of_campaigns if each.tells_replies and each.active is not False]
    here = {each.campaign_id for each in telling if home.is_here(each.address)}
    hosts = {each.campaign_id: host_of(each.address) for each in telling if each.campaign_id not in here}
    if reached := [each for each in seen.campaigns if each.id in here]:
        yield ok("webhooks", f"Replies are sent here by {_names(reached)}.")
    for host in dict.fromkeys(hosts.values()):
        others = [each for each in seen.campaigns if hosts.get(each.id) == host]
        found = f"Replies are sent to {host}, and not here, by {_names(others)}."
        mend = "If that is the relay that passes them on (Zapier, n8n …), all is well; else add a webhook of ours."
        yield warning("webhooks", found, mend)
    rest = [each for each in seen.campaigns if each.id not in here and each.id not in hosts]
    if rest and not any(home.is_here(each.address) for each in _of_account(seen.by_number)):
        found = f"There is no webhook for replies in {_names(rest)}."
        mend = f"Their replies come only by a webhook of the account or of a client: look in {WHERE}."
        yield unknown("webhooks", found, mend)


def _not_shown(seen: Seen) -> Iterable[Finding]:
    if seen.trouble:
        yield unknown("webhooks", f"SmartLead was asked no further: {seen.trouble}.", "Run this again in a while.")
    elif seen.unread is None:
        yield unknown("webhooks", "SmartLead's list of campaigns could not be read.", "Run this again later.")
    elif seen.unread:
        found = f"The webhooks of {count(seen.unread, 'further campaign')} were not looked at."
        yield unknown("webhooks", found, "Look at more with --campaigns N.")
    for number in seen.unknown_numbers:
        yield unknown("webhooks", f"SmartLead shows no webhook {number}.", f"Look for its number in {WHERE}.")


def _overriding(by_number: Sequence[Subscription], home: Home) -> Iterable[Finding]:
    """A webhook of the account silently takes the place of those of clients and campaigns for the same event."""
    of_account = _of_account(by_number)
    for each in of_account:
        if home.is_here(each.address):
            found = f"{named(each)} is of the whole account and leads here: it stands for those of all campaigns."
            yield ok("override", found)
        else:
            found = f"{named(each)} is of the whole account and sends replies to {host_of(each.address)}:"
            mend = f"Unless that passes them on to us, change its address in {WHERE}, or delete it."
            yield problem("override", f"{found} no webhook of a client or campaign gets any.", mend)
    if not of_account:
        found = (
            "SmartLead has no list of the account's own webhooks, and one for replies silently takes the place of"
            " those of clients and campaigns."
        )
        mend = f"Look in {WHERE} for one on Email Reply that does not lead here; or name it with --webhook NUMBER."
        yield unknown("override", found, mend)


def _of_account(by_number: Sequence[Subscription]) -> list[Subscription]:
    return [each for each in by_number if each.level == "account" and each.tells_replies]


def _names(campaigns: Sequence[Campaign]) -> str:
    quoted = [f'"{each.name}"' for each in campaigns]
    return f"{count(len(quoted), 'campaign')}: {listed(quoted)}"


def named(webhook: Subscription) -> str:
    """A webhook as sentences name it."""
    number = f" {webhook.id}" if webhook.id else ""
    return f'Webhook{number} "{webhook.name}"' if webhook.name else f"Webhook{number}"
