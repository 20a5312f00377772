"""Record programming: what a unit runs, what is refused, what is history. Expected numbers are counted by hand here."""

from hashlib import sha256

import pytest

from asbuilt.built.exchange.actions import import_file
from asbuilt.kernel.errors import Conflict, Invalid

APP1, APP2, BOOT = (sha256(text).hexdigest() for text in (b"app one", b"app two", b"boot one"))


def factory(units=20):
    """Product P with one order of units SN1 … and three releases; product Q shares the serial number SN1."""
    return {
        "parties": [{"party": "BRAND", "name": "Brand", "roles": "customer", "country": "DE"}],
        "parts": [{"part": "R1", "description": "", "mpn": "", "manufacturer": "", "lifecycle": "", "msl": ""}],
        "bom": [
            {"product": product, "revision": "A", "bom_version": "1", "line": "1", "part": "R1", "quantity": "1",
             "refdes": "R1"}
            for product in ("P", "Q")
        ],
        "lots": [
            {"package": "REEL1", "package_kind": "reel", "part": "R1", "lot_code": "L1", "status": "released"},
        ],
        "orders": [
            {"order": o, "product": p, "revision": "A", "bom_version": "1", "quantity": str(n), "customer": "BRAND",
             "opened_at": "2027-03-01T08:00:00Z"}
            for o, p, n in (("WO-P", "P", units), ("WO-Q", "Q", 1))
        ],
        "units": [
            *(
                {"order": "WO-P", "serial": f"SN{n}", "state": "skipped" if n == 20 else "built"}
                for n in range(1, units + 1)
            ),
            {"order": "WO-Q", "serial": "SN1"},
        ],
        "firmware": [
            {"product": "P", "version": v, "role": r, "image": "", "sha256": s, "security_relevant": "false"}
            for v, r, s in (("1.0", "app", APP1), ("2.0", "app", APP2), ("1.0", "boot", BOOT))
        ],
    }  # fmt: skip


def row(serial="SN1", version="1.0", image=APP1, at="2027-03-02T08:00:00Z", **more):
    cells = {"serial": serial, "product": "P", "version": version, "sha256": image, "uid": "", "station": "ST1",
             "operator": "045", "result": "pass", "happened_at": at}  # fmt: skip
    return cells | more


@pytest.fixture(autouse=True)
def june_2027(home):
    """The clock stands behind what the rows tell, so that only what a test means to be ahead is ahead."""
    from asbuilt.ledger import clock

    clock.set_clock(lambda: 1_811_808_000_000_000)


@pytest.fixture
def tenant(actor):
    return actor.tenant


def running(tenant, version, role="app", ever=False):
    """The units that run a release of product P, by number."""
    from asbuilt.built.programming.queries import units_of_release
    from asbuilt.designed.firmware.queries import releases_of_version

    release = next(one.number for one in releases_of_version(tenant, version) if one.role == role)
    return set(units_of_release(tenant, release, ever=ever))


def refused(load, rows):
    with pytest.raises(Invalid) as caught:
        load({"programming": rows}, folder="wrong")
    return [(error.line, error.column, error.code) for error in caught.value.rows]


def test_the_last_pass_says_what_runs(load, tenant):
    load(factory())
    load({"programming": [
        row("SN1", at="2027-03-02T08:00:00Z"),
        row("SN2", at="2027-03-02T08:00:00Z"),
        row("SN1", "2.0", APP2, at="2027-03-02T09:00:00Z"),
        row("SN2", "2.0", APP2, at="2027-03-02T09:00:00Z", result="fail"),
        row("SN3", "2.0", APP2, at="2027-03-02T09:00:00Z"),
        row("SN3", at="2027-03-02T08:00:00Z"),
        row("SN1", "1.0", BOOT, at="2027-03-02T07:00:00Z"),
    ]}, folder="one")  # fmt: skip
    assert running(tenant, "1.0") == {2}
    assert running(tenant, "2.0") == {1, 3}
    assert running(tenant, "1.0", ever=True) == {1, 2, 3}
    assert running(tenant, "1.0", "boot") == {1}


