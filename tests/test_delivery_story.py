"""Ledger and handler against a model: whatever is late, twice, lost or dead, the inbox ends as it should.

Hypothesis tells the stories.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from ledgers import name_categories
from secrets_of_tests import API_KEY
from story import Story

from ledger import dialect
from sandbox import Sandbox

if TYPE_CHECKING:
    from random import Random

    from ledger import Ledger

REPLIES = (Story.write_and_arrive, Story.write_and_arrive, Story.write_and_arrive, Story.write, Story.arrive)
CALLS = (Story.claim, Story.claim, Story.claim, Story.send, Story.send, Story.answer, Story.answer, Story.deliver)
TROUBLE = (Story.land, Story.lose_the_answer, Story.die, Story.wait, Story.wait, Story.arrive_again)
PEOPLE = (Story.take_back, Story.decide_anew)
ACTIONS = (*REPLIES, *CALLS, *TROUBLE, *PEOPLE)


@pytest.mark.parametrize("part", range(3))
def test_the_inbox_ends_as_the_newest_replies_ask_for(ledger: Ledger, database_url: str, part: int) -> None:
    name_categories(ledger)
    engine = dialect.open_engine(database_url)
    with Sandbox(api_keys=(API_KEY,), limits=()) as smartlead:

        @seed(part)
        @settings(max_examples=60, deadline=None, database=None)
        @given(st.randoms(use_true_random=True))
        def tell(chance: Random) -> None:
            """Drawn evenly: a search that prefers simple stories tells hardly one in which much goes wrong."""
            story = Story(ledger, smartlead, engine)
            for act in chance.choices(ACTIONS, k=chance.randint(10, 40)):
                act(story, chance.randrange(24))
                story.check()
            story.end()

        tell()
    engine.dispose()
