"""The licensed CPT descriptors that are loaded, for comparing our texts with them."""

from shared.database import Database
from shared.errors import FailedPrecondition


async def loaded_cpt_descriptors(database: Database) -> dict[str, str]:
    """Every loaded descriptor by code and length; FailedPrecondition when no file is loaded."""
    async with database.connection() as conn:
        cursor = await conn.execute(
            "SELECT code, long_text, medium_text, short_text FROM official_text t JOIN release r ON r.id = t.release_id"
            " WHERE r.kind = 'cpt' AND r.in_force"
        )
        rows = await cursor.fetchall()
    if not rows:
        raise FailedPrecondition(
            "NO_CPT_FILE", "No licensed CPT file is loaded: import one, or name a file with --file."
        )
    descriptors = {}
    for row in rows:
        for length in ("long", "medium", "short"):
            if text := row[f"{length}_text"]:
                descriptors[row["code"] if length == "long" else f"{row['code']} ({length})"] = text
    return descriptors
