"""The tables. Times are seconds since 1970 by the database's clock; texts of replies stand only in `events`.

A test compares these tables with what the migrations make, so the two can not drift apart.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData()
big_id = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite counts up only INTEGER keys by itself


def only_where(condition: str) -> dict[str, Any]:
    """What makes an index hold only such rows."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


meta = sa.Table(
    "meta",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

rule_versions = sa.Table(
    "rule_versions",
    metadata,
    sa.Column("id", big_id, primary_key=True),
    sa.Column("status", sa.Text, nullable=False),  # published | refused; the newest published one is live
    sa.Column("digest", sa.Text, nullable=False),  # SHA-256 of the content
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),  # file | command | console | rollback
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("problems", sa.Text, nullable=False, server_default=""),  # why it was refused
    sa.Column("created_at", sa.Double, nullable=False),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("id", big_id, primary_key=True),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),  # smartlead | zapier: the path it came by
    sa.Column("key", sa.Text, nullable=False),  # the same for every delivery of one reply
    sa.Column("bucket", sa.Text, nullable=False),  # accepted | duplicate | ignored | parked | quarantined
    sa.Column("reason", sa.Text),
    sa.Column("email_lead_map_id", sa.BigInteger),
    sa.Column("id_learned", sa.Boolean, nullable=False, server_default=sa.false()),  # others told that id
    sa.Column("lost_id", sa.BigInteger),  # the learned id that SmartLead did not know
    sa.Column("written_at", sa.Double),  # the reply's own time, if it told one
    sa.Column("received_at", sa.Double, nullable=False),
    sa.Column("repeats", sa.Integer, nullable=False, server_default="0"),  # deliveries after the first
    sa.Column("sender", sa.Text),
    sa.Column("words", sa.Text),  # the first words of the reply, for lists
    sa.Column("body", sa.LargeBinary),  # zlib of the redacted JSON; pruned before the row ever is
    sa.Column("lead", sa.Text),  # as `addresses.fold` makes it
    sa.Column("campaign_id", sa.Text),
    sa.Column("campaign", sa.Text),
    sa.Column("message_key", sa.Text),  # digest of the message id
    sa.Column("words_key", sa.Text),  # digest of the new words
    sa.Column("twin_of", sa.BigInteger),  # the event that told the same reply first; then this one is a duplicate
    sa.Column("category_id", sa.BigInteger),  # a category that has no known name yet
    sa.Column("category_at", sa.Double),  # when the category was given by which it was decided anew
    sa.Column("writer", sa.Text),  # address of who wrote it, as `addresses.fold` makes it; null: untold
    sa.UniqueConstraint("account", "key", name="events_once"),
    sa.Index("events_by_bucket", "bucket", "id"),
    sa.Index("events_by_conversation", "account", "email_lead_map_id"),
    sa.Index("events_by_lead", "account", "lead", **only_where("lead IS NOT NULL")),
    sa.Index("events_repeated", "id", **only_where("repeats > 0")),
    sa.Index("events_to_name", "account", "category_id", **only_where("category_id IS NOT NULL")),
)

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("event_id", sa.BigInteger, sa.ForeignKey("events.id"), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),  # 1, then higher when decided anew
    sa.Column("mark", sa.Text, nullable=False),
    sa.Column("rule", sa.Text),  # null: the default decided
    sa.Column("version", sa.BigInteger, sa.ForeignKey("rule_versions.id"), nullable=False),
    sa.Column("steps", sa.Text, nullable=False),  # JSON: the trace
    sa.Column("decided_at", sa.Double, nullable=False),
    sa.Column("dry_run", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("cause", sa.Text),  # why it was decided anew; null for the first
)

