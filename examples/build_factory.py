"""Writes examples/factory: one building's records over two months, as the tables of design section 7.

    python examples/build_factory.py            writes the folder
    python examples/build_factory.py --check    says whether the committed files are what it writes (exit 1 if not)

Plain Python, no chance left open: each part draws from a seed of its own. Nothing here knows how Asbuilt reads the
tables.
"""

import csv
import hashlib
import io
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from factory_field import firmware, names, programming, shipments, tests
from factory_floor import ORDERS, iso, units
from factory_life import assemblies, processes, replacements
from factory_parts import BOMS
from factory_supply import Store, feed_all, lots, materials

FOLDER = Path(__file__).parent / "factory"
LARGEST_FILE, LARGEST_FOLDER = 1_000_000, 6_000_000
HEADERS = {
    "parties": "party,name,roles,country",
    "parts": "part,description,mpn,manufacturer,lifecycle,msl",
    "bom": "product,revision,bom_version,line,part,quantity,refdes",
    "lots": "package,package_kind,part,mpn,manufacturer,supplier,lot_code,date_code,quantity,received_at,delivery,coc"
    ",status,owner",
    "orders": "order,product,revision,bom_version,quantity,customer,opened_at",
    "units": "order,serial,panel,position,state",
    "names": "unit,kind,value,from_at,replaces,reason",
    "materials": "order,refdes,package,first_serial,last_serial,certainty,machine,feeder,happened_at",
    "processes": "order,step,machine,program,first_serial,last_serial,started_at,finished_at,operator,result,readings"
    ",side",
    "replacements": "serial,refdes,removed_package,installed_package,operator,reason,happened_at",
    "assemblies": "parent_serial,child_serial,position,happened_at,removed_at",
    "firmware": "product,version,role,image,sha256,revisions,released_at,security_relevant",
    "programming": "serial,product,version,sha256,uid,station,operator,result,happened_at,role,package,source",
    "tests": "serial,plan,plan_version,station,operator,outcome,started_at,finished_at,measurements",
    "shipments": "shipment,customer,country,first_serial,last_serial,shipped_at,placed_on_market_at",
}
PARTIES = """
OSTWERK|Ostwerk Electronics|ems;manufacturer|DE
HALDEN|Halden Energy Systems|manufacturer|NO
LUMO|Lumo Controls|manufacturer;customer|AT
DISTX|Distributor X|distributor;customer|DE
BALTIC|Baltic Meters|customer|PL
VELDHUIS|Veldhuis Energie|customer|NL
RESEAU|Atelier Réseau|customer|FR
ARROW|Arrow Central Europe|supplier|DE
FUTURE|Future Electronics|supplier|DE
ELEKTROSIL|Elektrosil|supplier|DE
WUERTH|Würth Elektronik eiSos|supplier|DE
KSG|KSG|supplier|DE
ATS|AT&S|supplier|AT
BOPLA|Bopla Gehäuse Systeme|supplier|DE
MEANWELL|Mean Well Europe|supplier|NL
"""
LIFECYCLE = {"LAN8720AI-CP-TR": "nrnd", "BSS138P,215": "eol", "EEU-FR1V101": ""}


def parts() -> list[list[str]]:
    """One row an approved manufacturer part."""
    rows = {}
    for lines in BOMS.values():
        for line in lines:
            for mpn, maker in line.makers:
                lifecycle = LIFECYCLE.get(mpn, "active")
                rows[line.part, mpn, maker] = [line.part, line.description, mpn, maker, lifecycle, line.msl]
    return list(rows.values())


def bom() -> list[list[str]]:
    """The four BOM versions."""
    rows = []
    for kind, lines in BOMS.items():
        rows += [[*kind, line.line, line.part, str(line.quantity), " ".join(line.refdes)] for line in lines]
    return rows


def tables() -> tuple[dict[str, list[list[str]]], dict[str, bytes]]:
    """All rows by table, and the firmware images by their path in the folder."""
    made, store = units(), Store()
    fed = feed_all(made, store)
    replaced = replacements(made, fed, store)
    programmed = programming(made, store)
    releases, images = firmware()
    orders = [[*work[:4], str(work.quantity), work.customer, iso(work.opened_at)] for work in ORDERS]
    rows = {
        "parties": [row.split("|") for row in PARTIES.strip().split("\n")],
        "parts": parts(),
        "bom": bom(),
        "lots": lots(store),
        "orders": orders,
        "units": [[unit.order, unit.serial, unit.panel, unit.position, unit.state] for unit in made],
        "names": names(made),
        "materials": materials(made, fed),
        "processes": processes(made),
        "replacements": replaced,
        "assemblies": assemblies(made),
        "firmware": releases,
        "programming": programmed,
        "tests": tests(made, replaced),
        "shipments": shipments(),
    }
    return rows, images


def files() -> dict[str, bytes]:
    """The whole folder: path to bytes."""
    rows, written = tables()
    for table, header in HEADERS.items():
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows[table])
        written[f"{table}.csv"] = text.getvalue().encode()
    largest = max(written, key=lambda path: len(written[path]))
    if len(written[largest]) >= LARGEST_FILE or sum(map(len, written.values())) >= LARGEST_FOLDER:
        raise SystemExit(f"{largest} has {len(written[largest])} bytes: the folder is meant to stay small.")
    return written


def main() -> int:
    """Write, or compare."""
    wanted = files()
    if "--check" in sys.argv[1:]:
        there = {str(path.relative_to(FOLDER)): path.read_bytes() for path in FOLDER.rglob("*") if path.is_file()}
        differing = sorted(path for path in wanted.keys() | there.keys() if wanted.get(path) != there.get(path))
        print("\n".join(f"{path} differs" for path in differing) or f"{len(wanted)} files are as written.")
        return 1 if differing else 0
    for path, content in wanted.items():
        (FOLDER / path).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / path).write_bytes(content)
        print(f"{len(content):>8}  {hashlib.sha256(content).hexdigest()[:12]}  {path}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
