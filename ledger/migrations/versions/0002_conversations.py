"""Conversations that are known by lead and campaign, duplicates by meaning, categories, refusals."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _grow_events()
    op.add_column("decisions", sa.Column("dry_run", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("decisions", sa.Column("cause", sa.Text(), nullable=True))
    op.add_column("slots", sa.Column("reply_dated", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("accounts", sa.Column("categories_at", sa.Double(), nullable=True))
    op.add_column("accounts", sa.Column("categories_due_at", sa.Double(), server_default="0", nullable=False))
    op.add_column("accounts", sa.Column("categories_lease", sa.Text(), nullable=True))
    op.add_column("accounts", sa.Column("categories_lease_until", sa.Double(), nullable=True))
    _make_conversations()
    _make_kept_categories()
    op.create_table(
        "mailboxes",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("account", "address"),
    )
    op.create_table(
        "categories",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fetched_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("account", "id"),
    )
    op.create_table(
        "refused",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("refused_at", sa.Double(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "refused_counts",
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("reason"),
    )


def _grow_events() -> None:
    for name in ("lead", "campaign_id", "campaign", "message_key", "words_key"):
        op.add_column("events", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("events", sa.Column("twin_of", sa.BigInteger(), nullable=True))
    op.add_column("events", sa.Column("category_id", sa.BigInteger(), nullable=True))
    op.add_column("events", sa.Column("category_at", sa.Double(), nullable=True))
    op.add_column("events", sa.Column("id_learned", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("events", sa.Column("lost_id", sa.BigInteger(), nullable=True))
    op.add_column("events", sa.Column("writer", sa.Text(), nullable=True))
    _index("events_by_lead", "events", ["account", "lead"], "lead IS NOT NULL")
    _index("events_repeated", "events", ["id"], "repeats > 0")
    _index("events_to_name", "events", ["account", "category_id"], "category_id IS NOT NULL")


def _make_conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("email_lead_map_id", sa.BigInteger(), nullable=True),
        sa.Column("taught_at", sa.Double(), nullable=True),
        sa.Column("contradicted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("parked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("lookup_due_at", sa.Double(), nullable=True),
        sa.Column("lookup_attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lookup_troubles", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lookup_lease", sa.Text(), nullable=True),
        sa.Column("lookup_lease_until", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("account", "lead", "campaign_id", "campaign"),
    )
    by_id = ["account", "email_lead_map_id"]
    _index("conversations_by_id", "conversations", by_id, "email_lead_map_id IS NOT NULL")
    _index("conversations_due", "conversations", ["account", "lookup_due_at"], "lookup_due_at IS NOT NULL")


def _make_kept_categories() -> None:
    op.create_table(
        "kept_categories",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("email_lead_map_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("category_id", sa.BigInteger(), nullable=True),
        sa.Column("category_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("account", "email_lead_map_id", "lead", "campaign_id"),
    )
    op.create_index("kept_categories_by_lead", "kept_categories", ["account", "lead"], unique=False)


def _index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=False, sqlite_where=where, postgresql_where=where)
