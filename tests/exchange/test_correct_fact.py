"""Correct a fact: withdrawn and recorded anew in one entry; what rests on it goes on. Counted by hand on the factory."""

import pytest

from asbuilt.kernel.errors import Conflict, Invalid, NotFound, Refused


@pytest.fixture
def correct(actor):
    from asbuilt.built.exchange.correcting import correct_fact

    def one(fact: str, span=(None, None), **cells: str):
        said = {"reason": "entered wrongly", "person": "045", "decided_at": 1_800_000_000_000_000}
        return correct_fact(actor, fact, cells, **said, first_unit=span[0], until_unit=span[1])

    return one


def test_a_material_row(built, fact, correct, ask, advance):
    before = advance()
    with pytest.raises(Conflict):
        correct(fact("materials", 0), package="P9")  # the next row says for certain that SN4 has P1
    report = correct(fact("materials", 0), package="P9", last_serial="SN3")
    assert ask("lot:L1") == (2, 0, 5) and ask("(lot:L9 at:R2)") == (2, 0, 1)
    assert ask("lot:L1", before) == (4, 0, 5)
    assert report.facts == [fact("materials", 0, built["materials"][0] | {"package": "P9", "last_serial": "SN3"})]


def test_a_part_of_a_row(built, fact, correct, ask):
    correct(fact("materials", 0), span=(1, 3), package="P9")
    assert ask("lot:L9 order:WO-1") == (3, 0, 1) and ask("lot:L1 unit:SN1") == (0, 0, 0)
    correct(fact("processes", 0), span=(2, 3), result="failed", program="P8")
    assert ask("passed:REFLOW(program=P8)") == (1, 0, 0) and ask("passed:REFLOW(program=P7)") == (6, 0, 0)


def test_a_package_takes_its_runs_along(built, fact, correct, ask, advance):
    before = advance()
    correct(fact("lots", 0), lot_code="L1-B")
    assert ask("lot:L1-B") == (4, 0, 5)
    with pytest.raises(NotFound):  # nothing is called so any more
        ask("lot:L1")
    assert ask("lot:L1", before) == (4, 0, 5) and ask("ever:(lot:L1-B)", before) == (0, 0, 5)
    correct(fact("lots", 3), lot_code="L9-B")
    assert ask("lot:L9-B") == (1, 0, 5) and ask("firmware:1.0.0 unit:SN5") == (1, 0, 0)


def test_an_order_keeps_its_units(built, fact, correct, ask, load, advance):
    before = advance()
    correct(fact("orders", 0), customer="cx")
    assert ask("owner:cx") == (5, 0, 0) and ask("lot:L1 order:WO-1") == (4, 0, 1) and ask("passed:REFLOW") == (7, 0, 0)
    assert ask("owner:own", before) == (7, 0, 0) and ask("owner:own") == (2, 0, 0)
    with pytest.raises(Refused):
        correct(fact("orders", 0, built["orders"][0] | {"customer": "cx"}), quantity="5")  # SN6 would have no order
    with pytest.raises(Refused):
        correct(fact("orders", 1), product="box")


def test_what_is_corrected_back_leaves_the_log_in_order(built, fact, correct, actor):
    """A party renamed and named as before, a release whose file alone was named wrongly: the log was called broken."""
    from asbuilt.ledger.verifying import verify

    one = correct(fact("parties", 0), name="Own Brand SE").facts[0]
    correct(one, name="Own Brand")
    correct(fact("firmware", 0), image="images/b.bin")
    correct(fact("firmware", 1), image="images/c.bin", revisions="A")
    assert [(found.code, found.what) for found in verify(actor.tenant).findings] == []


def test_an_order_keeps_what_meets_at_its_positions(built, fact, correct, ask, load, actor):
    """R1 of SN1 and SN2 may have come from P2: after a correction of their order it stood as certainly P1."""
    from asbuilt.ledger.verifying import verify

    row = built["materials"][2] | {"refdes": "R1", "first_serial": "SN1", "last_serial": "SN2"}
    load({"materials": [row]}, "beside")
    told = {text: ask(text) for text in ("(lot:L1 at:R1)", "(lot:L2 at:R1)")}
    assert told["(lot:L1 at:R1)"][:2] == (1, 2)  # SN4; SN1 and SN2; that of SN5 was replaced
    correct(fact("orders", 0), batch="B8")
    assert {text: ask(text) for text in told} == told
    assert [(found.code, found.what) for found in verify(actor.tenant).findings] == []


