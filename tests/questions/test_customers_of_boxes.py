"""Who has the units of a lot, where boxes are read as one span: a unit that a shipment leaves out is with nobody, or with somebody else.

Ten boards carry one reel. S1 takes B1 to B3 and B5 to B6 to Shop X, S2 takes B7 to Shop X and B9 to B10 to Shop Y's order; B4 goes to Shop Y.
"""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks"))  # last: a bench has a package's name

AT = "2027-03-02T08:00Z"
STATEMENTS_MAX = 8  # each costs PostgreSQL more on its way than at work
TABLES = {
    "parties": [
        {"party": "own", "name": "Own Brand", "roles": "manufacturer", "country": "DE"},
        {"party": "sup", "name": "Parts & Co", "roles": "supplier", "country": "US"},
        {"party": "x", "name": "Shop X", "roles": "customer", "country": "FR"},
        {"party": "y", "name": "Shop Y", "roles": "customer", "country": "IT"},
    ],
    "parts": [{"part": "RES", "description": "resistor", "mpn": "RC-1", "manufacturer": "Acme"}],
    "bom": [
        {"product": "board", "revision": "A", "bom_version": "1", "line": "10", "part": "RES", "quantity": "1", "refdes": "R1"}
    ],
    "lots": [
        {"package": "A", "package_kind": "reel", "part": "RES", "mpn": "RC-1", "manufacturer": "Acme", "supplier": "sup", "lot_code": "77", "delivery": "D1", "status": "released",
         "date_code": "2327", "quantity": "900", "received_at": AT}
    ],
    "orders": [{"order": "WO-1", "product": "board", "revision": "A", "bom_version": "1", "quantity": "10"}],
    "units": [{"order": "WO-1", "serial": f"B{n}"} for n in range(1, 11)],
    "materials": [
        {"order": "WO-1", "refdes": "R1", "package": "A", "first_serial": "B1", "last_serial": "B10", "certainty": "certain",
         "happened_at": AT}
    ],
}  # fmt: skip


def line(shipment: str, customer: str, first: int, last: int, at: str = "2027-03-25T08:00Z") -> dict[str, str]:
    country = {"x": "FR", "y": "IT"}[customer]
    return {
        "shipment": shipment, "customer": customer, "country": country, "first_serial": f"B{first}", "last_serial": f"B{last}",
        "shipped_at": at,
    }  # fmt: skip


@pytest.fixture
def with_lines(actor, load):
    """with_lines(lines) -> customer and certain units of lot 77, asked as a whole and alone, which must agree."""
    from asbuilt.questions.genealogy.answering.answers import ask
    from asbuilt.questions.genealogy.answering.customers_alone import customers

    def answered(lines):
        load({**TABLES, "shipments": lines})
        alone = customers(actor, "lot:77").customers
        assert ask(actor, "lot:77").by["customer"] == alone
        return {row["customer"]: row["certain"] for row in alone}

    return answered


def test_a_unit_left_out_between_two_boxes_is_with_nobody(with_lines):
    assert with_lines([line("S1", "x", 1, 3), line("S1", "x", 5, 6)]) == {"Shop X": 5, None: 5}


def test_a_unit_left_out_between_two_boxes_is_with_who_got_it(with_lines):
    lines = [line("S1", "x", 1, 3), line("S2", "y", 4, 4), line("S1", "x", 5, 6), line("S3", "x", 7, 8)]
    assert with_lines(lines) == {"Shop X": 7, "Shop Y": 1, None: 2}


def test_boxes_that_touch_are_counted_once_each(with_lines):
    assert with_lines([line("S1", "x", 1, 4), line("S1", "x", 5, 9), line("S2", "y", 10, 10)]) == {
        "Shop X": 9,
        "Shop Y": 1,
    }


def test_a_unit_shipped_again_is_with_the_last(with_lines):
    lines = [line("S1", "x", 1, 6), line("S2", "y", 3, 4, "2027-04-25T08:00Z")]
    assert with_lines(lines) == {"Shop X": 4, "Shop Y": 2, None: 4}


def test_the_customers_of_a_lot_take_few_statements(home, actor, with_lines):
    """The story: seven statements, 2.4 ms, where the same from one row a placement took 32; a server of its own is asked once."""
    from ground.sent import sent

    from asbuilt.questions.genealogy.answering.customers_alone import customers

    with_lines([line("S1", "x", 1, 4), line("S1", "x", 5, 9), line("S2", "y", 10, 10)])
    with sent() as seen:
        customers(actor, "lot:77")
    asked = [sql for sql, _ in seen if sql.lstrip("( ").upper().startswith(("SELECT", "WITH"))]
    assert 0 < len(asked) <= (1 if home.url else STATEMENTS_MAX), "\n".join(asked)


