"""How releases are compared in SQL: a row a code, with a digest of what a release says of it."""

from psycopg import sql

from services.catalog.rows import PROCEDURE, Subject

_PROCEDURE = "CASE WHEN {code} !~ '^[A-Z]' THEN 'cpt' WHEN {code} ~ '^D' THEN 'cdt' ELSE 'hcpcs' END"
"""Of a procedure's code: CPT begins with a digit, CDT with D, HCPCS Level II with another letter."""


def compared(table: str, subject: Subject, release_id: str) -> sql.Composed:
    """A query of (system, code, content) over the codes that a release speaks of, each once."""
    if subject.digest:
        return sql.SQL("SELECT system, code, {} AS content FROM {} WHERE release_id = {}").format(
            sql.Identifier(subject.digest), sql.Identifier(table), release_id
        )
    # A sum does not depend on the order of the rows, and costs no sorting.
    return sql.SQL(
        "SELECT system, code, sum(row_hash)::text || '/' || count(*) AS content FROM ({}) AS said GROUP BY system, code"
    ).format(sql.SQL(" UNION ALL ").join(_said(table, subject, column, release_id) for column in subject.codes))


def system_of(subject: Subject, code: sql.Composable) -> sql.Composable:
    """The expression of a code's system."""
    if subject.system == PROCEDURE:
        return sql.SQL(_PROCEDURE).format(code=code)
    return sql.Literal(subject.system) if subject.system else sql.Identifier("system")


def _said(table: str, subject: Subject, column: str, release_id: str) -> sql.Composed:
    code = sql.Identifier(column)
    others = sql.SQL(", ").join(map(sql.Identifier, dict.fromkeys((*subject.codes, *subject.content))))
    return sql.SQL(
        "SELECT {system} AS system, {code} AS code, hashtextextended(ROW({others})::text, 0) AS row_hash"
        " FROM {table} WHERE release_id = {release} AND {code} IS NOT NULL"
    ).format(system=system_of(subject, code), code=code, others=others, table=sql.Identifier(table), release=release_id)