def test_one_row_of_a_placement_and_of_a_panel_map(built, fact, correct, actor):
    """A rotation, a place in mm: each file is stated once, and so one wrong row of it could not be mended."""
    from asbuilt.ledger.verifying import verify
    from asbuilt.storage import reading

    one = correct(fact("placements", 0), rotation="180", x_mm="11").facts[0]
    sql = "SELECT refdes, x_um, rotation_mdeg FROM catalog_placement WHERE tenant = %s AND until_entry IS NULL ORDER BY refdes"
    assert reading.fetch(sql, (actor.tenant,)) == [("R1", 11_000, 180_000), ("R2", 12_000, 0)]
    with pytest.raises(Invalid) as refusal:
        correct(one, refdes="R2")
    assert [row.code for row in refusal.value.rows] == ["catalog.placement_doubled"]
    one = correct(fact("panel_places", 0), x_mm="31").facts[0]
    sql = "SELECT machine_position, x_um FROM catalog_panel_place WHERE tenant = %s AND side = 'top' AND until_entry IS NULL ORDER BY 1"
    assert reading.fetch(sql, (actor.tenant,)) == [(1, 31_000), (2, 60_000), (3, 90_000)]
    for cells, code in (
        ({"position": "2"}, "doubled"),
        ({"position": "9"}, "sides_differ"),
        ({"machine_position": "3"}, "doubled"),
    ):
        with pytest.raises(Invalid) as refusal:
            correct(one, **cells)
        assert refusal.value.rows[0].code.endswith(code), cells
    assert [(found.code, found.what) for found in verify(actor.tenant).findings] == []


def test_the_first_of_two_replacements(built, fact, correct, ask):
    """R1 of SN5 went from P1 to P2 to P9. Why the first was done could not be mended: P1 "was not there"."""
    told = {text: ask(text) for text in ("lot:L1", "lot:L2", "lot:L9", "ever:(lot:L2)")}
    one = correct(fact("replacements", 0), reason="cracked", happened_at="2027-03-06T09:00:00+00:00").facts[0]
    assert {text: ask(text) for text in told} == told
    for cells in ({"installed_package": "P9"}, {"happened_at": "2027-03-08T09:00:00+00:00"}):
        with pytest.raises((Invalid, Refused)):
            correct(one, **cells)  # the second took out P2, a day later
    assert {text: ask(text) for text in told} == told


def test_parties_and_releases_keep_what_names_them(built, fact, correct, ask):
    correct(fact("parties", 0), name="Own Brand SE", country="AT")
    assert ask('owner:"Own Brand SE"') == (7, 0, 0)
    correct(fact("firmware", 0), released_at="2027-02-01T00:00:00+00:00")
    assert ask("ever:(firmware:1.0.0)") == (2, 0, 0)
    with pytest.raises(Refused):
        correct(
            fact("firmware", 0, built["firmware"][0] | {"released_at": "2027-02-01T00:00:00+00:00"}), sha256="ee" * 32
        )


def test_a_renamed_party_keeps_what_was_stated_by_its_old_names(
    built, fact, correct, ask, load, actor, another_home, tmp_path
):
    """WO-1 was ordered by "Own Brand", by name. It is renamed twice, and a stranger is called so now: the log was called broken, and
    exported tables gave the order to the stranger."""
    from asbuilt.built.exchange.actions import import_folder
    from asbuilt.built.exchange.exporting import export_folder
    from asbuilt.ledger.verifying import verify

    def owned():
        return ask("owner:own"), ask("owner:thief"), ask('supplier:"Parts and Co"')

    one = correct(fact("parties", 0), name="Own Brand SE").facts[0]
    load({"parties": [{"party": "thief", "name": "Own Brand", "roles": "customer", "country": "AT"}]}, "later")
    load({"orders": [{**built["orders"][1], "order": "WO-9", "customer": "Own Brand SE"}]}, "between")
    correct(one, name="Own Brand AG")
    correct(fact("parties", 1), name="Parts and Co")
    # WO-1 without its skipped place, the box and WO-9; SN3 is skipped, the two boxes have no material
    expected = ((5 + 2 + 4, 0, 0), (0, 0, 0), (5 + 4, 0, 2))
    assert [(found.code, found.what) for found in verify(actor.tenant).findings] == []
    assert owned() == expected
    export_folder(actor, tmp_path / "out")
    another_home()
    import_folder(actor, tmp_path / "out")
    assert owned() == expected


