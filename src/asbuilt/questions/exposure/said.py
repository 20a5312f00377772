"""What feeds say of vulnerabilities in short: title, worst score, whether exploited, how likely exploitation is."""

from collections.abc import Iterable
from dataclasses import dataclass

from asbuilt.formats.advisory.records import OWN
from asbuilt.formats.cvss_vectors import base_of
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

_WHOLE = 100_000  # EPSS is kept in hundred thousandths


@dataclass(frozen=True)
class Said:
    """A vulnerability as feeds tell it; `score` is the highest CVSS base score, `epss` a probability, None where nobody says."""

    name: str
    title: str = ""
    score: float | None = None
    vector: str = ""
    exploited: bool = False
    exploited_at: int | None = None
    epss: float | None = None


def said_of(view: View, names: Iterable[str]) -> dict[str, Said]:
    """Name -> what is said, for each of these names. Two statements."""
    wanted = sorted(set(names))
    if not wanted:
        return {}
    stands = view.seen("r")
    sql = (
        "SELECT v.name, a.title, a.score, a.vector, a.exploited_at FROM vulnerability_vulnerability v "
        "JOIN vulnerability_advisory a ON a.tenant = v.tenant AND a.vulnerability = v.number "
        "JOIN vulnerability_feed_record r ON r.tenant = a.tenant AND r.number = a.record "
        f"WHERE v.tenant = %s AND {reading.any_of('v.name', 'text')} AND a.withdrawn_at IS NULL{stands} ORDER BY a.record"
    )
    rows: dict[str, list[tuple]] = {name: [] for name in wanted}
    for name, *said in reading.fetch(sql, (view.tenant, reading.list_param(wanted))):
        rows[name].append(tuple(said))
    sql = "SELECT name, probability FROM vulnerability_exploit_prediction WHERE tenant = %s AND " + reading.any_of(
        "name", "text"
    )
    likely = dict(reading.fetch(sql, (view.tenant, reading.list_param(wanted))))
    return {name: _said(name, found, likely.get(name)) for name, found in rows.items()}


def exploited_among(view: View, names: Iterable[str]) -> set[str]:
    """Those of these vulnerabilities that somebody says are exploited. One statement."""
    sql = (
        "SELECT DISTINCT v.name FROM vulnerability_vulnerability v JOIN vulnerability_advisory a ON a.tenant = v.tenant "
        "AND a.vulnerability = v.number JOIN vulnerability_feed_record r ON r.tenant = a.tenant AND r.number = a.record "
        f"WHERE v.tenant = %s AND {reading.any_of('v.name', 'text')} AND a.withdrawn_at IS NULL AND a.exploited_at IS NOT NULL{view.seen('r')}"
    )
    return {name for (name,) in reading.fetch(sql, (view.tenant, reading.list_param(sorted(names))))}


def of_the_house(view: View, name: str) -> bool:
    """Whether this reader is of a party, and nothing but the house's own entries speak of the vulnerability: they are told by notices and
    advisories, not by asking. One statement for a party's person."""
    if view.visible is None:
        return False
    sql = (
        "SELECT 1 FROM vulnerability_vulnerability v JOIN vulnerability_advisory a ON a.tenant = v.tenant AND a.vulnerability = v.number "
        "JOIN vulnerability_feed_record r ON r.tenant = a.tenant AND r.number = a.record JOIN vulnerability_feed f ON f.tenant = r.tenant "
        f"AND f.number = r.feed WHERE v.tenant = %s AND v.name = %s AND f.kind <> %s{view.seen('r')} LIMIT 1"
    )
    return reading.fetch_one(sql, (view.tenant, name, OWN)) is None


def _said(name: str, rows: list[tuple], probability: int | None) -> Said:
    title = next((title for title, *_ in rows if title), "")
    scored = [(score / 10 if score is not None else base_of(vector), vector) for _, score, vector, _ in rows]
    worst = max((row for row in scored if row[0] is not None), key=lambda row: row[0], default=None)
    exploited = [at for *_, at in rows if at is not None]
    return Said(
        name, title, worst[0] if worst else None, worst[1] if worst else "", bool(exploited),
        min((at for at in exploited if at), default=None), None if probability is None else probability / _WHOLE,
    )  # fmt: skip