def test_a_later_file_with_earlier_times_changes_nothing_now(load, tenant):
    from asbuilt.storage import reading

    load(factory())
    load({"programming": [row("SN1", "2.0", APP2, at="2027-03-05T08:00:00Z"), row("SN2", "2.0", APP2)]}, folder="one")
    first_entry = reading.fetch_one("SELECT max(number) FROM ledger_entry WHERE tenant = %s", (tenant,))[0]
    load({"programming": [row("SN1"), row("SN2", at="2027-03-09T08:00:00Z")]}, folder="two")
    assert (running(tenant, "1.0"), running(tenant, "2.0")) == ({2}, {1})
    assert running(tenant, "1.0", ever=True) == {1, 2}
    from asbuilt.built.programming.queries import firmware_of_unit
    from asbuilt.designed.firmware.queries import releases_of_version

    two = releases_of_version(tenant, "2.0")[0].number
    assert firmware_of_unit(tenant, 2, as_of=first_entry) == {"app": two}
    assert firmware_of_unit(tenant, 2) != {"app": two}


def test_loading_again_changes_nothing_and_growing_adds(load, tenant):
    load(factory())
    rows = [row(f"SN{n}") for n in range(1, 10)]
    load({"programming": rows}, folder="one")
    [again] = load({"programming": [*rows, row("SN10")]}, folder="two")
    assert (again.known, again.stored) == (9, 1)
    assert running(tenant, "1.0") == set(range(1, 11))


def test_a_changed_row_is_a_conflict(load):
    load(factory())
    load({"programming": [row("SN1"), row("SN2")]}, folder="one")
    with pytest.raises(Conflict):
        load({"programming": [row("SN1", result="fail"), row("SN2")]}, folder="two")


def test_a_row_twice_in_a_file_counts_once_where_equal(load, tenant):
    load(factory())
    [report] = load({"programming": [row("SN1"), row("SN2"), row("SN1")]}, folder="one")
    assert (report.stored, report.warnings_total) == (2, 1)
    assert running(tenant, "1.0") == {1, 2}


def test_two_attempts_of_one_moment_that_differ_are_two_records(load, tenant):
    load(factory())
    [report] = load({"programming": [row("SN3", result="fail"), row("SN3"), row("SN3", operator="007")]}, folder="one")
    assert (report.stored, report.warnings_total) == (3, 0)
    assert running(tenant, "1.0") == {3}


def test_units_by_serial_product_order_place(load, tenant):
    load(factory())
    load({"programming": [row("SN1"), row("WO-P#5")]}, folder="one")
    assert running(tenant, "1.0") == {1, 5}
    found = refused(load, [row("SN99"), row("")])
    assert sorted(found) == [(2, "serial", "production.serial_unknown"), (3, "serial", "tables.cell_empty")]


def test_releases_are_checked(load):
    load(factory())
    assert refused(load, [row(version="9.9")]) == [(2, "version", "programming.release_unknown")]
    assert refused(load, [row(image=APP2)]) == [(2, "sha256", "programming.image_differs")]
    assert refused(load, [row(role="radio")]) == [(2, "version", "programming.release_unknown")]
    assert refused(load, [row(package="REEL1")]) == [(2, "package", "programming.unit_and_package")]
    assert refused(load, [row("", package="REEL9")]) == [(2, "package", "programming.package_unknown")]


def test_a_role_is_needed_where_one_image_has_several(load, tenant):
    tables = factory()
    tables["firmware"].append({**tables["firmware"][0], "role": "rescue"})
    load(tables)
    assert refused(load, [row()]) == [(2, "role", "programming.role_needed")]
    load({"programming": [row(role="rescue")]}, folder="one")
    assert running(tenant, "1.0", "rescue") == {1} and running(tenant, "1.0") == set()


