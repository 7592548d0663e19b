"""How releases are compared in SQL: a row a code, with a digest of what a release says of it."""

from psycopg import sql

from services.catalog.rows import PROCEDURE, Subject

_PROCEDURE = "CASE WHEN {code} !~ '^[A-Z]' THEN 'cpt' WHEN {code} ~ '^D' THEN 'cdt' ELSE 'hcpcs' END"
"""Of a procedure's code: CPT begins with a digit, CDT with D, HCPCS Level II with another letter."""
_SAID = "body - ARRAY['action', 'action_date']"
"""What a record says of a code, without the publisher's own mark of when it was last worked on (HCPCS action code and
date): one format of the file has the mark where the other one leaves it out, and no code is revised by it."""


def compared(table: str, subject: Subject, release_id: str) -> sql.Composed:
    """A query of (system, code, content, own) over the codes that a release speaks of, each once.

    `content` is a digest of all that is said of a code, `own` one of what its publisher says.
    """
    if subject.digest:
        content = sql.Identifier(subject.digest)
        return sql.SQL("SELECT system, code, {} AS content, {} AS own FROM {} WHERE release_id = {}").format(
            content, _own(subject, content), sql.Identifier(table), release_id
        )
    # A sum does not depend on the order of the rows, and costs no sorting.
    return sql.SQL(
        "SELECT *, content AS own FROM (SELECT system, code, sum(row_hash)::text || '/' || count(*) AS content"
        " FROM ({}) AS said GROUP BY system, code) AS summed"
    ).format(sql.SQL(" UNION ALL ").join(_said(table, subject, column, release_id) for column in subject.codes))


def compared_across(table: str, release_id: str) -> sql.Composed:
    """As `compared`, of a code set that two kinds of files hold: what both state of its categories and codes."""
    return sql.SQL(
        "SELECT system, code, said AS content, said AS own FROM (SELECT system, code,"
        " sha256(convert_to(ROW(heading, reportable)::text, 'UTF8')) AS said FROM {}"
        " WHERE release_id = {} AND kind NOT IN ('chapter', 'block')) AS stated"
    ).format(sql.Identifier(table), release_id)


def _own(subject: Subject, digest: sql.Identifier) -> sql.Composable:
    if not subject.official:
        return digest
    columns = sql.SQL(", ").join(
        sql.SQL(_SAID) if column == "body" else sql.Identifier(column) for column in subject.official
    )
    return sql.SQL(
        "CASE WHEN official OR NOT has_page THEN sha256(convert_to(ROW({})::text, 'UTF8')) ELSE {} END"
    ).format(columns, digest)


def system_of(subject: Subject, code: sql.Composable) -> sql.Composable:
    """The expression of a code's system."""
    if subject.system == PROCEDURE:
        return sql.SQL(_PROCEDURE).format(code=code)
    return sql.Literal(subject.system) if subject.system else sql.Identifier("system")


def shown(table: str, subject: Subject, old_id: str, new_id: str, most: int) -> sql.Composed:
    """A query of what a person is shown of the codes in %(codes)s: system, code, side, texts (a few) and their total.

    Of a table those rows are shown that stand on one side alone; of a code set both sides' names.
    """
    old, new = _texts(table, subject, old_id), _texts(table, subject, new_id)
    alone = [
        sql.SQL("SELECT {side} AS side, one.* FROM ({rows}) AS one").format(
            side=side, rows=mine if subject.digest else sql.SQL("{} EXCEPT {}").format(mine, other)
        )
        for side, mine, other in (("old", old, new), ("new", new, old))
    ]
    return sql.SQL(
        "SELECT system, code, side, max(total) AS total, array_agg(text ORDER BY text) AS texts FROM ("
        "SELECT *, row_number() OVER each AS place, count(*) OVER (PARTITION BY system, code, side) AS total"
        " FROM ({}) AS said WINDOW each AS (PARTITION BY system, code, side ORDER BY text)) AS ranked"
        " WHERE place <= {} GROUP BY system, code, side"
    ).format(sql.SQL(" UNION ALL ").join(alone), most)


def _texts(table: str, subject: Subject, release_id: str) -> sql.Composed:
    """A row's columns that are content, and of a pair both codes, as one text."""
    columns = (*(subject.codes if len(subject.codes) > 1 else ()), *subject.content)
    values: list[sql.Composable] = [
        sql.SQL("nullif({}::text, '')").format(sql.Identifier(column)) for column in dict.fromkeys(columns)
    ]
    text = sql.SQL("concat_ws(' · ', {})").format(sql.SQL(", ").join(values))
    return sql.SQL("({})").format(
        sql.SQL(" UNION ALL ").join(
            sql.SQL(
                "SELECT {system} AS system, {code} AS code, {text} AS text FROM {table}"
                " WHERE release_id = {release} AND {code} = ANY (%(codes)s)"
            ).format(
                system=system_of(subject, sql.Identifier(column)),
                code=sql.Identifier(column),
                text=text,
                table=sql.Identifier(table),
                release=release_id,
            )
            for column in subject.codes
        )
    )


def _said(table: str, subject: Subject, column: str, release_id: str) -> sql.Composed:
    code = sql.Identifier(column)
    others = sql.SQL(", ").join(map(sql.Identifier, dict.fromkeys((*subject.codes, *subject.content))))
    return sql.SQL(
        "SELECT {system} AS system, {code} AS code, hashtextextended(ROW({others})::text, 0) AS row_hash"
        " FROM {table} WHERE release_id = {release} AND {code} IS NOT NULL"
    ).format(system=system_of(subject, code), code=code, others=others, table=sql.Identifier(table), release=release_id)
