"""What the live rules make of one reply, so that a mistake of ours neither loses the reply nor hides it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from model import Decision, Mark, Reply
from rules.engine import decide_facts, facts_of
from rules.engine.facts import with_kind

if TYPE_CHECKING:
    from rulebook import Live

log = logging.getLogger(__name__)

NOT_DECIDED = "The rules could not be tried on this reply, so it is left as it is; the log has more."


@dataclass(frozen=True, slots=True)
class Judgement:
    """A decision, the words it was made on, and a sentence if the rules could not be tried."""

    decision: Decision
    words: str | None = None
    reason: str | None = None


def make_ready() -> None:
    """Have the engine read the lists of its signs: the first replies, many at once, would each read them anew."""
    with_kind(facts_of(Reply(subject="Re: dock", sender="ana@lead.example", text="Thanks, not now.")))


def judge(live: Live, reply: Reply, received_at: float) -> Judgement:
    """Decide by the live rules, on the day (UTC) of the reply's arrival in seconds since 1970. Never raises."""
    try:
        facts = facts_of(reply, whole=live.ruleset.asks_for("whole message"))
        decided = decide_facts(live.ruleset, facts, on=datetime.fromtimestamp(received_at, UTC).date())
    except Exception:
        log.exception("not_decided version=%s", live.version)
        return Judgement(Decision(Mark.LEAVE, None, (), live.version), reason=NOT_DECIDED)
    decision = Decision(decided.mark, decided.rule, decided.steps, live.version)
    return Judgement(decision, facts.reply or facts.whole_message)