slots = sa.Table(
    "slots",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("email_lead_map_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("generation", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("state", sa.Text, nullable=False, server_default="idle"),  # see slot.State
    sa.Column("wanted", sa.Text),
    sa.Column("event_id", sa.BigInteger),  # of the reply that wanted it
    sa.Column("rule", sa.Text),
    sa.Column("wanted_at", sa.Double),
    sa.Column("due_at", sa.Double),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("reason", sa.Text),
    sa.Column("reply_at", sa.Double),  # own time of the newest reply, whatever was decided about it
    sa.Column("reply_event", sa.BigInteger),
    sa.Column("reply_mark", sa.Text),
    sa.Column("reply_dated", sa.Boolean, nullable=False, server_default=sa.true()),  # false: reply_at is an arrival
    sa.Column("ordered", sa.Boolean, nullable=False, server_default=sa.false()),  # by a person; until a reply arrives
    sa.Column("arrived_at", sa.Double),  # when the newest reply arrived
    sa.Column("knows_until", sa.Double),  # own time of the newest reply that who ordered could know
    sa.Column("confirmed", sa.Text),  # what SmartLead surely has; null: unknown
    sa.Column("settled_at", sa.Double),  # when that was confirmed
    sa.Column("looked_at", sa.Double),  # last reply's time by SmartLead's list, that a sweep looked into
    sa.Column("read_until", sa.Double),  # until then a `read` of ours may have landed, and no sure `unread` followed
    sa.Column("sending", sa.Text),  # the mark of the PATCH under the lease
    sa.Column("lease", sa.Text),
    sa.Column("lease_until", sa.Double),
    sa.Index("slots_due", "account", "wanted", "due_at", **only_where("state = 'pending'")),
    sa.Index("slots_leased", "account", "lease_until", **only_where("lease_until IS NOT NULL")),
    sa.Index("slots_by_state", "state", "wanted_at"),
)

walks = sa.Table(  # ways through SmartLead's lists: to mark what is chosen, or to sweep
    "walks",
    metadata,
    sa.Column("id", big_id, primary_key=True),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),  # mark | sweep
    sa.Column("selection", sa.Text, nullable=False),  # JSON
    sa.Column("mark", sa.Text),
    sa.Column("dry_run", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("began_at", sa.Double, nullable=False),
    sa.Column("walked_at", sa.Double),  # when the last page was read
    sa.Column("ended_at", sa.Double),
    sa.Column("place", sa.Text),  # JSON: where to go on
    sa.Column("pages", sa.Integer, nullable=False, server_default="0"),
    sa.Column("rows", sa.Integer, nullable=False, server_default="0"),
    sa.Column("lease", sa.Text),
    sa.Column("lease_until", sa.Double),
    sa.Index("walks_of_account", "account", "purpose", "id"),
)

walk_rows = sa.Table(  # conversations that a walk chose or found something about
    "walk_rows",
    metadata,
    sa.Column("walk_id", sa.BigInteger, sa.ForeignKey("walks.id"), primary_key=True),
    sa.Column("finding", sa.Text, primary_key=True),  # chosen | missed | healed | changed
    sa.Column("email_lead_map_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("mark", sa.Text),
    sa.Column("note", sa.Text),
    sa.Column("last_reply_at", sa.Double),
    sa.Column("seen_at", sa.Double),  # by the ledger's clock, before the list was asked for: an order's `asked_at`
    sa.Column("ordered_at", sa.Double),
)

conversations = sa.Table(  # what is known of a lead in a campaign, whether or not its id is
    "conversations",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("lead", sa.Text, primary_key=True),  # as `addresses.fold` makes it
    sa.Column("campaign_id", sa.Text, primary_key=True),  # empty: untold
    sa.Column("campaign", sa.Text, primary_key=True),  # its name, only where its id is untold
    sa.Column("email_lead_map_id", sa.BigInteger),  # only where campaign_id is told: others may mean several
    sa.Column("taught_at", sa.Double),  # own time of the event that told the id; or when it was looked up, or lost
    sa.Column("contradicted", sa.Boolean, nullable=False, server_default=sa.false()),  # events told different ids
    sa.Column("parked", sa.Boolean, nullable=False, server_default=sa.false()),  # replies wait for the id
    sa.Column("lookup_due_at", sa.Double),
    sa.Column("lookup_attempts", sa.Integer, nullable=False, server_default="0"),  # answers that did not have it
    sa.Column("lookup_troubles", sa.Integer, nullable=False, server_default="0"),  # calls in a row without an answer
    sa.Column("lookup_lease", sa.Text),
    sa.Column("lookup_lease_until", sa.Double),
    sa.Index("conversations_by_id", "account", "email_lead_map_id", **only_where("email_lead_map_id IS NOT NULL")),
    sa.Index("conversations_due", "account", "lookup_due_at", **only_where("lookup_due_at IS NOT NULL")),
)

kept_categories = sa.Table(  # the newest category of a conversation, by what it was told with
    "kept_categories",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("email_lead_map_id", sa.BigInteger, primary_key=True, autoincrement=False),  # 0: untold
    sa.Column("lead", sa.Text, primary_key=True),  # empty: untold
    sa.Column("campaign_id", sa.Text, primary_key=True),  # empty: untold
    sa.Column("category", sa.Text),  # without a number either: it was taken away
    sa.Column("category_id", sa.BigInteger),
    sa.Column("category_at", sa.Double),
    sa.Index("kept_categories_by_lead", "account", "lead"),
)

mailboxes = sa.Table(  # our own addresses, as replies told them
    "mailboxes",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("address", sa.Text, primary_key=True),  # lower case
    sa.Column("seen_at", sa.Double, nullable=False),  # for the first time
)

categories = sa.Table(
    "categories",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("fetched_at", sa.Double, nullable=False),
)

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("held_until", sa.Double, nullable=False, server_default="0"),  # no call before
    sa.Column("held_reason", sa.Text),
    sa.Column("strikes", sa.Integer, nullable=False, server_default="0"),  # limits in a row that named no time
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),  # these and the next: see standing.Standing
    sa.Column("failed_with", sa.BigInteger),
    sa.Column("probing", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("share", sa.Double, nullable=False, server_default="1"),
    sa.Column("share_at", sa.Double, nullable=False, server_default="0"),
    sa.Column("quickest", sa.Double, nullable=False, server_default="0"),
    sa.Column("quickest_now", sa.Double),
    sa.Column("heard", sa.Integer, nullable=False, server_default="0"),
    sa.Column("usual", sa.Double, nullable=False, server_default="0"),
    sa.Column("paused_at", sa.Double),  # by a person; null: not paused
    sa.Column("paused_by", sa.Text),
    sa.Column("pause_reason", sa.Text),
    sa.Column("categories_at", sa.Double),  # when their names were last told
    sa.Column("categories_due_at", sa.Double, nullable=False, server_default="0"),
    sa.Column("categories_lease", sa.Text),
    sa.Column("categories_lease_until", sa.Double),
)

calls = sa.Table(  # requests to SmartLead that are under way, or may be; a dead worker's end by themselves
    "calls",
    metadata,
    sa.Column("lease", sa.Text, primary_key=True),
    sa.Column("account", sa.Text, nullable=False, index=True),
    sa.Column("begins_at", sa.Double, nullable=False, server_default="0"),  # not to be sent earlier
    sa.Column("until", sa.Double, nullable=False),
)

rate_uses = sa.Table(  # finished requests, counted per slice of each window
    "rate_uses",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("seconds", sa.Double, primary_key=True),  # of the window
    sa.Column("slice", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("uses", sa.Integer, nullable=False),
)

workers = sa.Table(
    "workers",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("seen_at", sa.Double, nullable=False),
)

refused = sa.Table(  # the last POSTs that were not let in
    "refused",
    metadata,
    sa.Column("id", big_id, primary_key=True),
    sa.Column("refused_at", sa.Double, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("sender", sa.Text),  # the network address it came from
)

refused_counts = sa.Table(
    "refused_counts",
    metadata,
    sa.Column("reason", sa.Text, primary_key=True),
    sa.Column("count", sa.BigInteger, nullable=False),
)