def test_units_names_and_back_again(built, fact, correct, ask):
    one = correct(fact("units", 0), serial="SN1-B").facts[0]
    assert ask("unit:SN1-B") == (1, 0, 0) and ask("panel:PN1") == (2, 0, 0)
    correct(one, serial="SN1")
    assert ask("unit:SN1 order:WO-1") == (1, 0, 0)
    correct(fact("units", 1), state="scrapped")
    assert ask("unit:SN2 scrapped") == (1, 0, 0)
    correct(fact("names", 0), value="00:11:33")
    assert ask("unit:00:11:33") == (1, 0, 0)


def test_records_of_units(built, fact, correct, withdraw, ask):
    correct(fact("programming", 1), result="fail")
    assert ask("firmware:1.0.0 unit:SN6") == (1, 0, 0)
    correct(fact("tests", 1), outcome="error")
    assert ask("test:FCT=error") == (1, 0, 0)
    withdraw(fact("placings", 0), fact("placings", 1))
    correct(fact("shipments", 0), country="BE", shipment="S3")
    assert ask("country:BE") == (2, 0, 0)
    correct(fact("assemblies", 1), removed_at="")
    assert ask("inside:(order:WO-3)") == (2, 0, 0)
    correct(fact("replacements", 1), installed_package="P1")
    assert ask("(lot:L1 at:R1 unit:SN5)") == (1, 0, 0)
    correct(fact("bom", 2), part="PCB")
    assert ask("(part:LBL)") == (0, 0, 0)


def test_what_is_refused(built, fact, correct, actor):
    from asbuilt.storage import reading

    count = "SELECT count(*) FROM ledger_entry WHERE tenant = %s"
    entries = reading.fetch(count, (actor.tenant,))
    with pytest.raises(Invalid):
        correct(fact("tests", 0), colour="red")
    with pytest.raises(Invalid):
        correct(fact("tests", 0), outcome="maybe")
    with pytest.raises(Invalid):
        correct(fact("tests", 0), outcome="fail")
    with pytest.raises(Invalid):
        correct(fact("materials", 0), package="NONE")
    with pytest.raises(Conflict):
        correct(fact("units", 0), serial="SN2")
    assert reading.fetch(count, (actor.tenant,)) == entries


def test_the_certificate_of_a_unit_has_its_release_and_order_as_they_were_corrected(built, fact, correct, actor):
    """A release keeps its number and its place when it is corrected: the certificate named the row that had been withdrawn, as one that stands."""
    from asbuilt.kernel.certificates import check_certificate
    from asbuilt.ledger import keyring, origins, sequencing
    from asbuilt.questions.genealogy.answering.lookup import unit_document

    def certified(shape: str) -> list[str]:
        sequencing.sequence(actor.tenant)
        origin = origins.origin(actor.tenant)
        keys = {"record_keys": [keyring.record_public(origin)], "log_vkeys": keyring.vkeys(origin)}
        found = check_certificate(unit_document(actor, "SN6"), **keys)
        return [str(row) for entry in found.entries for row in entry.rows if row.shape == shape]

    for day in ("2027-02-01", "2027-02-02"):
        row = fact(
            "firmware",
            0,
            built["firmware"][0] | ({} if day == "2027-02-01" else {"released_at": "2027-02-01T00:00:00+00:00"}),
        )
        correct(row, released_at=f"{day}T00:00:00+00:00")
        releases = certified("firmware.release/1")
        assert len(releases) == 2 and sum(f"{day}T00:00:00" in one for one in releases) == 1, releases
    correct(fact("orders", 0), customer="cx")
    (order,) = certified("production.order/1")
    assert "'cx'" in order


