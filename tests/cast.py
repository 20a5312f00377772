"""The shared cast: everybody who may ask, over one small factory of two brand owners. Built through access' own verbs.

    cast.token["anna"]        the secret of a token        cast.program("anna")   a client that sends it
    cast.person["anna"]       the number in tenant main    cast.browser("anna")   a client with a signed-in session

The factory: Ostwerk builds 12 lamps for Alpina Light and 12 probes for Boreal Sensors, in two orders, with one reel in
common, and ships them to two customers. `ALPINA` and `BOREAL` are all names that only one of the two may see.
"""

import csv
import shutil
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import databases
import pytest

PASSWORD = "nine reels of solder"
# who -> roles; readers of a party come with its code
PEOPLE = {
    "anna": ["operator"],
    "ben": ["quality_lead"],
    "eva": ["engineer"],
    "rolf": ["release_signer"],
    "petra": ["permit_issuer"],
    "cara": ["psirt"],
    "carl": ["compliance"],
    "olga": ["auditor"],
    "adam": ["administrator"],
    "brand_a_reader": ["party_reader"],
    "brand_b_reader": ["party_reader"],
}
PARTY_OF = {"brand_a_reader": "ALPINA", "brand_b_reader": "BOREAL"}
PROGRAMS = ("station", "machine")
STRANGER = "dan"  # all roles, of another tenant
EVERYBODY = (*PEOPLE, *PROGRAMS, STRANGER)
UNITS = 12

# what only this brand's reader may see, as it would stand in any answer
ALPINA = ("ALPINA", "Alpina Light", "A-LAMP", "WO-ALP", "ALP-0", "LOT-ALP", "REEL-ALP", "PNL-ALP", "SHIP-ALP", "Nordlicht",
          "PLAN-ALP", "1.4.0", "P-LED", "LEDWERK", "PROG-ALP")  # fmt: skip
BOREAL = ("BOREAL", "Boreal Sensors", "B-PROBE", "WO-BOR", "BOR-0", "LOT-BOR", "REEL-BOR", "PNL-BOR", "SHIP-BOR", "Sundvolt",
          "PLAN-BOR", "7.7.7", "P-SENS", "SENSOCO", "PROG-BOR")  # fmt: skip


def factory() -> dict[str, list[dict]]:
    """The tables of the two brands, as rows."""
    tables: dict[str, list[dict]] = {
        "parties": [
            {"party": "OSTWERK", "name": "Ostwerk", "roles": "ems", "country": "DE"},
            {"party": "REELHAUS", "name": "Reelhaus", "roles": "supplier", "country": "DE"},
            {"party": "ALPINA", "name": "Alpina Light", "roles": "manufacturer;customer", "country": "AT"},
            {"party": "BOREAL", "name": "Boreal Sensors", "roles": "manufacturer;customer", "country": "FI"},
            {"party": "NORDLICHT", "name": "Nordlicht Handel", "roles": "customer", "country": "DE"},
            {"party": "SUNDVOLT", "name": "Sundvolt Retail", "roles": "customer", "country": "SE"},
        ],
        "parts": [
            _part("P-CAP", "GRM188", "MURATA"),
            _part("P-LED", "XPE2", "LEDWERK"),
            _part("P-SENS", "SHT41", "SENSOCO"),
        ],
        "bom": [],
        "lots": [_lot("REEL-COMMON", "P-CAP", "GRM188", "MURATA", "LOT-COMMON")],
        "orders": [],
        "units": [],
        "materials": [],
        "processes": [],
        "firmware": [],
        "programming": [],
        "tests": [],
        "shipments": [],
    }
    _brand(tables, "ALP", "ALPINA", "A-LAMP", ("P-LED", "XPE2", "LEDWERK"), "1.4.0", "NORDLICHT", 15)
    _brand(tables, "BOR", "BOREAL", "B-PROBE", ("P-SENS", "SHT41", "SENSOCO"), "7.7.7", "SUNDVOLT", 16)
    return tables


def serial(brand: str, place: int) -> str:
    """The serial number of the unit at this place of the brand's order, from 1: ALP-0001."""
    return f"{brand}-{place:04}"


def _part(code: str, mpn: str, maker: str) -> dict:
    return {"part": code, "description": "", "mpn": mpn, "manufacturer": maker, "lifecycle": "active", "msl": "1"}


def _lot(package: str, part: str, mpn: str, maker: str, lot: str) -> dict:
    said = {"package": package, "package_kind": "reel", "part": part, "mpn": mpn, "manufacturer": maker}
    said |= {
        "supplier": "REELHAUS",
        "lot_code": lot,
        "date_code": "2701",
        "quantity": "4000",
        "delivery": "",
        "coc": "",
    }
    return {**said, "received_at": "2027-02-01T08:00:00Z", "status": "released"}


