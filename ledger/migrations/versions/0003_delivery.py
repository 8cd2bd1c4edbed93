"""What people order for a conversation stands until a new reply."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("slots", sa.Column("ordered", sa.Boolean(), server_default=sa.false(), nullable=False))