def test_devices_that_came_programmed(load, tenant):
    from asbuilt.built.programming.queries import packages_with_release
    from asbuilt.designed.firmware.queries import releases_of_version

    load(factory())
    rows = [row("", package="REEL1", source="supplier"), row("SN1")]
    load({"programming": rows}, folder="one")
    [again] = load({"programming": [*rows, row("SN2")]}, folder="two")
    assert (again.known, again.stored) == (2, 1)
    app = next(one.number for one in releases_of_version(tenant, "1.0") if one.role == "app")
    assert len(packages_with_release(tenant, app)) == 1
    assert running(tenant, "1.0") == {1, 2}


def test_history_is_taken_with_warnings(load, tenant):
    load(factory())
    [report] = load({"programming": [
        row("SN20"),  # a skipped position
        row("SN2", at="2099-01-01T00:00:00Z"),  # ahead of the clock
        row("SN3", uid="A1B2C3"),
        row("SN4", uid="a1b2c3"),  # the same device on another unit
        row("SN5", uid="0011"),
        row("SN5", uid="0011", at="2027-03-02T09:00:00Z"),  # the same unit again is nothing strange
        row("WO-Q#1"),  # a unit of another product
    ]}, folder="one")  # fmt: skip
    said = "\n".join(report.warnings)
    assert report.warnings_total == 4, said
    assert "X-out" in said and "ahead of the clock" in said and "WO-P#3, WO-P#4" in said and "not the product" in said
    assert running(tenant, "1.0") == {2, 3, 4, 5, 20, 21}
    [later] = load({"programming": [row("SN6", uid="0011")]}, folder="two")
    assert later.warnings_total == 1 and "WO-P#5, WO-P#6" in later.warnings[0]


def test_units_become_begun(load, tenant):
    from asbuilt.built.production.states import BEGUN, units_with_state

    tables = factory()
    tables["units"] = tables["units"][:3]
    load(tables)
    load({"programming": [row("WO-P#2"), row("WO-P#5")]}, folder="one")
    assert set(units_with_state(tenant, 1, 22, BEGUN)) == {5}


def test_people_and_stations_begin_with_their_first_mention(load, tenant):
    from asbuilt.access.people import People
    from asbuilt.built.production.floor_names import FloorNames
    from asbuilt.built.programming.queries import records_of_unit

    load(factory())
    load(
        {"programming": [row("SN1", station="ST7", operator="007"), row("SN2", operator="", station="")]}, folder="one"
    )
    [record] = records_of_unit(tenant, 1)
    assert FloorNames(tenant).names([record.station]) == {record.station: "ST7"}
    assert People(tenant, 0).codes([record.operator]) == {record.operator: "007"}
    [bare] = records_of_unit(tenant, 2)
    assert (bare.station, bare.operator, bare.uid) == (None, None, None)


def test_facts_hold_unit_and_person_numbers_and_the_fact_id_of_the_design(load, tenant):
    import json
    import zlib

    from asbuilt.storage import reading

    load(factory())
    load({"programming": [row("SN3", uid="00ff", operator="045")]}, folder="one")
    sql = "SELECT body FROM ledger_segment WHERE tenant = %s AND shape = 'programming.record/1'"
    cells = json.loads(zlib.decompress(reading.fetch_one(sql, (tenant,))[0]))
    assert cells[0] == 3 and cells[6] not in ("045", 45) and "SN3" not in cells
    array = [
        "programming",
        "SN3",
        "P",
        "1.0",
        APP1,
        "00ff",
        "ST1",
        "045",
        "pass",
        "2027-03-02T08:00:00.000000Z",
        "",
        "",
        "",
    ]
    expected = sha256(json.dumps(array, separators=(",", ":")).encode()).digest()[:8]
    sql = "SELECT fact_ids FROM ledger_segment WHERE tenant = %s AND shape = 'programming.record/1'"
    assert bytes(reading.fetch_one(sql, (tenant,))[0]) == expected


