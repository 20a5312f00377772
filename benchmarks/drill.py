"""drill: from a CVE record to what the first hour asks for, on the ten-million-unit factory of bench genealogy.

A feed brings one new record about components that releases of a few products carry: as many products as it takes to reach 250 customers. Timed together, each part shown: the record taken and matched, the
case with its answer frozen, the three reports of an exploited vulnerability drafted, notices to every customer who holds units queued (a first one,
and one with the measure: 500 or more together), and a CSAF advisory drafted from the record that passes every mandatory test. The home is marked as a drill, so nothing could leave it.
What must come out is counted from the factory as it was planned.
"""

import json
import os
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ground.factory import VERSIONS, Factory
from ground.figures import Figures, arguments, engines, machine
from ground.homes import home, keep
from ground.proof import load
from ground.secured import SHARED, secured
from ground.weight import settle

SECONDS, NOTICES = 60, 500
# what every customer is told, one notice after the other
TELLINGS = ({"contact": "psirt@bench.example"}, {"contact": "psirt@bench.example", "measures": "Switch it off."})
WRITTEN = ("shipping_line", "production_material_run", "programming_firmware_run")
PUBLISHER = {
    "name": "Bench", "namespace": "https://bench.example", "prefix": "BENCH", "psirt_mail": "psirt@bench.example", "owner": "PSIRT",
}  # fmt: skip


def chosen(factory: Factory) -> tuple[list[str], int, set[int]]:
    """(products, units that run an affected version of one, customers who hold some): those with the fewest such units, until they reach enough customers.

    Affected is every version but the newest; a unit that was programmed again runs the version after that of its order.
    """
    units: dict[str, int] = {}
    customers: dict[str, set[int]] = {}
    for number in range(factory.orders):
        order = factory.order(number)
        code, again, last = order.product.code, set(order.again), len(VERSIONS) - 1
        if order.version >= last:
            continue
        safe = again if order.version + 1 == last else set()
        units[code] = units.get(code, 0) + len(order.built) - len(safe)
        mine = customers.setdefault(code, set())
        for _, customer, first, until, _ in order.lines:
            if any(unit not in safe for unit in range(first, until)):
                mine.add(customer)
    found: list[str] = []
    told: set[int] = set()
    for code in sorted(units, key=lambda code: (units[code], code)):
        if len(told) * len(TELLINGS) >= NOTICES:
            break
        found.append(code)
        told |= customers[code]
    return found, sum(units[code] for code in found), told


def record(products: list[str]) -> dict:
    """The new record: a component of each of these products alone, in every version of it but the newest."""
    names = [f"{product.lower()}-lib{SHARED}" for product in products]
    versions = [f"1.{place}.{SHARED}" for place in range(len(VERSIONS) - 1)]
    return {
        "schema_version": "1.6.0", "id": f"CVE-2027-{os.getpid()}", "modified": "2026-11-01T00:00:00Z", "published": "2026-11-01T00:00:00Z",
        "summary": f"Remote takeover through {' and '.join(names)}",
        "affected": [
            {"package": {"ecosystem": "", "name": name, "purl": f"pkg:generic/{name}"}, "versions": versions} for name in names
        ],
    }  # fmt: skip


def numbered(actor) -> None:
    """The factory is written straight, with numbers of entries that the log does not have: give it as many, so that what was known then is known."""
    from asbuilt.ledger import sequencing
    from asbuilt.ledger.recording import recording
    from asbuilt.storage import reading
    from asbuilt.storage.transactions import write_tx

    newest = max(reading.fetch_one(f"SELECT max(entry) FROM {table}", ())[0] for table in WRITTEN)
    with write_tx(actor.tenant):
        number = 0
        while number < newest:
            with recording(actor, "bench.written") as entry:
                number = entry.number
    sequencing.sequence(actor.tenant)


@contextmanager
def part(name: str, spent: dict[str, float]):
    """Time a part."""
    began = time.perf_counter()
    yield
    spent[name] = time.perf_counter() - began


