"""Floor life by messages: what machines say of moisture sensitive packages is what a person states at the store, read by one clock.

Level 3 lies open for 168 h (J-STD-033D); the messages are of 1 March 2027, 08:00 +01:00 and minutes later.
"""

import pytest
from machine_floor import at, envelope
from supply.conftest import person

from asbuilt.built.messages.dead_letters import retry_dead_letters
from asbuilt.built.supply.actions.handling import handle_packages
from asbuilt.built.supply.actions.statuses import quarantine_packages, reject_packages, release_packages
from asbuilt.built.supply.queries import floor_life, standing_of
from asbuilt.kernel.errors import NotAllowed
from asbuilt.kernel.instants import parse_instant

__all__ = ["person"]
MSD = "Materials.Management.MSDManagement."
OPENED_AT = parse_instant("2027-03-01T08:00:00+01:00")
HOUR = 3_600_000_000


def happened(event: str, *codes: str, minute: int = 0) -> dict:
    """One of the five messages about moisture sensitive packages."""
    return envelope(
        MSD + event, {"Materials": [{"UniqueIdentifier": code} for code in codes]}, source="Store.1", time=at(minute)
    )


def made(code: str, level: str) -> dict:
    """MaterialsInitialized of one package of this level."""
    told = {
        "UniqueIdentifier": code, "InternalPartNumber": "P-IC", "Manufacturer": "ACME", "ManufacturerPartNumber": "M-P-IC",
        "Vendor": "SUPP", "ManufacturerLotCode": "LX", "InitialQuantity": 100.0, "Status": "Active",
        "MaterialData": {"$type": "CFX.Structures.MaterialPackageMSDData, CFX", "MSDLevel": level, "MSDState": "NeverOpened"},
    }  # fmt: skip
    return envelope("Materials.Management.MaterialsInitialized", {"Materials": [told]}, source="Store.1", time=at(0))


def split(source: str, new: str, minute: int) -> dict:
    """MaterialsSplit."""
    body = {
        "SourceMaterialPackageIdentifier": source,
        "NewMaterialPackageIdentifier": new,
        "NewMaterialPackageQuantity": 10.0,
    }
    return envelope("Materials.Management.MaterialsSplit", body, source="Store.1", time=at(minute))


@pytest.mark.parametrize(("told", "level", "hours"), [("MSL3", "3", 168), ("MSL2A", "2a", 672), ("MSL5A", "5a", 24)])
def test_a_package_that_a_machine_opened_runs_out(say, actor, verified, told, level, hours):
    report = say(made("X-1", told), happened("MaterialsOpened", "X-1"))
    assert report.uses["used"] == 2
    found = floor_life(actor.tenant, "X-1", OPENED_AT + HOUR)
    assert (found.level, found.state, found.ends_at) == (level, "running", OPENED_AT + hours * HOUR)
    found = floor_life(actor.tenant, "X-1", OPENED_AT + hours * HOUR)
    assert (found.state, found.may_mount) == ("over", False)
    assert verified() == []


def test_machine_and_person_wind_one_clock(say, actor, verified):
    say(made("X-1", "MSL3"), happened("MaterialsOpened", "X-1"))
    dry = OPENED_AT + 30 * 60_000_000
    handle_packages(actor, packages=["X-1"], event="dry_in", readings={"rh_percent_max": 5}, happened_at=dry)
    assert floor_life(actor.tenant, "X-1", dry + 1).state == "paused"
    say(happened("MaterialsRemovedFromDryStorage", "X-1", minute=50))
    found = floor_life(actor.tenant, "X-1", OPENED_AT + HOUR)
    # 30 minutes open, 20 in the cabinet, 10 open again
    assert (found.state, found.ends_at) == ("running", OPENED_AT + 168 * HOUR + 20 * 60_000_000)
    assert verified() == []


def test_a_dry_cabinet_that_speaks_stops_the_clock_and_runs_it_again(say, actor, verified):
    say(
        made("X-1", "MSL3"), happened("MaterialsOpened", "X-1"), happened("MaterialsPlacedInDryStorage", "X-1", minute=10),
    )  # fmt: skip
    # in the cabinet for twenty days: no stop, and nothing is set back, for nobody said how dry it is
    found = floor_life(actor.tenant, "X-1", OPENED_AT + 480 * HOUR)
    assert (found.state, found.may_mount, found.left_us) == ("paused", True, 168 * HOUR - 10 * 60_000_000)
    say(happened("MaterialsRemovedFromDryStorage", "X-1", minute=50))
    # 40 minutes in the cabinet
    found = floor_life(actor.tenant, "X-1", OPENED_AT + HOUR)
    assert (found.state, found.ends_at) == ("running", OPENED_AT + 168 * HOUR + 40 * 60_000_000)
    assert verified() == []


def test_a_person_who_measured_says_more_than_the_cabinet(say, actor):
    say(
        made("X-1", "MSL3"), happened("MaterialsOpened", "X-1"), happened("MaterialsPlacedInDryStorage", "X-1", minute=10),
    )  # fmt: skip
    damp = OPENED_AT + 20 * 60_000_000
    handle_packages(actor, packages=["X-1"], event="dry_in", readings={"rh_percent_max": 20}, happened_at=damp)
    found = floor_life(actor.tenant, "X-1", OPENED_AT + HOUR)
    assert (found.state, found.ends_at) == ("running", OPENED_AT + 168 * HOUR + 10 * 60_000_000)


