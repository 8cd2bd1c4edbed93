"""What people order stands until a new reply; how an account stands with SmartLead; unread marks are sent first."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("slots", sa.Column("ordered", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.drop_index("slots_due", table_name="slots")
    _index("slots_due", ["account", "wanted", "due_at"], "state = 'pending'")
    _index("slots_leased", ["account", "lease_until"], "lease_until IS NOT NULL")
    _grow_accounts()
    op.execute("UPDATE rate_uses SET slice = slice * 8 + 7")  # a window has eight times as many slices now
    op.add_column("calls", sa.Column("begins_at", sa.Double(), server_default="0", nullable=False))


def _grow_accounts() -> None:
    for column in (
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed_with", sa.BigInteger(), nullable=True),
        sa.Column("probing", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("share", sa.Double(), server_default="1", nullable=False),
        sa.Column("share_at", sa.Double(), server_default="0", nullable=False),
        sa.Column("quickest", sa.Double(), server_default="0", nullable=False),
        sa.Column("quickest_now", sa.Double(), nullable=True),
        sa.Column("heard", sa.Integer(), server_default="0", nullable=False),
        sa.Column("usual", sa.Double(), server_default="0", nullable=False),
        sa.Column("paused_at", sa.Double(), nullable=True),
        sa.Column("paused_by", sa.Text(), nullable=True),
        sa.Column("pause_reason", sa.Text(), nullable=True),
    ):
        op.add_column("accounts", column)


def _index(name: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, "slots", columns, unique=False, sqlite_where=where, postgresql_where=where)
