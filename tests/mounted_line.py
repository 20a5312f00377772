"""A placer and a bench: what the tests of setups share.

Board A: three resistors R1 R2 R3 and C1 from the placer M1 (feeders 1 and 2, program TOP-1), U1 on the bottom (feeder 7, program
BOT-1), X1 X2 by hand. WO has 20 boards B1 to B20 for nobody, WA 4 boards A1 to A4 for ACME, WB 2 boards of BOM 2, which has no C1.
"""

from types import SimpleNamespace

import pytest

AT = "2026-03-01T08:00:00Z"


def lot(package, part, lot_code, quantity="500", **said):
    """A row of lots.csv."""
    row = {
        "package": package,
        "package_kind": "reel",
        "part": part,
        "mpn": f"M-{part}",
        "manufacturer": "Acme",
        "supplier": "",
    }
    row |= {
        "lot_code": lot_code,
        "date_code": "2601",
        "quantity": quantity,
        "received_at": AT,
        "delivery": "",
        "coc": "",
    }
    return row | {"status": "released", "owner": ""} | said


def feeder(side, program, feeder, refdes, grey="", machine="M1"):
    """A row of programs.csv."""
    said = {"product": "board", "revision": "A", "side": side, "machine": machine, "program": program, "feeder": feeder}
    return said | {"refdes": refdes, "grey_pieces": grey}


def line():
    """The tables."""
    board = {"product": "board", "revision": "A"}
    order = {**board, "bom_version": "1", "opened_at": AT, "customer": ""}
    parts = [("RES", "M-RES"), ("RES", "ALT-RES"), ("CAP", "M-CAP"), ("MCU", "M-MCU"), ("CON", "M-CON")]
    lines = (
        ("1", "RES", "3", "R1 R2 R3"),
        ("2", "CAP", "1", "C1"),
        ("3", "MCU", "1", "U1"),
        ("4", "CON", "2", "X1 X2"),
    )
    return {
        "parties": [{"party": "ACME", "name": "Acme GmbH", "roles": "customer", "country": "DE"}],
        "parts": [
            {"part": part, "description": "", "mpn": mpn, "manufacturer": "Acme", "lifecycle": "", "msl": "3" if part == "MCU" else ""}
            for part, mpn in parts
        ],
        "bom": [
            {**board, "bom_version": version, "line": number, "part": part, "quantity": quantity, "refdes": refdes}
            for version in ("1", "2")
            for number, part, quantity, refdes in lines
            if (version, part) != ("2", "CAP")
        ],
        "programs": [
            feeder("top", "TOP-1", "1", "R1 R2 R3", "7"), feeder("top", "TOP-1", "2", "C1"), feeder("bottom", "BOT-1", "7", "U1"),
        ],
        "lots": [
            lot("R-1", "RES", "LR1"), lot("R-2", "RES", "LR2"), lot("R-3", "RES", "LR3", mpn="ALT-RES"),
            lot("R-4", "RES", "LR4", mpn="FAKE"), lot("R-5", "RES", "LR5", status="quarantine"), lot("R-6", "RES", "LR6", owner="ACME"),
            lot("C-1", "CAP", "LC1", "60"), lot("C-2", "CAP", "LC2", "60"), lot("U-1", "MCU", "LU1"), lot("X-1", "CON", "LX1"),
        ],
        "orders": [
            {"order": "WO", "quantity": "20", **order}, {"order": "WA", "quantity": "4", **order, "customer": "ACME"},
            {"order": "WB", "quantity": "2", **order, "bom_version": "2"},
        ],
        "units": [
            {"order": order, "serial": f"{letter}{n}", "panel": f"P{(n + 3) // 4}" if order == "WA" else "", "position": str(n) if order == "WA" else "", "state": "planned"}
            for order, letter, count in (("WO", "B", 20), ("WA", "A", 4))
            for n in range(1, count + 1)
        ],
    }  # fmt: skip


@pytest.fixture
def setup(load, actor):
    """setup.mount("1", "R-1"), setup.splice("1", "R-2"), setup.off("1"), setup.go("B1"): on the loaded line, side top of M1."""
    from asbuilt.answers.gate import mounting as gate
    from asbuilt.answers.gate.actions import StepDone, pass_step
    from asbuilt.built.production.actions import mounting

    load(line())
    here = {"machine": "M1", "side": "top", "order": "WO"}

    def mount(feeder, package, by=None, **said):
        return gate.mount_package(by or actor, feeder=feeder, package=package, **here | said)

    def splice(feeder, package, by=None, **said):
        return gate.splice_package(by or actor, feeder=feeder, package=package, **here | said)

    def off(feeder, package="", by=None, **said):
        return mounting.remove_package(by or actor, machine="M1", feeder=feeder, package=package, **said)

    def go(code, by=None, **said):
        return pass_step(by or actor, code=code, done=StepDone("SMT", **{"side": "top", "machine": "M1"} | said))

    return SimpleNamespace(mount=mount, splice=splice, off=off, go=go)