def test_the_country_of_a_shipment_of_several_lines(built, fact, correct, withdraw, ask, load, actor):
    """The story: a shipment of two lines named the wrong country; neither line could be corrected, for the other contradicted it."""
    from asbuilt.ledger.verifying import verify

    line = built["shipments"][0]
    withdraw(fact("placings", 0), fact("placings", 1))
    code, country = line["shipment"], line["country"]
    more = {**line, "first_serial": "SN5", "last_serial": "SN5"}
    load({"shipments": [more]})
    lines = ask(f"shipment:{code}")[0]
    report = correct(fact("shipments", 0), country="PT")
    assert len(report.facts) == 2
    assert ask(f"shipment:{code}")[0] == lines == ask(f"country:PT shipment:{code}")[0]
    assert ask(f"country:{country} shipment:{code}")[0] == 0
    # what a line says of itself is its own
    correct(report.facts[0], shipped_at="2027-04-01T08:00:00Z")
    assert [(found.code, found.what) for found in verify(actor.tenant).findings] == []


def test_what_a_concession_says_of_all_its_units(built, fact, correct, actor):
    """The story: a concession of two units named the wrong test and reason; neither row could be corrected, for the other contradicted it."""
    from asbuilt.built.quality.concessions import concessions
    from asbuilt.kernel.instants import parse_instant
    from asbuilt.ledger.verifying import verify

    (before,) = concessions(actor.tenant, ["CON-1"])
    until = "2027-03-18T08:00:00+00:00"
    report = correct(fact("concessions", 1), subject="ICT", reason="the other rig is down", until_at=until)
    assert len(report.facts) == 2
    (now,) = concessions(actor.tenant, ["CON-1"])
    assert now.units == before.units and len(now.units) == 2
    assert (now.allows, now.subject, now.reason) == ("test_missing", "ICT", "the other rig is down")
    assert now.until_at == parse_instant(until)
    assert not now.ours  # nobody agreed to what it says now
    correct(report.facts[1], operator="046")  # of one unit alone
    assert verify(actor.tenant).as_json()["findings"] == []


def test_the_step_and_party_of_a_delivery_note_of_several_rows(built, fact, correct, ask, actor, load):
    """The story: units left with one note in two rows, and the note named the wrong subcontractor and step."""
    from asbuilt.built.exchange.finding import find_facts
    from asbuilt.ledger.verifying import verify

    there = ask("in:outside order:WO-1")
    report = correct(fact("sent_out", 1), party="sup", step="PLATE", side="top")
    assert len(report.facts) == 2
    rows = [one.cells for one in find_facts(actor, "sent_out", "DN-1").facts]
    assert [(row["party"], row["step"], row["side"]) for row in rows] == [("sup", "PLATE", "top")] * 2
    assert ask("in:outside order:WO-1") == there
    assert verify(actor.tenant).as_json()["findings"] == []


def test_what_was_numbered_and_the_first_version_of_a_test_plan(built, fact, correct, withdraw, load, actor):
    """The story: counters were noted under the wrong order, and the first of two versions of a plan under the wrong badge: both were refused."""
    from asbuilt.designed.catalog.test_plans import versions_of
    from asbuilt.ledger.verifying import verify

    again = correct(fact("numberings", 0), order="WO-2").facts[0]
    again = correct(again, given_at="2027-03-02T09:00:00+00:00", last_counter="4").facts[0]
    correct(fact("test_plans", 0), operator="047")
    second = correct(fact("test_plans", 1), happened_at="2027-03-02T08:00:00+00:00").facts[0]
    with pytest.raises(Invalid) as refused:
        correct(second, changes="")  # what differs from the first is said
    assert "catalog.test_plan_changes" in str(refused.value.rows)
    assert set(versions_of(actor.tenant, "FCT")) == {"1", "2"}
    withdraw(again)
    given = {**built["numberings"][0], "first_counter": "4", "last_counter": "6"}
    with pytest.raises(Conflict):  # a counter that was given once is on a label somewhere
        load({"numberings": [given]}, "given")
    assert verify(actor.tenant).as_json()["findings"] == []


