"""What is kept beside a body holds no secret of ours, and two leads stay two."""

from __future__ import annotations

from secrets_of_tests import TOKEN

from ledger import Arrival
from model import CategoryChange, Check, Decision, Mark, Step
from webhooks.scrubbing import clean_arrival


def arrival(lead: str, words: str) -> Arrival:
    checks = (Check("reply contains", "reply", 1, "holds", words=words, note=words),)
    return Arrival(
        account="default",
        source="smartlead",
        key="a-key",
        bucket="accepted",
        reason=words,
        sender=lead,
        words=words,
        lead=lead,
        campaign_id=lead,
        campaign=lead,
        mailbox=lead,
        decision=Decision(Mark.LEAVE, None, (Step("A rule", 1, "matched", Mark.LEAVE, checks),)),
        category_change=CategoryChange(lead=lead, campaign_id=lead, category=words),
    )


def test_our_secrets_go_from_every_text() -> None:
    kept = clean_arrival(arrival(f"{TOKEN}@x.example", f"see {TOKEN}"), [TOKEN])
    assert TOKEN not in repr(kept)


def test_what_only_looks_like_a_secret_goes_from_texts_and_stays_in_names() -> None:
    one, two = (clean_arrival(arrival(f"token={name}@x.example", f"token={name}"), [TOKEN]) for name in ("ann", "ben"))
    for name in ("lead", "sender", "mailbox", "campaign_id", "campaign"):
        assert (getattr(one, name), getattr(two, name)) == ("token=ann@x.example", "token=ben@x.example"), name
    assert one.words == two.words == one.reason == "token=[redacted]"
    assert (one.category_change, one.decision) != (two.category_change, None)
    assert one.decision == two.decision
