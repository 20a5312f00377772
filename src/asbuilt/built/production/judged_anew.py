"""Process runs judged anew: where rows of routings.csv come, go or are corrected, limits were others than the record knew.

A run is judged when it is recorded, by the limits in force when it ended (`limits`). A routing that is recorded late with a time before the run, and limits
that were typed wrong, say of it what nobody knew by then: from the entry on that records them or takes them back, the runs on units of the hardware
revision are judged by what stands, as they are in a home that loads an export. A run that is judged otherwise is stated again with that entry; as of
before it, it lay outside of what was known by then.
"""

from collections.abc import Iterable, Iterator

from pyroaring import BitMap

from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.production.limits import LimitsInForce
from asbuilt.built.production.withdraw import RUN_COLUMNS, next_run
from asbuilt.kernel.spans import Span, spans_of
from asbuilt.ledger.recording import Entry
from asbuilt.storage import bulk, reading

REVISIONS = (
    "SELECT DISTINCT hardware_revision FROM catalog_routing_step WHERE tenant = %s AND (entry = %s OR until_entry = %s)"
)
BEGUN = (
    "SELECT min(s.from_at) FROM catalog_routing_step r JOIN catalog_routing_step s ON s.tenant = r.tenant AND s.hardware_revision = "
    "r.hardware_revision AND s.routing = r.routing WHERE r.tenant = %s AND (r.entry = %s OR r.until_entry = %s)"
)
"""From when on a routing of which a row came or went may have been in force."""
Alive = tuple[BitMap, int, int | None]
"""Units of a run, from which entry on and until which they were in it."""


def judge_anew(entry: Entry) -> None:
    """Judge the runs on units of the hardware revisions whose routings this entry recorded or took back. One statement where it did not; else
    five, and two a run with readings that ended since these may have been in force."""
    revisions = _revisions(entry.tenant, entry.number)
    if not revisions:
        return
    (begun,) = reading.fetch_one(BEGUN, (entry.tenant, entry.number, entry.number))
    over = "p.tenant = %s AND p.first_unit < b.until_unit AND p.until_unit > b.first_unit AND p.until_entry IS NULL AND p.readings <> '' AND p.finished_at >= %s"
    columns = ", ".join(f"p.{name}" for name in RUN_COLUMNS)
    sql = (
        f"SELECT DISTINCT {columns} FROM production_block b {reading.each('p', 'production_process_run', over)} WHERE b.tenant = %s "
        "AND b.until_entry IS NULL AND " + reading.any_of("b.revision")
    )
    rows = reading.fetch(sql, (entry.tenant, begun, entry.tenant, reading.list_param(sorted(revisions))))
    limits, at = LimitsInForce(entry.tenant), {name: place for place, name in enumerate(RUN_COLUMNS)}
    steps = FloorNames(entry.tenant).names(row[at["step"]] for row in rows)
    number, closed, again = next_run(entry.tenant), [], []
    for row in sorted(rows, key=lambda row: row[at["number"]]):
        said = (steps[row[at["step"]]], row[at["side"]], row[at["readings"]], row[at["finished_at"]])
        outside = limits.outside(entry.number, (row[at["first_unit"]], row[at["until_unit"]]), *said)
        if outside != row[at["outside"]]:
            closed.append((entry.number, entry.tenant, row[at["number"]]))
            anew = dict(zip(RUN_COLUMNS, row, strict=True)) | {
                "number": number + len(again),
                "entry": entry.number,
                "outside": outside,
            }
            again.append(tuple(anew.values()))
    bulk.run_many("UPDATE production_process_run SET until_entry = %s WHERE tenant = %s AND number = %s", closed)
    bulk.insert_rows("production_process_run", RUN_COLUMNS, again)


def _revisions(tenant: int, entry: int) -> set[int]:
    return {revision for (revision,) in reading.fetch(REVISIONS, (tenant, entry, entry))}


class Judged:
    """How runs were judged, entry by entry: what `judge_anew` did, from the facts. Remembers, so use one for one rebuild."""

    def __init__(self, tenant: int, limits: LimitsInForce):
        self.tenant, self.limits = tenant, limits
        sql = (
            "SELECT entry FROM catalog_routing_step WHERE tenant = %s UNION SELECT until_entry FROM catalog_routing_step "
            "WHERE tenant = %s AND until_entry IS NOT NULL ORDER BY 1"
        )
        self.entries = {entry: _revisions(tenant, entry) for (entry,) in reading.fetch(sql, (tenant, tenant))}

    def periods(
        self, said: tuple[str, str, str, int], first: str, alive: Iterable[Alive]
    ) -> Iterator[tuple[BitMap, str, int, int | None]]:
        """(units, what lay outside, since, until) of a run with this step, side, readings and end, which was judged so at `first`."""
        alive = list(alive)
        judged = [(units, first, since, until) for units, since, until in alive]
        for entry, revisions in self.entries.items():
            there = [units for units, since, until in alive if since < entry and (until is None or until > entry)]
            for span in spans_of(BitMap().union(*there)) if there else ():
                if revisions & set(self.limits.revisions_of(entry, span)):
                    judged = list(_parted(judged, span, self.limits.outside(entry, span, *said), entry))
        yield from judged


def _parted(judged: Iterable[tuple], span: Span, outside: str, entry: int) -> Iterator[tuple]:
    mine = BitMap(range(*span))
    for units, before, since, until in judged:
        if before == outside or since >= entry or (until is not None and until <= entry) or mine.isdisjoint(units):
            yield units, before, since, until
            continue
        if left := units - mine:
            yield left, before, since, until
        yield units & mine, before, since, entry
        yield units & mine, outside, entry, until
