"""The account's conversations in the order of their last replies, with their mails, and whether each is read."""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from dataclasses import replace
from itertools import islice
from time import time as now
from typing import TYPE_CHECKING

from sandbox.conversation import LEAD_ID_OFFSET, SEEDED, Conversation
from sandbox.mails import Mail, first_mails, id_of_mail, reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Holds = Callable[[Conversation], bool]


class Order:
    """The ids of conversations, latest reply first; kept so, for to sort tens of thousands for each page is slow."""

    def __init__(self) -> None:
        self._keys: list[tuple[float, int]] = []

    def add(self, conversation: Conversation) -> None:
        """Put it where it belongs."""
        insort(self._keys, _key(conversation))

    def drop(self, conversation: Conversation) -> None:
        """Take it out, if it is here."""
        position = bisect_left(self._keys, _key(conversation))
        if self._keys[position : position + 1] == [_key(conversation)]:
            del self._keys[position]

    def ids(self, begin: int = 0, end: int | None = None) -> list[int]:
        """Those between two positions."""
        return [map_id for _, map_id in self._keys[begin:end]]


def _key(conversation: Conversation) -> tuple[float, int]:
    return -conversation.last_reply_time, conversation.map_id


class Inbox:
    """All conversations. In a strict inbox an unknown id stays unknown; else the first PATCH makes it."""

    def __init__(self, *, strict: bool = False) -> None:
        self._strict = strict
        self._lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Back to the invented conversations of the first minute, all unread."""
        with self._lock:
            self.clear()
            self.add(SEEDED)

    def clear(self) -> None:
        """Forget every conversation."""
        with self._lock:
            self._conversations: dict[int, Conversation] = {}
            self._mails: dict[int, list[Mail]] = {}
            self._every, self._unread = Order(), Order()

    def set_read(self, map_id: int, *, is_read: bool) -> bool:
        """Set the flag. False if there is no such conversation."""
        with self._lock:
            found = self._conversations.get(map_id)
            if found is None and self._strict:
                return False
            found = found or _unnamed(map_id)
            self._put(replace(found, is_read=is_read, patches=found.patches + 1))
            return True

    def add(self, conversations: Iterable[Conversation]) -> None:
        """Take them in, in the place of those with the same ids. Without a time their replies came now."""
        came = now()
        with self._lock:
            for each in conversations:
                self._put(replace(each, last_reply_time=each.last_reply_time or came))

    def set_category(self, map_id: int, category_id: int | None) -> tuple[Conversation, Conversation]:
        """Give it a category: the conversation before and after. ValueError if there is no such conversation."""
        with self._lock:
            before = self._known(map_id)
            return before, self._put(replace(before, category_id=category_id))

    def write_back(
        self, map_id: int, text: str = "One more thing.", *, time: float | None = None, message_id: str | None = None
    ) -> tuple[Conversation, Mail]:
        """Let its lead write: it is unread, and in the lists. ValueError if there is no such conversation."""
        with self._lock:
            before = self._known(map_id)
            mails = self._mails.setdefault(map_id, first_mails(before))
            its_id = message_id or id_of_mail(before, len(mails))
            mails.append(reply(before, text, now() if time is None else time, its_id))
            last = max(before.last_reply_time, mails[-1].time)
            return self._put(replace(before, last_reply_time=last, is_read=False, is_archived=False)), mails[-1]

    def archive_newest(self, count: int) -> None:
        """Take those with the latest replies out of the lists."""
        with self._lock:
            for map_id in self._every.ids(0, count):
                self._put(replace(self._conversations[map_id], is_archived=True))

    def mails(self, campaign_id: int, lead_id: int) -> tuple[Conversation, list[Mail]] | None:
        """A lead's conversation in a campaign with its mails, oldest first; None if there is none."""
        map_id = lead_id - LEAD_ID_OFFSET
        with self._lock:
            found = self._conversations.get(map_id)
            if found is None or found.campaign_id != campaign_id:
                return None
            return found, list(self._mails.get(map_id) or first_mails(found))

    def find(self, holds: Holds) -> list[Conversation]:
        """The conversations for which `holds`, in the lists or not."""
        with self._lock:
            return [each for each in self._conversations.values() if holds(each)]

    def listed(self, begin: int, end: int, filters: Sequence[Holds], *, unread: bool) -> list[Conversation]:
        """Those between two positions of the list of all that every filter lets in, latest reply first."""
        with self._lock:
            if filters:
                return list(islice(self._let_in(filters, unread=unread), begin, end))
            return [self._conversations[map_id] for map_id in self._order(unread=unread).ids(begin, end)]

    def count(self, filters: Sequence[Holds], *, unread: bool) -> int:
        """How many these are."""
        with self._lock:
            return sum(1 for _ in self._let_in(filters, unread=unread))

    def _order(self, *, unread: bool) -> Order:
        return self._unread if unread else self._every

    def _let_in(self, filters: Sequence[Holds], *, unread: bool) -> Iterator[Conversation]:
        found: Iterator[Conversation] = map(self._conversations.__getitem__, self._order(unread=unread).ids())
        for holds in filters:
            found = filter(holds, found)
        return found

    def _known(self, map_id: int) -> Conversation:
        found = self._conversations.get(map_id)
        if found is None:
            raise ValueError(f"there is no conversation {map_id}")
        return found

    def _put(self, conversation: Conversation) -> Conversation:
        if before := self._conversations.get(conversation.map_id):
            self._every.drop(before)
            self._unread.drop(before)
        self._conversations[conversation.map_id] = conversation
        if not conversation.is_archived:
            self._every.add(conversation)
            if not conversation.is_read:
                self._unread.add(conversation)
        return conversation


def _unnamed(map_id: int) -> Conversation:
    return Conversation(map_id, "Lead", str(map_id), f"lead-{map_id}@unknown.example", last_reply_time=now())
