"""The mounted line (`mounted_line`), with firmware: board app 1.0.0 and 1.1.0 (revision A), radio 2.0, and what bench board has.

U-1 is a reel of 500 MCUs with lot LU1 of week 2601 by Acme; U-2 the same of week 2610; U-3 of a week nobody knows. They feed U1
from feeder 7 of M1 on the bottom, or from feeder 1 of M9, which has one program only.
"""

from types import SimpleNamespace

import pytest
from mounted_line import AT, feeder, line, lot

V10, V11, V20, RADIO, BENCH = ("a1" * 32, "b2" * 32, "c3" * 32, "d4" * 32, "e5" * 32)
LATER = "2026-03-02T08:00:00Z"


def release(version, sha256, role="", revisions="A", product="board"):
    """A row of firmware.csv."""
    return {
        "product": product, "version": version, "role": role, "image": "", "sha256": sha256, "revisions": revisions,
        "released_at": AT, "security_relevant": "false",
    }  # fmt: skip


def tables():
    """The tables."""
    found = line()
    found["parties"].append({"party": "PROG", "name": "Gang Ltd", "roles": "supplier", "country": "DE"})
    found["lots"] += [
        lot("U-2", "MCU", "LU2", date_code="2610"), lot("U-3", "MCU", "LU3", date_code=""), lot("U-4", "MCU", "", date_code="2601"),
    ]  # fmt: skip
    found["programs"].append(feeder("bottom", "ONLY", "1", "U1", machine="M9"))
    bench = {"product": "bench", "revision": "A", "bom_version": "1"}
    found["bom"].append({**bench, "line": "1", "part": "MCU", "quantity": "1", "refdes": "U1"})
    board_b = {"product": "board", "revision": "B", "bom_version": "1"}
    found["bom"].append({**board_b, "line": "1", "part": "MCU", "quantity": "1", "refdes": "U1"})
    found["firmware"] = [
        release("1.0.0", V10), release("1.1.0", V11), release("2.0.0", V20, revisions="B"), release("2.0", RADIO, "radio", ""),
        release("1.1.0", BENCH, product="bench"),
    ]  # fmt: skip
    return found


def came(package, version, product="board", sha256="", role="", at=AT, source="supplier"):
    """A row of programming.csv: the package's devices came programmed."""
    said = {
        "serial": "",
        "product": product,
        "version": version,
        "sha256": sha256,
        "uid": "",
        "station": "",
        "operator": "",
    }
    return said | {"result": "pass", "happened_at": at, "role": role, "package": package, "source": source}


@pytest.fixture
def line_floor(load, actor):
    """line_floor.mount("U-1") at feeder 7 of M1 for order WO; line_floor.stops("U-1") the codes it is refused with, in order."""
    from asbuilt.built.production.actions import mounting
    from asbuilt.built.programming.actions import demands, programming_orders
    from asbuilt.kernel.errors import Refused

    load(tables())

    def mount(package="U-1", order="WO", by=None, **said):
        given = {"machine": "M1", "side": "bottom", "feeder": "7"} | said
        return mounting.mount_package(by or actor, package=package, order=order, **given)

    def stops(package="U-1", order="WO", **said):
        try:
            mount(package, order, **said)
        except Refused as refusal:
            return [stop["code"] for stop in refusal.facts["stops"]]
        mounting.remove_package(actor, machine="M1", feeder="7")
        return []

    def opened(package="U-1", by=None, **said):
        given = {"product": "board", "version": "1.1.0", "read_backs": 2} | said
        return programming_orders.open_order(by or actor, package=package, **given)

    def done(order="PG-1", by=None, **said):
        given = {"quantity": 500, "machine": "GANG-1"} | said
        return programming_orders.order_done(by or actor, order=order, **given)

    def read(order="PG-1", sha256=V11, by=None, **said):
        return programming_orders.read_back(by or actor, order=order, sha256=sha256, **said)

    def closed(order="PG-1", by=None, **said):
        return programming_orders.close_order(by or actor, order=order, **said)

    def demand(by=None, **said):
        return demands.demand_firmware(by or actor, **said)

    def module(by=None, **said):
        given = {"manufacturer": "Acme", "mpn": "M-MCU", "product": "board", "role": "radio", "version": "2.0"} | said
        return demands.say_modules(by or actor, **given)

    return SimpleNamespace(
        mount=mount, stops=stops, opened=opened, done=done, read=read, closed=closed, demand=demand, module=module
    )