def test_a_package_that_a_machine_calls_expired_is_stopped_until_a_quality_lead_releases_it(
    say, actor, person, sql, verified
):
    told = happened("MaterialsExpired", "X-1", minute=30)
    assert say(made("X-1", "MSL3"), happened("MaterialsOpened", "X-1"), told).uses["used"] == 3
    stands = standing_of(actor.tenant, "X-1")
    assert (stands.status, stands.since, stands.may_mount) == ("quarantine", OPENED_AT + 30 * 60_000_000, False)
    assert stands.reason == f"Store.1: expired (message {told['UniqueID']})"
    # the same message, and another one about what is stopped already, say nothing new
    assert say(told).known == 1
    assert say(happened("MaterialsExpired", "X-1", minute=31)).uses["kept"] == 1
    assert sql("SELECT count(*) FROM supply_package_status WHERE package = 'X-1'") == [(1,)]
    with pytest.raises(NotAllowed):
        release_packages(person("operator"), packages=["X-1"], reason="fine")
    release_packages(person("quality_lead"), packages=["X-1"], reason="baked and measured")
    assert standing_of(actor.tenant, "X-1").may_mount
    assert verified() == []


def test_a_machine_whose_clock_is_ahead_does_not_outlast_the_release(say, actor):
    ahead = envelope(
        MSD + "MaterialsExpired",
        {"Materials": [{"UniqueIdentifier": "RES-1"}]},
        source="Store.1",
        time="2027-03-05T08:00:00+01:00",
    )
    say(ahead)
    assert standing_of(actor.tenant, "RES-1").status == "quarantine"
    release_packages(actor, packages=["RES-1"], reason="measured")
    assert standing_of(actor.tenant, "RES-1").status == "released"


def test_what_was_rejected_stays_rejected_and_what_nobody_knows_is_a_dead_letter(say, actor):
    reject_packages(actor, packages=["RES-1"], reason="false", happened_at=OPENED_AT)
    said = say(happened("MaterialsExpired", "RES-1", minute=30), happened("MaterialsExpired", "X-9", minute=30))
    assert (said.uses["kept"], dict(said.causes)) == (1, {"supply.package_unknown": 1})
    assert standing_of(actor.tenant, "RES-1").status == "rejected"


def test_bakes_without_figures_change_no_clock(say, actor):
    report = say(
        made("X-1", "MSL3"), happened("MaterialsOpened", "X-1"), happened("MaterialsRestored", "X-1", minute=20),
    )  # fmt: skip
    assert report.uses == {"used": 2, "kept": 1}
    assert floor_life(actor.tenant, "X-1", OPENED_AT + HOUR).ends_at == OPENED_AT + 168 * HOUR


def test_the_same_message_again_opens_nothing_twice(say, actor, sql):
    opened = happened("MaterialsOpened", "RES-1", "CAP-1")
    assert say(opened).uses["used"] == 1 and say(opened).known == 1
    rows = sql("SELECT package, event, until_entry FROM supply_package_handling ORDER BY package")
    assert rows == [("CAP-1", "opened", None), ("RES-1", "opened", None)]


def test_a_package_that_goods_in_has_not_seen_is_a_dead_letter_until_it_has(say, actor, verified):
    assert dict(say(happened("MaterialsOpened", "RES-1", "X-9")).causes) == {"supply.package_unknown": 1}
    assert floor_life(actor.tenant, "RES-1", OPENED_AT + HOUR).state == "none"
    say(made("X-9", "MSL3"))
    retry_dead_letters(actor)
    assert floor_life(actor.tenant, "X-9", OPENED_AT + HOUR).state == "running"
    assert verified() == []


def test_a_part_split_off_takes_status_and_floor_life_with_it(say, actor, verified):
    say(made("X-1", "MSL3"), happened("MaterialsOpened", "X-1"))
    quarantine_packages(actor, packages=["X-1"], reason="marking differs", happened_at=OPENED_AT + 60_000_000)
    assert say(split("X-1", "X-1B", 30)).uses["used"] == 1
    stands = standing_of(actor.tenant, "X-1B")
    assert (stands.status, stands.reason, stands.since) == ("quarantine", "marking differs", OPENED_AT + 60_000_000)
    found = floor_life(actor.tenant, "X-1B", OPENED_AT + HOUR)
    assert (found.level, found.ends_at) == ("3", OPENED_AT + 168 * HOUR)
    # what happens to the source afterwards does not reach the part
    say(happened("MaterialsOpened", "X-1", minute=40))
    say(split("X-1B", "X-1C", 45))
    told = {code: [row.event for row in _handling(actor, code)] for code in ("X-1", "X-1B", "X-1C")}
    assert {code: sorted(events) for code, events in told.items()} == {
        "X-1": ["opened", "opened", "split"], "X-1B": ["opened", "split"], "X-1C": ["opened"],
    }  # fmt: skip
    assert verified() == []


def _handling(actor, code: str) -> list:
    from asbuilt.built.supply.package_file import package_file

    return package_file(actor.tenant, code, OPENED_AT).handling
