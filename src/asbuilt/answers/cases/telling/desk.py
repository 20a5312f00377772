"""The sender's desk: rows that wait, are on their way or are done. It changes; what counts goes into the log as events."""

from collections.abc import Sequence
from dataclasses import dataclass

from asbuilt.answers.cases.telling.notices import HELD, LET_GO
from asbuilt.storage import bulk, reading

WAITS, UNDER_WAY = "waits", "under_way"
TAKEN, REFUSED = "taken", "refused"  # done, and in no entry of the log yet
SENT, FAILED = "sent", "failed"  # done and logged
ERROR_CHARACTERS_MAX = 400
COLUMNS = (
    "tenant", "number", "notice", "version", "party", "channel", "language", "token", "state", "tries", "queued_at", "due_at",
    "error", "code", "ended_at",
)  # fmt: skip
_READ = (
    "number, notice, version, party, channel, language, token, state, tries, queued_at, due_at, error, code, ended_at"
)


@dataclass(frozen=True)
class Row:
    """Something to be sent to one party by one channel."""

    number: int
    notice: str
    version: int
    party: int
    channel: str
    language: str
    token: str
    state: str
    tries: int
    queued_at: int
    due_at: int
    error: str
    code: str
    ended_at: int | None


def put(tenant: int, rows: Sequence[tuple], now: int) -> None:
    """Lay these on the desk, inside the transaction of the change: (notice, version, party, channel, language, token)."""
    last = reading.fetch_one("SELECT max(number) FROM cases_notice_sending WHERE tenant = %s", (tenant,))[0] or 0
    bulk.insert_rows(
        "cases_notice_sending",
        COLUMNS,
        [(tenant, last + place, *row, WAITS, 0, now, now, "", "", None) for place, row in enumerate(rows, 1)],
    )


def take_back(tenant: int, notice: str, version: int, said: str, now: int) -> None:
    """What still waits of older versions of a notice goes to nobody any more: done, with what is said of it, and in no entry of the log yet."""
    sql = "UPDATE cases_notice_sending SET state = %s, error = %s, ended_at = %s WHERE tenant = %s AND notice = %s AND version < %s AND state = %s"
    bulk.run(sql, (REFUSED, said[:ERROR_CHARACTERS_MAX], now, tenant, notice, version, WAITS))


def due(tenant: int, channel: str, now: int, most: int, after: int = 0) -> list[Row]:
    """What waits and is due of a channel behind that number, the first laid down first. One statement."""
    sql = (
        f"SELECT {_READ} FROM cases_notice_sending WHERE tenant = %s AND state = %s AND due_at <= %s AND channel = %s "
        "AND number > %s ORDER BY number LIMIT %s"
    )
    return [Row(*row) for row in reading.fetch(sql, (tenant, WAITS, now, channel, after, most))]


def under_way(tenant: int) -> list[Row]:
    """What a sender had in its hand when it stopped: at most one a connection."""
    sql = f"SELECT {_READ} FROM cases_notice_sending WHERE tenant = %s AND state = %s ORDER BY number"
    return [Row(*row) for row in reading.fetch(sql, (tenant, UNDER_WAY))]


def wait_because(tenant: int) -> dict[str, int]:
    """Why what waits was not taken when it was tried last -> how many. One statement."""
    sql = "SELECT error, count(*) FROM cases_notice_sending WHERE tenant = %s AND state = %s AND error <> '' GROUP BY error ORDER BY error"
    return dict(reading.fetch(sql, (tenant, WAITS)))


def not_logged(tenant: int, most: int) -> list[Row]:
    """What is done and stands in no entry yet."""
    sql = f"SELECT {_READ} FROM cases_notice_sending WHERE tenant = %s AND state IN (%s, %s) ORDER BY number LIMIT %s"
    return [Row(*row) for row in reading.fetch(sql, (tenant, TAKEN, REFUSED, most))]


def rows_of(tenant: int, notice: str) -> list[Row]:
    """Everything on the desk of a notice. One statement."""
    sql = f"SELECT {_READ} FROM cases_notice_sending WHERE tenant = %s AND notice = %s ORDER BY number"
    return [Row(*row) for row in reading.fetch(sql, (tenant, notice))]


def row_of_token(tenant: int, token: str) -> Row | None:
    """The sending with this name; None where there is none."""
    sql = f"SELECT {_READ} FROM cases_notice_sending WHERE tenant = %s AND token = %s"
    row = reading.fetch_one(sql, (tenant, token))
    return Row(*row) if row else None


def set_row(tenant: int, number: int, **cells) -> None:
    """Change cells of a row, inside a write transaction."""
    named = ", ".join(f"{name} = %s" for name in cells)
    bulk.run(f"UPDATE cases_notice_sending SET {named} WHERE tenant = %s AND number = %s", (*cells.values(), tenant, number))  # fmt: skip


def take_into_hand(tenant: int, row: Row, case: str, now: int) -> bool:
    """The row is under way from now on, unless its notice is held at this moment: one statement, so that nothing comes between."""
    held = (
        "SELECT 1 FROM cases_statement h WHERE h.tenant = %s AND h.about = %s AND h.kind = %s AND h.name = %s AND (h.at IS NULL OR h.at > %s) "
        "AND NOT EXISTS (SELECT 1 FROM cases_statement l WHERE l.tenant = h.tenant AND l.about = h.about AND l.name = h.name "
        "AND l.kind IN (%s, %s) AND l.entry > h.entry)"
    )
    sql = f"UPDATE cases_notice_sending SET state = %s WHERE tenant = %s AND number = %s AND NOT EXISTS ({held})"
    which = (UNDER_WAY, tenant, row.number, tenant, case, HELD, row.notice, now, HELD, LET_GO)
    return bulk.run(sql, which) > 0


def tenants_with_work(now: int) -> list[int]:
    """Tenants whose desk has something to do. One statement, over the index of states."""
    some = "EXISTS (SELECT 1 FROM cases_notice_sending s WHERE s.tenant = t.number AND s.state"
    sql = f"SELECT t.number FROM access_tenant t WHERE {some} = %s AND s.due_at <= %s) OR {some} IN (%s, %s, %s))"
    return [tenant for (tenant,) in reading.fetch(sql, (WAITS, now, UNDER_WAY, TAKEN, REFUSED))]