def test_a_held_lot_whose_code_was_typed_wrong_stays_held(
    built, fact, correct, withdraw, ask, advance, actor, another_home, tmp_path
):
    """The story: a lot is held, and its code turns out to be typed wrong. Corrected, nothing on the line was held any more, though nobody lifted it."""
    from asbuilt.built.exchange.actions import import_folder
    from asbuilt.built.exchange.exporting import export_folder
    from asbuilt.ledger.verifying import verify

    withdraw(fact("holds", 1), fact("holds", 2), fact("holds", 3))
    held, before = ask("held"), advance()
    assert held == (9, 0, 0)  # by H-1 on lot L1: the four that carry it, and the five that are silent about it
    correct(fact("lots", 0), lot_code="L1-B", date_code="2702")
    assert ask("held") == held == ask("held", before) and ask("held lot:L1-B") == (4, 0, 5)
    lots = [{**built["lots"][1]}]
    again = correct(fact("lots", 1, lots[0]), lot_code="L2-B")  # with what is said of its silicon
    assert len(again.facts) == 1
    assert verify(actor.tenant).as_json()["findings"] == []
    export_folder(actor, tmp_path / "out")
    another_home()
    import_folder(actor, tmp_path / "out")
    assert ask("held") == held and ask("lot:L2-B")[0] == 4


def test_a_lot_that_is_held_keeps_its_last_package(built, fact, withdraw):
    withdraw(fact("replacements", 0), fact("replacements", 1), fact("materials", 2), fact("materials", 4))
    withdraw(fact("handling", 0), fact("handling", 1), fact("inspection_checks", 0), fact("inspections", 0))
    with pytest.raises(Refused) as refused:
        withdraw(fact("lots", 1))
    assert refused.value.facts["rests"] == "rows of silicon_revisions.csv" and refused.value.facts["names"] == ["L2"]
    withdraw(fact("lots", 1), fact("silicon_revisions", 1))


def test_what_no_other_home_could_load_is_refused(built, fact, correct, withdraw):
    """A work instruction that a routing asks for becomes a criterion; a place of a panel leaves the other side behind: an export of it went in nowhere."""
    with pytest.raises(Refused) as refused:
        correct(fact("documents", 0), kind="criteria")
    assert refused.value.facts["names"] == ["1 REFLOW"]
    for cells in ({"panel": "P4"}, {"product": "box"}):
        with pytest.raises(Refused) as refused:
            correct(fact("panel_places", 0), **cells)
        assert refused.value.facts["names"] == ["P3 1"]
    with pytest.raises(Refused):
        withdraw(fact("panel_places", 3))
    withdraw(*(fact("panel_places", n) for n in (0, 1, 2)))  # a side as a whole
    withdraw(fact("routings", 0))
    correct(fact("documents", 0), kind="criteria")


@pytest.mark.parametrize(
    ("table", "n", "cells", "rests"),
    [
        ("configurations", 0, {"configuration": "US"}, ["WO-1"]),  # WO-1 is built as EU
        ("containers", 0, {"kind": "pallet"}, ["BOX-1"]),  # it was closed as a box
        ("containers", 1, {"kind": "box"}, ["PAL-1"]),  # BOX-1 lies in it
        ("dispositions", 0, {"disposition": "D-9"}, ["NCR-1 D-1"]),  # D-1 was agreed and approved
        (
            "programming_order_states",
            0,
            {"happened_at": "2027-03-04T08:00:00+00:00"},
            ["PG-1"],
        ),  # it was closed on the 3rd
        ("waivers", 1, {"waiver": "WVR-1"}, None),  # another one has that code
        ("nonconformities", 1, {"nonconformity": "NCR-1"}, None),
    ],
)
def test_what_a_cell_says_and_other_rows_rest_on_is_not_corrected_away(built, fact, correct, withdraw, table, n, cells, rests):  # fmt: skip
    """Each was recorded, and an export of it went in nowhere: configurations.csv, containers.csv, packed.csv, dispositions.csv, waivers.csv were refused there."""
    with pytest.raises((Refused, Invalid)) as refused:
        correct(fact(table, n), **cells)
    if rests:
        assert refused.value.facts["names"] == rests
        with pytest.raises(Refused):
            withdraw(fact(table, n))
    else:
        assert refused.value.code == "tables.contradicts"