def _brand(tables: dict, key: str, owner: str, product: str, own: tuple, version: str, customer: str, day: int) -> None:
    order, first, last = f"WO-{key}", serial(key, 1), serial(key, UNITS)
    reel, at = f"REEL-{key}-1", f"2027-03-{day}T08:00:00Z"
    sha256 = (key[0].lower().encode().hex() + "0" * 64)[:64]
    bom = {"product": product, "revision": "B", "bom_version": "1", "quantity": "1"}
    tables["bom"] += [
        {**bom, "line": "10", "part": "P-CAP", "refdes": "C1"},
        {**bom, "line": "20", "part": own[0], "refdes": "U1"},
    ]
    tables["lots"].append(_lot(reel, *own, f"LOT-{key}-1"))
    said = {"order": order, "product": product, "revision": "B", "bom_version": "1", "quantity": str(UNITS)}
    tables["orders"].append({**said, "customer": owner, "opened_at": "2027-03-01T08:00:00Z"})
    run = {"order": order, "first_serial": first, "last_serial": last, "certainty": "certain", "machine": "PICK1"}
    tables["materials"] += [
        {**run, "refdes": "C1", "package": "REEL-COMMON", "feeder": "F1", "happened_at": at},
        {**run, "refdes": "U1", "package": reel, "feeder": "F2", "happened_at": at},
    ]
    tables["processes"].append(
        {"order": order, "step": "REFLOW", "machine": "OVEN1", "program": f"PROG-{key}", "first_serial": first,
         "last_serial": last, "started_at": at, "finished_at": f"2027-03-{day}T09:00:00Z", "operator": "045",
         "result": "completed", "readings": "{}"}
    )  # fmt: skip
    tables["firmware"].append(
        {"product": product, "version": version, "role": "app", "image": "", "sha256": sha256, "revisions": "B",
         "released_at": "2027-01-10T08:00:00Z", "security_relevant": "false"}
    )  # fmt: skip
    for place in range(1, UNITS + 1):
        name = serial(key, place)
        tables["units"].append(
            {"order": order, "serial": name, "panel": f"PNL-{key}-{place // 5}", "position": str(place % 5 + 1)}
        )
        tables["programming"].append(
            {"serial": name, "product": product, "version": version, "sha256": sha256, "uid": "", "station": "PROG1",
             "operator": "045", "result": "pass", "happened_at": f"2027-03-{day}T10:00:00Z"}
        )  # fmt: skip
        tables["tests"].append(
            {"serial": name, "plan": f"PLAN-{key}", "plan_version": "1", "station": "ICT1", "operator": "045", "outcome": "pass",
             "started_at": f"2027-03-{day}T11:00:00Z", "finished_at": f"2027-03-{day}T11:01:00Z", "measurements": "{}"}
        )  # fmt: skip
    tables["shipments"].append(
        {"shipment": f"SHIP-{key}-1", "customer": customer, "country": "DE", "first_serial": first,
         "last_serial": serial(key, 10), "shipped_at": f"2027-03-{day + 5}T08:00:00Z",
         "placed_on_market_at": f"2027-03-{day + 6}"}
    )  # fmt: skip


@dataclass
class Cast:
    """Everybody, by name: token, number of the person, actor."""

    token: dict[str, str] = field(default_factory=dict)
    person: dict[str, int] = field(default_factory=dict)
    actor: dict[str, object] = field(default_factory=dict)
    tenant: dict[str, int] = field(default_factory=dict)

    def program(self, who: str | None, **headers):
        """A client that sends this one's token; None: nobody's."""
        from django.test import Client

        said = {"Accept": "application/json", **headers}
        if who is not None:
            said["Authorization"] = f"Bearer {self.token[who]}"
        return Client(headers=said, raise_request_exception=False)

    def browser(self, who: str | None, forms_checked: bool = False, **headers):
        """A client that is signed in as this person; stations and machines have no session."""
        from django.test import Client

        from asbuilt.access import sessions
        from asbuilt.access.queries import login_of_person

        client = Client(enforce_csrf_checks=forms_checked, raise_request_exception=False, headers=headers)
        if who in self.person:
            session = sessions.SessionStore()
            sessions.begin(session, login_of_person(self.tenant[who], self.person[who]))
            session.save()
            client.cookies["asbuilt_session"] = session.session_key
        return client


