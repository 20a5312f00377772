"""Process runs judged anew: where rows of routings.csv come, go or are corrected, limits were others than the record knew; where an order or a
block is corrected to another hardware revision, its units have other limits.

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
MOVED = "SELECT DISTINCT until_entry, first_unit, until_unit FROM production_block WHERE tenant = %s AND until_entry {}"
"""Which units left a block, and when: those of a block that is corrected are of the new one from then on."""
_OVER = "p.tenant = %s AND p.first_unit < b.until_unit AND p.until_unit > b.first_unit AND p.until_entry IS NULL AND p.readings <> ''"
_RUNS = f"SELECT DISTINCT {', '.join(f'p.{name}' for name in RUN_COLUMNS)} FROM production_block b "
Alive = tuple[BitMap, int, int | None]
"""Units of a run, from which entry on and until which they were in it."""


def judge_anew(entry: Entry) -> None:
    """Judge the runs on units of the hardware revisions whose routings this entry recorded or took back, and on units that left a block with it.
    Two statements where there are none; else up to six, and two a run with readings."""
    rows = {*_under_other_limits(entry), *_in_other_blocks(entry)}
    if not rows:
        return
    limits, at = LimitsInForce(entry.tenant), {name: place for place, name in enumerate(RUN_COLUMNS)}
    steps = FloorNames(entry.tenant).names(row[at["step"]] for row in rows)
    number, closed, again, judged = next_run(entry.tenant), [], [], []
    for row in sorted(rows, key=lambda row: row[at["number"]]):
        said = (steps[row[at["step"]]], row[at["side"]], row[at["readings"]], row[at["finished_at"]])
        outside = limits.outside(entry.number, (row[at["first_unit"]], row[at["until_unit"]]), *said)
        if outside == row[at["outside"]]:
            continue
        if row[at["entry"]] == entry.number:  # it was stated in this very entry: nobody ever saw it
            judged.append((outside, entry.tenant, row[at["number"]]))
            continue
        closed.append((entry.number, entry.tenant, row[at["number"]]))
        anew = {"number": number + len(again), "entry": entry.number, "outside": outside}
        again.append(tuple((dict(zip(RUN_COLUMNS, row, strict=True)) | anew).values()))
    place = "WHERE tenant = %s AND number = %s"
    bulk.run_many(f"UPDATE production_process_run SET outside = %s {place}", judged)
    bulk.run_many(f"UPDATE production_process_run SET until_entry = %s {place}", closed)
    bulk.insert_rows("production_process_run", RUN_COLUMNS, again)


def _under_other_limits(entry: Entry) -> list[tuple]:
    """Runs with readings that ended since routings of which this entry recorded or took back a row may have been in force."""
    revisions = _revisions(entry.tenant, entry.number)
    if not revisions:
        return []
    (begun,) = reading.fetch_one(BEGUN, (entry.tenant, entry.number, entry.number))
    runs = reading.each("p", "production_process_run", f"{_OVER} AND p.finished_at >= %s")
    sql = f"{_RUNS}{runs} WHERE b.tenant = %s AND b.until_entry IS NULL AND " + reading.any_of("b.revision")
    return reading.fetch(sql, (entry.tenant, begun, entry.tenant, reading.list_param(sorted(revisions))))


def _in_other_blocks(entry: Entry) -> list[tuple]:
    """Runs with readings over units that left a block with this entry."""
    if reading.fetch_one(f"{MOVED.format('= %s')} LIMIT 1", (entry.tenant, entry.number)) is None:
        return []
    sql = f"{_RUNS}{reading.each('p', 'production_process_run', _OVER)} WHERE b.tenant = %s AND b.until_entry = %s"
    return reading.fetch(sql, (entry.tenant, entry.tenant, entry.number))


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
        self.revisions = {entry: _revisions(tenant, entry) for (entry,) in reading.fetch(sql, (tenant, tenant))}
        self.moved: dict[int, BitMap] = {}
        for entry, *span in reading.fetch(MOVED.format("IS NOT NULL"), (tenant,)):
            self.moved.setdefault(entry, BitMap()).add_range(*span)
        self.entries = sorted(self.revisions.keys() | self.moved.keys())

    def periods(
        self, said: tuple[str, str, str, int], first: str, alive: Iterable[Alive]
    ) -> Iterator[tuple[BitMap, str, int, int | None]]:
        """(units, what lay outside, since, until) of a run with this step, side, readings and end, which was judged so at `first`."""
        alive = list(alive)
        judged = [(units, first, since, until) for units, since, until in alive]
        for entry in self.entries:
            revisions, moved = self.revisions.get(entry, set()), self.moved.get(entry, BitMap())
            there = [units for units, since, until in alive if since < entry and (until is None or until > entry)]
            for span in spans_of(BitMap().union(*there)) if there else ():
                if moved.intersect(BitMap(range(*span))) or revisions & set(self.limits.revisions_of(entry, span)):
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