def test_what_is_said_of_a_package_that_came_programmed(built, fact, correct, ask, actor, another_home, tmp_path):
    """The story: a reel came programmed, and its row lacked the role, the UID and the hash. None could be added: the row contradicted itself."""
    from asbuilt.built.exchange.actions import import_folder
    from asbuilt.built.exchange.exporting import export_folder
    from asbuilt.built.exchange.finding import find_facts
    from asbuilt.ledger.verifying import verify

    before = ask("firmware:1.0.0")
    again, row = fact("programming", 3), built["programming"][3]
    for cells in ({"role": "app"}, {"uid": "00aa"}, {"sha256": row["sha256"] or "ab" * 32}, {"role": "", "uid": ""}):
        again = correct(again, **cells).facts[0]
        assert ask("firmware:1.0.0") == before
    (said,) = (one.cells for one in find_facts(actor, "programming", "P9").facts)
    assert (said["role"], said["uid"], said["sha256"]) == ("", "", "ab" * 32)
    assert verify(actor.tenant).as_json()["findings"] == []
    export_folder(actor, tmp_path / "out")
    another_home()
    import_folder(actor, tmp_path / "out")
    assert ask("firmware:1.0.0") == before


def test_the_file_of_an_own_entry_that_a_newer_one_followed(
    built, fact, correct, advance, actor, another_home, tmp_path
):
    """The story: an own entry was noted twice, and the first one's file under a wrong name: it could not be corrected, for the second stands."""
    from asbuilt.built.exchange.actions import import_folder
    from asbuilt.built.exchange.exporting import export_folder
    from asbuilt.built.exchange.finding import find_facts
    from asbuilt.designed.vulnerability.feeds.queries import advisories_of
    from asbuilt.ledger.verifying import verify

    def titles() -> list[str]:
        return [one.advisory.title for one in advisories_of(actor.tenant, "OWN-1")]

    def files() -> list[str]:
        return [one.cells["file"] for one in find_facts(actor, "own_entries", "OWN-1").facts]

    assert titles() == ["Overflow after all"]
    first = correct(fact("own_entries", 0), file="mails/first.json").facts[0]
    correct(fact("own_entries", 2), file="mails/second.json")
    correct(first, file="mails/erste.json")
    assert titles() == ["Overflow after all"] and sorted(files()) == ["mails/erste.json", "mails/second.json"]
    assert verify(actor.tenant).as_json()["findings"] == []
    with pytest.raises(Invalid):  # what its file does not say is not said
        correct(fact("own_entries", 1), title="Found in the field")
    export_folder(actor, tmp_path / "out")
    another_home()
    import_folder(actor, tmp_path / "out")
    assert titles() == ["Overflow after all"] and sorted(files()) == ["mails/erste.json", "mails/second.json"]


def test_limits_that_were_typed_wrong_judge_no_run(
    built, fact, load, correct, withdraw, ask, advance, actor, another_home, tmp_path
):
    """The story: zone 5 of the reflow step was limited to 255 in place of 270. Corrected, the boards that ran at 261.5 went on as out of limits, and
    where the export went they did not; a run at 200 that nobody was told of was none here, and one there."""
    from asbuilt.built.exchange.actions import import_folder
    from asbuilt.built.exchange.exporting import export_folder
    from asbuilt.built.production.process_record import alarms_seen
    from asbuilt.ledger.verifying import verify

    def told() -> list[tuple]:
        return sorted((one.alarm.order, one.first, one.alarm.units, one.alarm.outside) for one in alarms_seen(actor))

    cold = built["processes"][1] | {"first_serial": "WO-2#3", "last_serial": "WO-2#4", "readings": '{"zone5": 268}'}
    load({"processes": [cold]}, "cold")
    assert ask("alarm:zone5") == (7, 0, 0)  # SN1 to SN6 without the X-out, and two of WO-2
    withdraw(fact("processes", 0), span=(2, 3))  # SN2 did not go through
    assert ask("alarm:zone5") == (6, 0, 0)
    before = advance()
    again = correct(fact("routings", 0), limits='{"zone5": [240, 265]}').facts[0]
    assert ask("alarm:zone5") == (2, 0, 0) and ask("alarm:zone5", before) == (6, 0, 0)
    assert told() == [("WO-2", "WO-2#3", 2, "zone5 268 (240 to 265)")]
    between = advance()
    again = correct(again, limits='{"zone5": [265, 270]}').facts[0]
    assert told() == [
        ("WO-1", "WO-1#1", 1, "zone5 261.5 (265 to 270)"),
        ("WO-1", "WO-1#3", 4, "zone5 261.5 (265 to 270)"),
    ]
    assert ask("alarm:zone5") == (4, 0, 0) and ask("alarm:zone5", between) == (2, 0, 0)
    assert ask("passed:REFLOW") == (6 + 2, 0, 0)
    withdraw(fact("processes", 0), span=(1, 2))
    correct(again, place="line 3")
    assert verify(actor.tenant).as_json()["findings"] == []
    here = told(), ask("alarm:zone5")
    assert here[1] == (3, 0, 0)
    export_folder(actor, tmp_path / "out")
    another_home()
    import_folder(actor, tmp_path / "out")
    assert (told(), ask("alarm:zone5")) == here


