"""What SmartLead's answers tell of the key, its rate, the clocks and the categories. Pure."""

from __future__ import annotations

import re
from difflib import get_close_matches
from email.utils import parsedate_to_datetime
from math import ceil
from typing import TYPE_CHECKING

from cli.doctor.asking import is_blocked
from cli.doctor.finding import Finding, lasting, listed, ok, problem, unknown, warning
from cli.doctor.names import shortened
from handlers.lookup import category_names
from model import CategoryNames
from rules.engine.matching.folding import fold
from rules.engine.ruleset import conditions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from config import Window
    from handlers.reading import Reading
    from rules.engine import RuleSet

CLOCKS_MAY_DIFFER = 60.0  # seconds
RATE_SPAN = 60.0  # seconds: SmartLead's guide says that its windows reset within a minute
SHORT_SPAN = 2.0  # one of its pages tells of ten requests in two seconds
LONGEST_RESET = 3600  # a larger number in x-ratelimit-reset is a time since 1970
KEY_PAGE = "SmartLead → Settings → API keys"


def examine_key(reading: Reading, variable: str = "SMARTLEAD_API_KEY") -> Finding:
    """Whether SmartLead takes the key, by its answer to the first call; `variable` is where the key is set."""
    told = f"{(reading.trouble or '').rstrip('.')}."
    if reading.trouble is None:
        return ok("key", f"SmartLead takes the key; it answered in {reading.seconds:.1f} seconds.")
    if is_blocked(reading):
        mend = "The key may be right: run this from another network, and ask SmartLead to let this server's address in."
    elif reading.status in {401, 403}:
        mend = f"Copy the key from {KEY_PAGE} into {variable}, and start web and worker again."
    elif reading.status == 429:
        return warning("key", told, "Wait a minute and run this again; if it stays, other tools use the key up.")
    elif reading.status is None or reading.status < 500:
        mend = "Check SMARTLEAD_BASE_URL, and whether this machine may call out (DNS, firewall, proxy)."
    else:
        return warning("key", told, "See status.smartlead.ai, and run this again later.")
    return problem("key", told, mend)


def examine_rate(reading: Reading, windows: Sequence[Window], now: float) -> Finding:
    """Whether our windows allow more than SmartLead says that it does. `now`: seconds since 1970."""
    ours = " ".join(map(_worded, windows))
    told = reading.rate.limit if reading.rate else None
    if not told:
        found = f"SmartLead's answer tells no rate limit; ours is {ours}."
        return unknown("rate", found, "Compare SMARTLEAD_RATE_LIMITS with your plan's limits.")
    span = _span(reading.rate.reset if reading.rate else None, now)
    allowed = min(window.limit * ceil(span / window.seconds) for window in windows)
    if allowed <= told:
        return ok("rate", f"SmartLead allows {told} requests at a time; ours ({ours}) keep to it.")
    found = f"SmartLead allows {told} requests in about {lasting(span)}, ours ({ours}) up to {allowed}."
    return warning("rate", found, "Lower SMARTLEAD_RATE_LIMITS, or raise RATE_RESERVE.")


def _worded(window: Window) -> str:
    """As in SMARTLEAD_RATE_LIMITS."""
    unit, length = next(
        (unit, length) for unit, length in (("h", 3600.0), ("m", 60.0), ("s", 1.0)) if window.seconds % length == 0
    )
    return f"{window.limit}/{window.seconds / length:g}{unit}"


def _span(reset: str | None, now: float) -> float:
    """How long SmartLead's window probably is: only what is nearly over may be a short one."""
    if reset is None or not re.fullmatch(r"\d{1,13}", reset.strip(), re.ASCII):
        return RATE_SPAN
    moment = int(reset)
    if moment > LONGEST_RESET:
        moment = round(moment / 1000 if moment > 1e11 else moment) - round(now)
    return max(moment, 1) if moment <= SHORT_SPAN else RATE_SPAN


def examine_clock(reading: Reading, now: float) -> Finding:
    """Whether this machine's time (seconds since 1970, at the answer) is SmartLead's."""
    try:
        ahead = now - parsedate_to_datetime(reading.headers.get("date", "")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return unknown("clock", "SmartLead's answer tells no time.", "Compare `date -u` with a clock you trust.")
    return compare_clocks("This machine's clock", ahead, "SmartLead's")


def compare_clocks(whose: str, ahead: float, other: str) -> Finding:
    """Whether two clocks agree; `ahead` is in seconds."""
    if abs(ahead) <= CLOCKS_MAY_DIFFER:
        return ok("clock", f"{whose} and {other} agree.")
    found = f"{whose} is {lasting(abs(ahead))} {'ahead of' if ahead > 0 else 'behind'} {other}."
    return warning(
        "clock", found, "Keep time by NTP on both sides (timedatectl set-ntp true): replies are put in order by it."
    )


def categories_in_rules(ruleset: RuleSet) -> dict[str, str]:
    """Every category that a rule tests as a whole name, and the first such rule's name."""
    told: dict[str, str] = {}
    for rule in ruleset.rules:
        for condition in conditions(rule.when):
            if condition.field.name == "category" and condition.test.name in {"is", "is not"}:
                for text in condition.texts:
                    told.setdefault(text.text, rule.name)
    return told


def tests_categories(ruleset: RuleSet) -> bool:
    """Whether any rule asks for the category."""
    return any(condition.field.name == "category" for rule in ruleset.rules for condition in conditions(rule.when))


def examine_categories(reading: Reading, wanted: Mapping[str, str]) -> list[Finding]:
    """The account's categories, and those that rules name and the account has not."""
    answer = category_names(reading.value) if reading.trouble is None else None
    if not isinstance(answer, CategoryNames):
        found = "SmartLead's categories could not be read, so none in the rules was checked."
        return [unknown("categories", found, "Run this again later; meanwhile numbers of categories have no names.")]
    names = list(dict.fromkeys(answer.names.values()))
    known = ok("categories", f"The account has {len(names)} categories: {listed(names, 30)}.")
    return [known, *(_missing(name, rule, names) for name, rule in _unknown_to(names, wanted))]


def _unknown_to(names: Iterable[str], wanted: Mapping[str, str]) -> list[tuple[str, str]]:
    known = {_compared(name) for name in names}
    return [(name, rule) for name, rule in wanted.items() if _compared(name) not in known]


def _missing(name: str, rule: str, names: list[str]) -> Finding:
    close = get_close_matches(_compared(name), [_compared(each) for each in names], n=1, cutoff=0.6)
    meant = next((each for each in names if close and _compared(each) == close[0]), None)
    mend = f'Write "{meant}" in the rules' if meant else "Write one of the names above in the rules"
    found = f'Rule "{rule}" asks for the category "{name}", which the account does not have.'
    return warning("categories", found, f"{mend}, or give the account a category of this name.")


def _compared(name: str) -> str:
    return fold(shortened(name)).rstrip(".!?")