def build(folder: Path) -> Cast:
    """Load the factory into tenant `main` of the present home and let everybody in."""
    from asbuilt.access.actions import accept_link, first_link, give_roles, invite, issue_token
    from asbuilt.access.actor import local_system
    from asbuilt.access.opening import open_tenant
    from asbuilt.access.queries import tenant_of_slug
    from asbuilt.access.rights import PERSON_ROLES
    from asbuilt.built.exchange.actions import import_folder
    from asbuilt.designed.parties.queries import numbers_by_name

    main = tenant_of_slug("main").number
    write_tables(folder, factory())
    import_folder(local_system(main), folder)
    parties = numbers_by_name(main)
    cast = Cast()
    adam = accept_link(first_link(), name="Adam", login="adam", password=PASSWORD)
    for who, roles in PEOPLE.items():
        actor, party = adam, parties.get(PARTY_OF.get(who))
        if who != "adam":
            _, link = invite(adam, name=who.title(), roles=roles, party=party, code=f"badge-{who}")
            actor = accept_link(link, name=who.title(), login=who, password=PASSWORD)
        cast.actor[who], cast.person[who], cast.tenant[who] = actor, actor.person, main
        cast.token[who] = issue_token(actor, name="tests", person=actor.person)[1]
    give_roles(adam, person=adam.person, roles=["administrator"])
    for who in PROGRAMS:
        cast.token[who], cast.tenant[who] = issue_token(adam, name=who, roles=[who])[1], main
    other = open_tenant("elsewhere", "Elsewhere").number
    dan = accept_link(first_link("elsewhere"), name="Dan", login="dan", password=PASSWORD)
    give_roles(dan, person=dan.person, roles=[role for role in PERSON_ROLES if role != "party_reader"])
    cast.actor[STRANGER], cast.person[STRANGER], cast.tenant[STRANGER] = dan, dan.person, other
    cast.token[STRANGER] = issue_token(dan, name="tests", person=dan.person)[1]
    return cast


def write_tables(folder: Path, tables: dict[str, list[dict]]) -> None:
    """Write rows as the CSV files of one folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


@contextmanager
def pages(**more):
    """The settings of pages and API on top of those of the command line, for the time of a test."""
    from django.conf import settings as of_django
    from django.test import override_settings

    from asbuilt.site import settings, web_settings

    own = {name: getattr(web_settings, name) for name in dir(web_settings) if name.isupper()}
    said = {name: value for name, value in own.items() if value is not getattr(settings, name, None)}
    # what all tests share stands already, see OF_PAGES
    said = {name: value for name, value in said.items() if value is not getattr(of_django, name, None)}
    said |= {"ALLOWED_HOSTS": ["testserver"], "API_REQUESTS_PER_MINUTE": 1_000_000, **more}
    with override_settings(**said):
        yield


def _copy(place, folder: Path, name: str):
    """A copy of a home: files, keys and, on PostgreSQL, the database."""
    shutil.copytree(place.folder, folder / "home")
    shutil.copytree(place.keys, folder / "keys")
    url = ""
    if place.url:
        databases.copy(_server(place.url), place.name, name)
        url = place.url.replace(f"/{place.name}", f"/{name}")
    copied = type(place)(folder, url)
    copied.name = name
    return copied


def _drop(place) -> None:
    if place.url:
        databases.run(_server(place.url), f'DROP DATABASE IF EXISTS "{place.name}" WITH (FORCE)')


def _server(url: str) -> str:
    """The server of a database, by its own database: one that is a template has no other guest."""
    return url.rpartition("/")[0] + "/postgres"


def _leave() -> None:
    from django.db import connections

    for alias in list(connections):
        connections[alias].close()
        delattr(connections._connections, alias)


@contextmanager
def entered(place, folder: Path):
    """A copy of a home to work in, and to leave behind."""
    copied = _copy(place, folder, f"asbuilt_t_{uuid.uuid4().hex[:12]}")
    copied.enter()
    try:
        yield copied
    finally:
        _leave()
        _drop(copied)


@pytest.fixture(scope="session")
def cast_home(opened, tmp_path_factory):
    """A home with factory and cast, built once; tests work in copies."""
    folder = tmp_path_factory.mktemp("cast")
    copied = _copy(opened, folder, f"asbuilt_t_{uuid.uuid4().hex[:12]}")
    copied.enter()
    try:
        cast = build(folder / "tables")
    finally:
        _leave()
    yield copied, cast
    _drop(copied)


@pytest.fixture
def cast(cast_home, tmp_path):
    """Everybody, in a home of the test's own, with the settings of pages and API."""
    place, everybody = cast_home
    with entered(place, tmp_path / "cast"), pages():
        yield everybody