def test_an_order_that_is_of_another_revision_is_judged_by_its_limits(
    built, fact, load, correct, ask, withdraw, advance, actor, another_home, tmp_path
):
    """The story: an order was entered as revision A (240 to 255) and is B (260 to 262). Corrected, its boards that ran at 261.5 went on as out of limits;
    where the export went they were judged by B, and were none."""
    from asbuilt.built.exchange.actions import import_folder
    from asbuilt.built.exchange.exporting import export_folder
    from asbuilt.built.production.process_record import alarms_seen
    from asbuilt.ledger.verifying import verify

    def told() -> list[tuple]:
        return sorted((one.alarm.order, one.first, one.alarm.units, one.alarm.outside) for one in alarms_seen(actor))

    def clean() -> bool:
        return verify(actor.tenant).as_json()["findings"] == []
        return verify(actor.tenant).as_json()["findings"] == []

    other = {"revision": "B"}
    load({
        "bom": [row | other for row in built["bom"] if row["product"] == "board"],
        "configurations": [built["configurations"][0] | other],  # WO-1 is built as EU
        "routings": [row | other | {"limits": '{"zone5": [260, 262]}'} for row in built["routings"] if row["step"] == "REFLOW"],
        "processes": [built["processes"][1] | {"first_serial": "WO-2#5", "last_serial": "WO-2#5", "readings": '{"zone5": 268}'},
                      built["processes"][1] | {"first_serial": "WO-2#3", "last_serial": "WO-2#3", "readings": '{"zone5": 261}'}],
    }, "more")  # fmt: skip
    withdraw(fact("processes", 0), span=(2, 3))  # SN2 did not go through
    assert ask("alarm:zone5") == (4 + 2, 0, 0)
    before = advance()
    again = correct(fact("orders", 0), revision="B").facts[0]
    assert told() == [
        ("WO-2", "WO-2#3", 1, "zone5 261 (240 to 255)"),
        ("WO-2", "WO-2#5", 1, "zone5 268 (240 to 255)"),
    ]
    assert ask("alarm:zone5") == (2, 0, 0) and ask("alarm:zone5", before) == (6, 0, 0) and clean()
    between = advance()
    with pytest.raises(Refused):  # a block goes on only while nothing happened to its units
        correct(fact("blocks", 1), revision="B")
    correct(again, revision="A")
    assert ask("alarm:zone5") == (6, 0, 0) and ask("alarm:zone5", between) == (2, 0, 0) and clean()
    correct(fact("orders", 1), revision="B")  # the unit at 261 is none out of limits, as B
    assert ask("passed:REFLOW") == (4 + 2 + 2, 0, 0) and clean()
    here = told()
    assert here[-1] == ("WO-2", "WO-2#5", 1, "zone5 268 (240 to 255)") and ask("alarm:zone5 order:WO-2") == (1, 0, 0)
    export_folder(actor, tmp_path / "out")
    another_home()
    import_folder(actor, tmp_path / "out")
    assert told() == here


