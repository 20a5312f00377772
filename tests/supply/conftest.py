"""The fixtures of tests/designed, and a catalogue with a supplier for what comes in."""

import pytest
from designed.conftest import take, withdraw  # noqa: F401

GS, RS, EOT = "\x1d", "\x1e", "\x04"


def label(*fields: str) -> bytes:
    """A label after ISO 15434 of these fields: label("1PGRM188", "Q4000", "1T2EKQ7", "9D2701")."""
    return (f"[)>{RS}06{GS}" + GS.join(fields) + RS + EOT).encode()


REEL = label("1PRC0402", "Q5000", "1T2EKQ7", "10D2701", "4LTW")


@pytest.fixture
def catalogue(load):
    """Parts, their makers, a supplier and a party that owns material."""
    part = {"description": "", "lifecycle": "active"}
    load(
        {
            "parties": [
                {"party": "DIGI", "name": "Digi Parts", "roles": "supplier;distributor", "country": "US"},
                {"party": "TME", "name": "Tee Emm", "roles": "supplier", "country": "PL"},
                {"party": "ACME", "name": "Acme GmbH", "roles": "customer", "country": "DE"},
            ],
            "parts": [
                {**part, "part": "R-10K", "mpn": "RC0402", "manufacturer": "Yageo", "msl": "1"},
                {**part, "part": "R-10K", "mpn": "CRCW", "manufacturer": "Vishay", "msl": "1"},
                {**part, "part": "U-7", "mpn": "ATECC608B", "manufacturer": "Microchip", "msl": "3"},
                {**part, "part": "C-1", "mpn": "GRM188", "manufacturer": "Murata", "msl": ""},
                {**part, "part": "C-2", "mpn": "GRM188", "manufacturer": "Murata", "msl": ""},
                {**part, "part": "PASTE", "mpn": "SAC305-T4", "manufacturer": "Alpha", "msl": ""},
            ],
        },
        "catalogue",
    )


@pytest.fixture
def receive(actor, catalogue):
    """receive(label, lot_code="L1", …) -> what was received; several as a list of dicts."""
    from asbuilt.built.supply.actions.receiving import receive_packages
    from asbuilt.built.supply.receipts import Receipt

    def one(scanned: bytes | None = None, key: str | None = None, by=None, **said):
        said["confirmed"] = frozenset(said.pop("confirmed", ()))
        return receive_packages(by or actor, [Receipt(label=scanned, **said)], request_key=key)

    return one


@pytest.fixture
def person(actor):
    """person("operator") -> an actor with these roles, with a badge."""
    from asbuilt.access.actions import accept_link, first_link, invite

    first = accept_link(first_link(), name="Ada Lis", login="ada", password="nine reels of solder")

    def somebody(*roles: str):
        number, secret = invite(first, name=roles[0], roles=list(roles), code=f"badge-{roles[0]}")
        return accept_link(secret, name=roles[0], login=f"p{number}", password="nine reels of solder")

    return somebody


@pytest.fixture
def stranger(actor):
    """The local account of another tenant."""
    from asbuilt.access.actor import local_system
    from asbuilt.access.opening import open_tenant

    return local_system(open_tenant("elsewhere", "Elsewhere").number)