def test_a_long_file_in_any_order_equals_a_plain_count(load, tenant, tmp_path, actor):
    """30,000 rows over several chunks, shuffled, two records for a third of the units: the last by time counts."""
    import random

    load(factory(12_000))
    random.seed(7)
    rows = [row(f"SN{n}", at=f"2027-03-02T08:00:{n % 60:02d}.{n:06d}Z") for n in range(1, 12_001)]
    rows += [row(f"SN{n}", "2.0", APP2, at="2027-03-02T08:00:30Z") for n in range(1, 12_001, 3)]
    random.shuffle(rows)
    load({"programming": rows}, folder="one")
    first = {n for n in range(1, 12_001) if n % 3 != 1 or (n % 60) * 10**6 + n > 30 * 10**6}
    assert running(tenant, "1.0") == first
    assert running(tenant, "2.0") == set(range(1, 12_001)) - first
    assert running(tenant, "2.0", ever=True) == set(range(1, 12_001, 3))
    assert import_file(actor, tmp_path / "one" / "programming.csv", "programming").already


def test_counting_anew_from_the_records_gives_the_same(load, tenant):
    from pyroaring import BitMap

    from asbuilt.built.programming.running import restate
    from asbuilt.storage import bulk
    from asbuilt.storage.transactions import write_tx

    load(factory())
    load({"programming": [row("SN1"), row("SN1", "2.0", APP2, at="2027-03-03T08:00:00Z"), row("SN2")]}, folder="one")
    with write_tx(tenant):
        bulk.run("UPDATE programming_record SET until_entry = 99 WHERE tenant = %s AND result = 0 AND unit = 1 "
                 "AND happened_at > 1803974400000000", (tenant,))  # fmt: skip
        restate(tenant, 99, BitMap([1, 2]))
    assert (running(tenant, "1.0"), running(tenant, "2.0"), running(tenant, "2.0", ever=True)) == ({1, 2}, set(), set())


def test_only_a_tools_word_makes_a_unit_run_its_image_possibly_until_a_record_says_more(load, actor):
    """Three units get 1.0 of which the tool alone knows; the second is read back later, the third gets 2.0."""
    from asbuilt.questions.genealogy.answering.answers import ask

    told = {
        "station": "PG-1", "attempt": "1", "rework": "false", "result": "pass", "images": "[]", "tools": "[]", "operator": "7",
        "chain": "cc" * 32, "payload_sha256": "dd" * 32, "tool_only": "app", "grade": "tool-only",
    }  # fmt: skip
    day = "2027-03-0{}T08:00:00Z".format
    again = [row("WO-P#2", at=day(3)), row("WO-P#3", "2.0", APP2, at=day(3))]
    records = [
        {**told, "serial": f"WO-P#{n}", "key": f"PG-1/-/-/1/{n}", "seq": str(n), "happened_at": day(2)}
        for n in (1, 2, 3)
    ]
    passes = [row(f"WO-P#{n}", at=day(2)) for n in (1, 2, 3)]
    load({**factory(), "programming": passes + again, "station_records": records})

    def numbers(question):
        found = ask(actor, question).affected
        return len(found.certain), len(found.possible)

    assert numbers("firmware:1.0") == (1, 2)
    assert numbers("ever:(firmware:1.0)") == (1, 3)
    assert numbers("firmware:2.0") == (1, 1)
    assert numbers("-firmware:1.0 order:WO-P#1..WO-P#3") == (1, 2)
    # the count by version names only those that certainly run it: the first unit is nobody's
    counted = ask(actor, "order:WO-P#1..WO-P#3").by["firmware"]
    assert [(one["firmware"], one["certain"]) for one in counted] == [("1.0", 1), ("2.0", 1), (None, 1)]