def test_what_went_in_elsewhere_is_among_the_customers_of_a_lot(actor, load):
    """Board C2 of another order got a resistor of the lot later, and C3 one that nobody named: both are asked for with the reel's own."""
    from asbuilt.questions.genealogy.answering.answers import ask
    from asbuilt.questions.genealogy.answering.customers_alone import customers

    other = [{**row, "order": "WO-2", "quantity": "4"} for row in TABLES["orders"]]
    units = [{"order": "WO-2", "serial": f"C{n}"} for n in range(1, 5)]
    lots = [{**TABLES["lots"][0], "package": "B", "lot_code": "78"}]
    materials = [{**TABLES["materials"][0], "order": "WO-2", "package": "B", "first_serial": "C1", "last_serial": "C4"}]
    tables = {
        "orders": other, "units": units, "lots": lots, "materials": materials,
        "replacements": [
            {"serial": "C2", "refdes": "R1", "removed_package": "B", "installed_package": "A", "happened_at": "2027-03-03T08:00Z"}
        ],
        "shipments": [line("S1", "x", 1, 10), {**line("S2", "y", 1, 4), "first_serial": "C1", "last_serial": "C4"}],
    }  # fmt: skip
    load({name: [*TABLES.get(name, ()), *tables.get(name, ())] for name in {**TABLES, **tables}})
    expected = [{"customer": "Shop X", "certain": 10, "possible": 0, "unrecorded": 0}]
    expected.append({"customer": "Shop Y", "certain": 1, "possible": 0, "unrecorded": 0})
    assert customers(actor, "lot:77").customers == ask(actor, "lot:77").by["customer"] == expected
    load(
        {
            "replacements": [
                {"serial": "C3", "refdes": "R1", "removed_package": "B", "installed_package": "", "happened_at": "2027-03-03T08:00Z"}
            ]
        }
    )  # fmt: skip
    expected[1] |= {"unrecorded": 1}
    assert customers(actor, "lot:77").customers == ask(actor, "lot:77").by["customer"] == expected


def test_what_went_in_at_another_position_counts_until_it_came_out(actor, load):
    """R2 of another product got a resistor of the lot on C2 and C3, and on C3 one of another lot after it, that nobody said what it replaced."""
    from asbuilt.questions.genealogy.answering.answers import ask
    from asbuilt.questions.genealogy.answering.customers_alone import customers

    def went_in(serial, removed, installed, hour):
        at = f"2027-03-03T{hour:02}:00Z"
        return {
            "serial": serial,
            "refdes": "R2",
            "removed_package": removed,
            "installed_package": installed,
            "happened_at": at,
        }

    tables = {
        "bom": [{**TABLES["bom"][0], "product": "other", "refdes": "R2"}],
        "orders": [{**TABLES["orders"][0], "order": "WO-2", "product": "other", "quantity": "4"}],
        "units": [{"order": "WO-2", "serial": f"C{n}"} for n in range(1, 5)],
        "lots": [{**TABLES["lots"][0], "package": "B", "lot_code": "78"}],
        "materials": [{**TABLES["materials"][0], "order": "WO-2", "refdes": "R2", "package": "B", "first_serial": "C1", "last_serial": "C4"}],
        "replacements": [went_in("C2", "B", "A", 8), went_in("C3", "B", "A", 8), went_in("C3", "", "B", 9)],
        "shipments": [line("S1", "x", 1, 10), {**line("S2", "y", 1, 4), "first_serial": "C1", "last_serial": "C4"}],
    }  # fmt: skip
    load({name: [*TABLES.get(name, ()), *tables.get(name, ())] for name in {**TABLES, **tables}})
    expected = [
        {"customer": "Shop X", "certain": 10, "possible": 0, "unrecorded": 0},
        {"customer": "Shop Y", "certain": 1, "possible": 0, "unrecorded": 0},
    ]
    assert customers(actor, "lot:77").customers == ask(actor, "lot:77").by["customer"] == expected


def test_the_customers_of_a_lot_after_a_lost_connection(actor, with_lines):
    from django.db import connections

    from asbuilt.questions.genealogy.answering.customers_alone import customers

    expected = with_lines([line("S1", "x", 1, 10)])
    connections["reader"].connection.close()
    assert {row["customer"]: row["certain"] for row in customers(actor, "lot:77").customers} == expected
