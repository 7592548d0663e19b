"""Two grants of a page may begin at one moment when they are of two windows.

A guest and an account that opened the page at the same moment become one: once the account's own grant has ended with
its window, the guest's, which runs longer, is carried into the next one.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the window tell such grants apart."""
    op.execute("""
        ALTER TABLE page_grant DROP CONSTRAINT page_grant_pkey,
            ADD PRIMARY KEY (principal, system, code, granted_at, window_no)
    """)
