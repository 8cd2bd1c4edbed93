"""Orders of people, what SmartLead's lists show, and the ways through these."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for name in ("arrived_at", "knows_until", "settled_at", "looked_at"):
        op.add_column("slots", sa.Column(name, sa.Double(), nullable=True))
    op.create_table(
        "walks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("selection", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=True),
        sa.Column("dry_run", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("began_at", sa.Double(), nullable=False),
        sa.Column("walked_at", sa.Double(), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("pages", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.Double(), nullable=True),
    )
    op.create_index("walks_of_account", "walks", ["account", "purpose", "id"])
    op.create_table(
        "walk_rows",
        sa.Column("walk_id", sa.BigInteger(), sa.ForeignKey("walks.id"), primary_key=True),
        sa.Column("finding", sa.Text(), primary_key=True),
        sa.Column("email_lead_map_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("mark", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("last_reply_at", sa.Double(), nullable=True),
        sa.Column("seen_at", sa.Double(), nullable=True),
        sa.Column("ordered_at", sa.Double(), nullable=True),
    )