def exercise(actor, products: list[str], said: dict, folder: Path) -> tuple[dict[str, float], dict]:
    """Every part, timed, and what came of it."""
    from asbuilt.answers.cases.handling.actions import deciding, opening, saying
    from asbuilt.answers.cases.publishing.actions.advising import draft_advisory
    from asbuilt.answers.cases.publishing.seen import failing
    from asbuilt.answers.cases.reporting.seen import report_seen
    from asbuilt.answers.cases.telling.actions import queuing, writing
    from asbuilt.answers.register.queries import frozen_answer
    from asbuilt.designed.vulnerability.feeds.setting import set_feed
    from asbuilt.designed.vulnerability.feeds.taking import take_feed
    from asbuilt.designed.vulnerability.matching.evaluating import catch_up
    from asbuilt.ledger import clock
    from asbuilt.storage import reading

    spent: dict[str, float] = {}
    (folder / f"{said['id']}.json").write_text(json.dumps(said))
    set_feed(actor, name=f"drill-{os.getpid()}", kind="osv", source=str(folder))
    with part("record taken and matched", spent):
        take_feed(actor, f"drill-{os.getpid()}")
        catch_up(actor)
    with part("case opened, answer frozen", spent):
        case = opening.open_case(actor, kind="aev", title=said["summary"])
        for product in products:
            saying.add_product(actor, case=case, product=product, role="manufacturer", manufacturer="C000")
        saying.state_moment(actor, case=case, moment="aware_at", at=clock.now(), why="seen")
        saying.state_measure(actor, case=case, kind="mitigating", at=clock.now(), why="switch it off")
        ulid = deciding.freeze(actor, case=case, question=f"cve:{said['id']}", why="first answer")
    stages = ("early_warning", "notification", "final_report")
    with part("three stages drafted", spent):
        drafts = [report_seen(actor, case=case, duty="cra.aev", stage=stage) for stage in stages]
    with part("notices queued", spent):
        notices = []
        for words in TELLINGS:
            notices.append(writing.draft_notice(actor, case=case, texts={"": words}))
            writing.review_notice(actor, notice=notices[-1], version=1)
            queuing.send_notice(actor, notice=notices[-1], version=1)
    with part("advisory that passes", spent):
        advisory = draft_advisory(actor, kind="advisory", case=case)
        faults = failing(actor, advisory)
    sql = "SELECT count(DISTINCT party) FROM cases_notice_recipient WHERE tenant = %s AND notice = %s"
    queued = [reading.fetch_one(sql, (actor.tenant, notice))[0] for notice in notices]
    filled = [sum(bool(cell["text"]) for cell in one["fields"]) for one in drafts]
    counts = json.loads(frozen_answer(actor, ulid).answer)["affected"]
    return spent, {
        "units": counts,
        "fields": filled,
        "notices": sum(queued),
        "customers": queued[0],
        "faults": len(faults),
    }


def run(engine: str, options, figures: Figures) -> None:
    """The whole bench on one engine."""
    factory = Factory(options.scale, options.seed)
    kept = Path(options.kept) / f"{engine}-{factory.units}-{options.seed}" if options.kept else None
    with home(engine, kept) as place, tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as folder:
        from asbuilt.answers.cases.publishing.actions.presenting import make_key, say_publisher
        from asbuilt.ledger import clock
        from asbuilt.storage import databases, drills

        began = time.monotonic()
        if place.first:
            load(place, factory, Path(folder), straight=True)
            keep(place)
        secured(place, factory, options.seed)
        if drills.drill() is None:
            drills.mark(databases.home(), "bench", clock.now())
        numbered(place.actor)
        say_publisher(place.actor, content=json.dumps(PUBLISHER).encode())
        make_key(place.actor)
        settle()
        print(f"  {engine}: {factory.units:,} units in {time.monotonic() - began:,.0f} s", flush=True)
        products, units, customers = chosen(factory)
        source = Path(folder) / "feed"
        source.mkdir()
        spent, found = exercise(place.actor, products, record(products), source)
        for name, seconds in spent.items():
            print(f"  {engine} {name}: {seconds:.1f} s")
        print(
            f"  {found['units']} units of {len(products)} products (planned {units:,}), {found['notices']} notices, fields filled {found['fields']}; load {os.getloadavg()[0]:.1f}"
        )
        figures.most(f"{engine} record to drafts, notices and advisory", sum(spent.values()), SECONDS, " s", 1)
        figures.least(f"{engine} notices queued", found["notices"], NOTICES, "", 0)
        figures.most(f"{engine} units other than planned", abs(found["units"]["certain"] - units), 0, "", 0)
        figures.most(f"{engine} customers other than planned", abs(found["customers"] - len(customers)), 0, "", 0)
        figures.most(f"{engine} mandatory tests that fail", found["faults"], 0, "", 0)


def main() -> None:
    """Both engines, one after the other."""
    parser = arguments(__doc__.split("\n")[0], 10_000_000, "units")
    parser.add_argument("--kept", default="", help="a folder in which the factory stays for the next run")
    said = parser.parse_args()
    machine(said.seed)
    figures = Figures("drill")
    for engine in engines(said.engine):
        run(engine, said, figures)
    figures.finish()


if __name__ == "__main__":
    main()
