"""Rebuild the typed tables from the facts: a whole record agrees, and a change in any column of any table is named."""

from itertools import islice

import pytest

NOT_COMPARED = {"ulid", "tenant"}  # random or ours
# what a station was last told and has fetched, codes that end after a day: made anew, no fact behind them
NO_FACTS = {
    "programming_enrolment",
    "programming_station_contact",
    "programming_sealed_image",
    "programming_receipt",
    "programming_fixture_count",
}


@pytest.fixture
def findings(actor):
    """What the checks find; with `first_only` they stop at the first one that finds something."""
    from asbuilt.built.exchange.rebuilding import rebuild_holes, rebuild_plans, rebuild_units
    from asbuilt.storage import reading

    checks = [rebuild_plans, rebuild_units, rebuild_holes]

    def of(first_only: bool = False) -> list:
        found = []
        with reading.snapshot():
            for check in list(checks):
                found += islice(check(actor.tenant), 1 if first_only else None)
                if first_only and found:
                    # the next column is mostly of the same table: ask this one first
                    checks.remove(check)
                    checks.insert(0, check)
                    break
        return found

    return of


@pytest.fixture
def lived(built, fact, withdraw, load, actor):
    """The factory after withdrawals in whole and part, and corrections of each kind that moves rows."""
    from asbuilt.built.exchange.correcting import correct_fact

    withdraw(fact("processes", 0), span=(2, 4))
    withdraw(fact("materials", 0), span=(1, 2))
    withdraw(fact("tests", 1), fact("programming", 1), fact("shipments", 1), fact("units", 4))
    withdraw(fact("assemblies", 1), fact("replacements", 1))
    withdraw(
        fact("handling", 0),
        fact("statuses", 1),
        fact("samples", 0),
        fact("silicon_revisions", 0),
        fact("inspection_plans", 1),
        fact("lives", 1),
    )
    withdraw(fact("holds", 3), fact("holds", 5), fact("mounts", 3), fact("programs", 2))
    withdraw(fact("holds", 4), span=(8, 9))
    withdraw(fact("sent_out", 0), span=(4, 5))
    withdraw(fact("taken_back", 0), span=(2, 3))
    withdraw(fact("nonconformity_units", 0), span=(2, 4))
    withdraw(fact("nonconformity_causes", 1), fact("nonconformity_actions", 1))
    withdraw(fact("taken_back", 1), fact("sent_out", 2), fact("outside_papers", 1))
    said = {"reason": "wrong", "person": "046", "decided_at": 1_800_000_000_000_000}
    for table, n, cells in (
        ("parties", 0, {"country": "AT"}), ("lots", 3, {"lot_code": "L9-B"}), ("lots", 1, {"lot_code": "L2-B"}),
        ("firmware", 0, {"revisions": ""}), ("units", 0, {"serial": "SN1-B"}),
        ("tests", 0, {"outcome": "error"}), ("names", 0, {"from_at": "2027-03-05T00:00:00+00:00"}),
        ("programs", 1, {"grey_pieces": "3"}), ("mounts", 1, {"grey_pieces": "9"}),
        ("materials", 4, {"feeder": "F7"}), ("processes", 1, {"result": "failed"}),
        ("orders", 1, {"customer": "cx"}), ("holds", 0, {"silent": "false"}), ("routings", 0, {"place": "line 3"}),
        ("documents", 0, {"title": "Reflow oven"}), ("holds", 2, {"last_serial": "SN6"}),
        ("statuses", 0, {"reason": "other marking"}), ("handling", 1, {"operator": "047"}),
        ("declarations", 1, {"valid_until": "2028-06-01"}), ("inspections", 0, {"nonconforming": "1"}),
        ("sent_out", 1, {"transport": "bike"}), ("taken_back", 0, {"result": "failed"}),
        ("outside_papers", 0, {"kind": "measurements"}), ("nonconformities", 0, {"severity": "critical"}),
        ("nonconformity_units", 1, {"last_serial": "WO-1#1"}), ("dispositions", 2, {"operator": "047"}),
    ):  # fmt: skip
        correct_fact(actor, fact(table, n), cells, **said)
    from asbuilt.designed.firmware.actions import Draft, add_release

    add_release(actor, draft=Draft("board", "app", "3.0.0"), image=b"an image")
    more = {
        "order": "WO-1",
        "refdes": "R1 R2",
        "package": "P1",
        "certainty": "certain",
        "machine": "M1",
        "feeder": "F1",
    }
    more |= {"first_serial": "WO-1#1", "last_serial": "WO-1#1", "happened_at": "2027-03-20T08:00:00+00:00"}
    again = {**built["shipments"][1], "customer": "own", "country": "PT"}
    elsewhere = {**more, "refdes": "#3", "certainty": "possible"}  # a resistor where a label belongs
    load({"materials": [more, elsewhere], "shipments": [again]}, "later")