def test_what_an_own_entry_says_is_corrected_with_its_right_file(built, fact, correct, advance, actor, another_home, tmp_path):  # fmt: skip
    """The story: the file of an own entry said that versions below 2.28.8 are affected, and it is 2.28.7. No correction took a file, so what it said
    could only be withdrawn. A correction takes one, tells hash, title and time by it, and where the export goes the same stands."""
    import json

    from exchange.conftest import OWN_SAID

    from asbuilt.built.exchange.actions import import_folder
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.built.exchange.exporting import export_folder
    from asbuilt.designed.vulnerability.feeds.queries import advisories_of
    from asbuilt.ledger.verifying import verify

    def said() -> list[tuple]:
        return [(one.advisory.title, str(one.advisory.criteria)) for one in advisories_of(actor.tenant, "OWN-1")]  # fmt: skip

    def give(told: str, content: bytes, **cells: str):
        why = {"reason": "typed wrong", "person": "045", "decided_at": 1_800_000_000_000_000}
        return correct_fact(actor, told, cells, **why, file=content)

    newest = OWN_SAID["3.json"]
    before = said()
    with pytest.raises(Invalid) as refused:
        correct(fact("own_entries", 2), title="Overflow in parser")
    assert "give the file that says so" in refused.value.rows[0].remedy
    right = newest | {
        "title": "Overflow in parser",
        "affected": [{"purl": "pkg:generic/mbedtls", "versions": "<2.28.7"}],
    }
    for told, content in (
        (fact("parties", 0), json.dumps(right).encode()),  # no file belongs to it
        (fact("own_entries", 2), b"{"),
        (fact("own_entries", 2), json.dumps({"title": "who and when?"}).encode()),
    ):
        with pytest.raises(Invalid):
            give(told, content)
    assert said() == before
    give(fact("own_entries", 2), json.dumps(right).encode())
    after = said()
    assert len(after) == 1 and after[0][0] == "Overflow in parser" and "2.28.7" in str(after)
    give(fact("own_entries", 0), json.dumps(OWN_SAID["1.json"] | {"title": "Crash"}).encode(), file="mails/first.json")
    assert said() == after  # the newer version goes on
    assert verify(actor.tenant).as_json()["findings"] == []
    export_folder(actor, tmp_path / "out")
    assert json.loads((tmp_path / "out/mails/first.json").read_bytes())["title"] == "Crash"
    another_home()
    import_folder(actor, tmp_path / "out")
    assert said() == after


@pytest.mark.parametrize("taken_back", [False, True])
def test_who_is_affected_follows_what_is_corrected_and_withdrawn(built, fact, correct, withdraw, ask, actor, another_home, tmp_path, taken_back):  # fmt: skip
    """The story: an own entry named lot L1 and meant L9; a reel was no L9, and an entry was none at all. Until the next feed came in `cve:` answered by what
    had been taken back, and a home that loaded the export by what stood."""
    import json

    from exchange.conftest import OWN_SAID

    from asbuilt.built.exchange.actions import import_folder
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.built.exchange.exporting import export_folder
    from asbuilt.ledger.verifying import verify

    def affected() -> int | None:
        try:
            return ask("cve:OWN-2")[0]
        except NotFound:
            return None

    assert affected() == ask("lot:L1")[0] == 4
    right = OWN_SAID["2.json"] | {"affected": [{"maker": "Yageo", "mpn": "RC0402", "lots": ["L9"]}]}
    why = {"reason": "typed wrong", "person": "045", "decided_at": 1_800_000_000_000_000}
    again = correct_fact(actor, fact("own_entries", 1), {}, **why, file=json.dumps(right).encode()).facts[0]
    assert affected() == ask("lot:L9")[0] == 1
    correct(fact("lots", 3), lot_code="L8")
    assert affected() == 0
    correct(fact("lots", 0), lot_code="L9")
    assert affected() == ask("lot:L9")[0] == 4
    if taken_back:
        withdraw(again)
    assert affected() == (None if taken_back else 4)
    assert verify(actor.tenant).as_json()["findings"] == []
    export_folder(actor, tmp_path / "out")
    another_home()
    import_folder(actor, tmp_path / "out")
    assert affected() == (None if taken_back else 4)
