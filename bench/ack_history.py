"""A long history for a ledger, written by SQL alone: replies of as many conversations, nearly all of them settled."""

from __future__ import annotations

import sqlite3
from typing import Final

import psycopg

CAMPAIGNS: Final = 40
EVENTS_OF_ONE: Final = 2  # replies of one conversation
FIRST: Final = 1_000_000_000  # conversations' ids, below those of bench.ack_requests

# What the two databases say in their own words, of a number n.
_SQLITE: Final = {
    "numbers": "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})",
    "digest": "lower(hex(randomblob(32)))",
    "body": "randomblob(700)",
    "now": "((julianday('now') - 2440587.5) * 86400.0)",
    "yes": "1",
    "no": "0",
}
_POSTGRES: Final = {
    "numbers": "WITH numbers(n) AS (SELECT generate_series(1, {count}))",
    "digest": "md5(random()::text) || md5(random()::text)",
    "body": "decode(repeat(md5(random()::text), 44), 'hex')",
    "now": "CAST(extract(epoch from clock_timestamp()) AS double precision)",
    "yes": "true",
    "no": "false",
}
# Each reply arrived 5 s after the one before it; of a hundred wishes one failed.
_HISTORY: Final = (
    """
    INSERT INTO events (account, source, key, bucket, email_lead_map_id, written_at, received_at, sender, words, body,
                        lead, campaign_id, campaign, message_key, words_key, writer)
    {numbers}
    SELECT 'default', 'smartlead', {digest}, 'accepted', {first} + n / {each}, {now} - 5.0 * ({count} - n),
           {now} - 5.0 * ({count} - n), 'ana' || (n / {each}) || '@lead.example', 'Thanks, but we are not interested.',
           {body}, 'ana' || (n / {each}) || '@lead.example', '' || (880000 + n / {each} % {campaigns}), 'Ops leaders',
           {digest}, {digest}, 'ana' || (n / {each}) || '@lead.example'
    FROM numbers
    """,
    """
    INSERT INTO decisions (event_id, revision, mark, rule, version, steps, decided_at, dry_run)
    SELECT id, 1, 'read', 'Not interested', (SELECT max(id) FROM rule_versions), '[]', received_at, {no} FROM events
    """,
    """
    INSERT INTO conversations (account, lead, campaign_id, campaign, email_lead_map_id, taught_at)
    SELECT account, lead, campaign_id, '', email_lead_map_id, max(written_at) FROM events
    GROUP BY account, lead, campaign_id, email_lead_map_id
    """,
    """
    INSERT INTO slots (account, email_lead_map_id, generation, state, wanted, event_id, rule, wanted_at, attempts,
                       reply_at, reply_event, reply_mark, reply_dated, ordered, confirmed)
    SELECT account, email_lead_map_id, 1, CASE WHEN email_lead_map_id % 100 = 0 THEN 'failed' ELSE 'settled' END,
           'read', max(id), 'Not interested', max(received_at), 1, max(written_at), max(id), 'read', {yes}, {no}, 'read'
    FROM events GROUP BY account, email_lead_map_id
    """,
    """
    INSERT INTO kept_categories (account, email_lead_map_id, lead, campaign_id, category, category_at)
    SELECT account, email_lead_map_id, lead, campaign_id, 'Not Interested', taught_at FROM conversations
    """,
    "ANALYZE",
)


def write_history(url: str, count: int) -> None:
    """Write so many replies, and what came of them, into a ledger that has its tables and rules and nothing else."""
    words = _SQLITE if url.startswith("sqlite") else _POSTGRES
    numbers = {"count": count, "first": FIRST, "each": EVENTS_OF_ONE, "campaigns": CAMPAIGNS}
    told = {name: text.format(**numbers) for name, text in words.items()}
    statements = [statement.format(**told, **numbers) for statement in _HISTORY]
    if url.startswith("sqlite"):
        _write_sqlite(url.removeprefix("sqlite:///"), statements)
    else:
        _write_postgres(url, statements)


def _write_sqlite(path: str, statements: list[str]) -> None:
    connection = sqlite3.connect(path)
    with connection:
        for statement in statements[:-1]:  # a ledger on SQLite is never analyzed by anybody
            connection.execute(statement)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _write_postgres(url: str, statements: list[str]) -> None:
    with psycopg.connect(url) as connection:  # its server analyzes by itself, minutes later
        for statement in statements:
            connection.execute(statement.encode())