def test_what_was_imported_agrees(built, findings):
    assert findings() == []


def test_what_was_withdrawn_and_corrected_agrees(lived, findings):
    assert findings() == []


def test_verify_calls_them(lived, actor):
    from asbuilt.ledger.verifying import verify
    from asbuilt.storage import bulk
    from asbuilt.storage.transactions import write_tx

    report = verify(actor.tenant)
    assert report.as_json()["findings"] == [] and report.counts["projections"] == 11
    with write_tx(actor.tenant):
        bulk.run("UPDATE quality_test_run SET outcome = 2 WHERE tenant = %s AND unit = 11", (actor.tenant,))
    found = verify(actor.tenant).as_json()["findings"]
    assert any(one["where"].get("serial") == "SN1" and one["where"]["table"] == "quality_test_run" for one in found)


def columns() -> list[tuple[str, str]]:
    import django

    django.setup()
    from django.apps import apps

    rooms = ("parties", "catalog", "firmware", "supply", "production", "programming", "quality", "shipping")
    return [
        (model._meta.db_table, field.column)
        for room in rooms
        for model in apps.get_app_config(room).get_models()
        for field in model._meta.concrete_fields
        if field.column not in NOT_COMPARED and model._meta.db_table not in NO_FACTS
    ]


def changes(column: str, value) -> list:
    """Ways to change a cell; the second where the first would meet another row's key."""
    if column in ("units", "growth", "uid") and value is None:
        return [b"\x01\x01\x01"]
    if value is None:
        return ["x"] if column == "positions" else [1]
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value + 1000]
    if isinstance(value, str):
        return [value + "x", value[:-1] + "~"]  # the second where the column is full
    return [bytes(value)[:-1] + bytes([bytes(value)[-1] ^ 1])]


class Back(Exception):
    """Undoes a change."""


def seen(actor, findings, table: str, column: str, names: list[str], row: dict) -> bool:
    """Whether one changed cell leads to a finding; the change is undone."""
    from django.db import IntegrityError

    from asbuilt.storage import bulk
    from asbuilt.storage.transactions import write_tx

    given = [name for name in names if isinstance(row[name], int | str)]
    where = " AND ".join(f'"{name}" = %s' for name in given)
    found: list = []
    for new in changes(column, row[column]):
        try:
            with write_tx(actor.tenant):
                sql = f'UPDATE {table} SET "{column}" = %s WHERE tenant = %s AND {where}'
                assert bulk.run(sql, (new, actor.tenant, *(row[name] for name in given))) == 1, (table, column)
                try:
                    found = findings(first_only=True)
                except Exception:  # `ledger verify` names a check that cannot go on
                    found = [column]
                raise Back
        except Back:
            return bool(found)
        except Exception as error:
            kinds = repr(type(error).__mro__)
            if not isinstance(error, IntegrityError) and "IntegrityError" not in kinds and "DataError" not in kinds:
                raise
    raise AssertionError((table, column))


def test_a_change_in_any_column_is_named(lived, findings, actor):
    """Each column of each table in turn: one row is changed, found, and put back."""
    from asbuilt.storage import reading

    missed = []
    for table in dict.fromkeys(table for table, _ in columns()):
        names = [name for of, name in columns() if of == table]
        found = reading.fetch(f"SELECT {', '.join(chr(34) + name + chr(34) for name in names)} FROM {table}")
        rows = sorted((dict(zip(names, row, strict=True)) for row in found), key=repr)
        assert rows, f"{table} has no row here: let the factory that lived fill it"
        row = ([row for row in rows if row.get("until_entry") is None] or rows)[-1]
        missed += [(table, column) for column in names if not seen(actor, findings, table, column, names, row)]
    assert not missed, missed
