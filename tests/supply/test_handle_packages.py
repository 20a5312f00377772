"""Floor life, paste, expiry. Expectations: J-STD-033 as reference/ems-formats.md section 8 has it, counted by hand."""

import pytest
from supply.conftest import label

from asbuilt.built.supply.moisture import Event, floor_hours_of, moisture_clock
from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound

HOUR = 3_600_000_000
AT = 1_803_859_200_000_000  # 2027-03-01T00:00:00Z


def clock(events, level="3", now=0.0, hours=None):
    told = [Event(name, round(at * HOUR), readings) for name, at, readings in events]
    hours = floor_hours_of(level) if hours is None else hours
    return moisture_clock(told, level=level, floor_hours=hours, now=round(now * HOUR))


@pytest.mark.parametrize(
    ("level", "hours"),
    [("1", None), ("2", 8760), ("2a", 672), ("2A", 672), ("3", 168), ("4", 72), ("5", 48), ("5a", 24), ("6", 0)],
)
def test_floor_life_of_the_levels(level, hours):
    assert floor_hours_of(level) == hours


def test_the_clock_runs_from_opening_and_runs_out():
    opened = [("opened", 0, {})]
    assert clock([], now=1000).state == "closed"
    found = clock(opened, now=100)
    assert (found.state, found.used_us / HOUR, found.left_us / HOUR, found.ends_at / HOUR) == ("running", 100, 68, 168)
    assert clock(opened, now=167.99).state == "running"
    found = clock(opened, now=168)
    assert (found.state, found.since / HOUR) == ("over", 168)


def test_dry_cabinet_and_bag_pause_it():
    dry = {"rh_percent_max": 5}
    events = [("opened", 0, {}), ("dry_in", 100, dry), ("dry_out", 500, {})]
    assert clock(events[:2], now=400).state == "paused"
    # 100 h at the floor is no short exposure: what was used stays used
    assert clock(events, now=530).used_us / HOUR == 130
    assert clock([("opened", 0, {}), ("sealed", 100, {})], now=5000).used_us / HOUR == 100
    # above 5 % the clock goes on
    damp = clock([("opened", 0, {}), ("dry_in", 100, {"rh_percent_max": 10})], now=150)
    assert (damp.state, damp.used_us / HOUR) == ("running", 150)


@pytest.mark.parametrize(
    ("level", "exposed", "dried", "humidity", "left_over"),
    [
        ("3", 10, 50, 10, 0),  # five times as long at or below 10 %
        ("3", 10, 49, 5, 10),
        ("3", 10, 49, 10, 59),  # too short, and the clock went on
        ("3", 12, 60, 5, 0),
        ("3", 13, 650, 5, 13),  # longer than 12 h is no short exposure
        ("5a", 8, 80, 5, 0),
        ("5a", 8, 79, 5, 8),
        ("5", 9, 900, 5, 9),
        ("5a", 4, 40, 10, 44),  # level 5a needs 5 %
    ],
)
def test_a_short_exposure_is_dried_back_to_zero(level, exposed, dried, humidity, left_over):
    events = [("opened", 0, {}), ("dry_in", exposed, {"rh_percent_max": humidity}), ("dry_out", exposed + dried, {})]
    assert clock(events, level=level, now=exposed + dried, hours=1000).used_us / HOUR == left_over


def test_only_a_bake_brings_it_back():
    over = [("opened", 0, {}), ("dry_in", 200, {"rh_percent_max": 1}), ("dry_out", 2000, {})]
    assert clock(over, now=2001).state == "over"
    found = clock([*over, ("baked", 2100, {"temperature_c": 125, "hours": 48})], now=2110)
    assert (found.state, found.used_us / HOUR, found.baked) == ("running", 10, True)


def test_what_happens_later_than_asked_is_left_out():
    assert clock([("opened", 0, {}), ("baked", 150, {"temperature_c": 125, "hours": 9})], now=140).used_us / HOUR == 140


@pytest.fixture
def handle(actor):
    from asbuilt.built.supply.actions.handling import handle_packages

    def one(package: str, event: str, after: float, by=None, **readings):
        return handle_packages(
            by or actor, packages=[package], event=event, readings=readings, happened_at=AT + round(after * HOUR)
        )

    return one


@pytest.fixture
def life(actor):
    """life("PK-1", 100) -> the floor life 100 hours after the first of March."""
    from asbuilt.built.supply.queries import floor_life

    return lambda package, hours: floor_life(actor.tenant, package, AT + round(hours * HOUR))


@pytest.fixture
def reel(receive):
    """A reel of level 3 by the catalogue."""
    return receive(label("1PATECC608B", "Q1000", "1TA1", "10D2701")).packages[0].package


def test_a_reel_runs_out_at_the_floor_and_is_baked(reel, handle, life):
    assert (life(reel, 0).state, life(reel, 0).level, life(reel, 0).may_mount) == ("closed", "3", True)
    handle(reel, "opened", 0)
    found = life(reel, 17)
    assert (found.state, found.may_mount, found.left_us / HOUR, found.ends_at) == (
        "running",
        True,
        151,
        AT + 168 * HOUR,
    )
    found = life(reel, 169)
    assert (found.state, found.may_mount, found.left_us) == ("over", False, 0)
    assert found.why == f"Floor life of {reel} ended 2027-03-08T00:00:00.000000Z (168 h)." and "Bake it" in found.remedy
    assert found.rule_set.startswith("j-std-033/")
    handle(reel, "baked", 200, temperature_c=125, hours=48)
    assert life(reel, 201).may_mount


def test_a_part_without_a_level_has_no_clock(receive, handle, life):
    package = receive(label("1PGRM188", "Q4000", "1TL1", "10D2701"), part="C-1").packages[0].package
    handle(package, "opened", 0)
    assert (life(package, 99_999).kind, life(package, 99_999).may_mount) == ("none", True)
    level_1 = receive(label("1PRC0402", "Q5000", "1TL1", "10D2701")).packages[0].package
    assert (life(level_1, 99_999).level, life(level_1, 99_999).may_mount) == ("1", True)


def test_what_is_said_of_the_package_goes_before_its_part(actor, reel, handle, life):
    from asbuilt.built.supply.actions.handling import say_lives

    handle(reel, "opened", 0)
    say_lives(actor, part="U-7", msl="5", happened_at=AT)
    assert (life(reel, 1).level, life(reel, 1).ends_at) == ("5", AT + 48 * HOUR)
    say_lives(actor, package=reel, msl="4", floor_hours_max="60", happened_at=AT)
    assert (life(reel, 1).level, life(reel, 1).ends_at) == ("4", AT + 60 * HOUR)
    # a cell that says nothing leaves what was said before
    say_lives(actor, package=reel, sealed_on="2027-02-01", happened_at=AT + HOUR)
    assert life(reel, 1).ends_at == AT + 60 * HOUR


def test_level_6_is_baked_before_use(actor, reel, handle, life):
    from asbuilt.built.supply.actions.handling import say_lives

    say_lives(actor, package=reel, msl="6", happened_at=AT)
    handle(reel, "opened", 0)
    assert not life(reel, 1).may_mount and "baked before use" in life(reel, 1).why
    handle(reel, "baked", 2, temperature_c=125, hours=24)
    assert not life(reel, 3).may_mount and "label" in life(reel, 3).why
    say_lives(actor, package=reel, floor_hours_max="6", happened_at=AT)
    assert life(reel, 3).may_mount and life(reel, 3).ends_at == AT + 8 * HOUR
    assert life(reel, 9).state == "over"


def test_a_dry_bag_keeps_a_year_and_a_day_of_expiry_is_the_end(actor, reel, life):
    from asbuilt.built.supply.actions.handling import say_lives

    say_lives(actor, package=reel, sealed_on="2026-03-01", happened_at=AT)
    assert life(reel, -1).may_mount
    assert not life(reel, 0).may_mount and "sealed on 2026-03-01" in life(reel, 0).why
    say_lives(actor, package=reel, expires_on="2027-03-01", happened_at=AT)
    assert life(reel, 23.9).state == "over"
    found = life(reel, 24)
    assert (found.state, found.may_mount) == ("expired", False) and "expired on 2027-03-01" in found.why


@pytest.fixture
def jar(receive, actor):
    """A jar of paste: thawed 4 h, 24 h after opening, 8 h on the stencil, thawed twice at most."""
    from asbuilt.built.supply.actions.handling import say_lives

    one = receive(part="PASTE", mpn="SAC305-T4", lot_code="SP1", date_code="2701", quantity="500", package_kind="other")
    say_lives(
        actor,
        part="PASTE",
        thaw_hours_min="4",
        open_hours_max="24",
        stencil_hours_max="8",
        thaws_max="2",
        happened_at=AT,
    )
    return one.packages[0].package


def test_paste_thaws_is_opened_and_ends_on_the_stencil(jar, handle, life):
    cold = life(jar, 0)
    assert (cold.kind, cold.state, cold.may_mount) == ("paste", "cold", False) and "not thawed" in cold.why
    handle(jar, "thawing", 0)
    assert (life(jar, 3).state, life(jar, 3).ends_at) == ("thawing", AT + 4 * HOUR)
    assert "ready 2027-03-01T04:00:00" in life(jar, 3).why and "Wait" in life(jar, 3).remedy
    assert (life(jar, 4).state, life(jar, 4).may_mount) == ("thawed", True)
    handle(jar, "opened", 5)
    assert life(jar, 6).ends_at == AT + 29 * HOUR
    handle(jar, "applied", 10)
    assert life(jar, 11).ends_at == AT + 18 * HOUR
    handle(jar, "removed", 13)
    handle(jar, "applied", 20)
    # 3 h of 8 are used: the stencil ends before the jar does
    assert life(jar, 21).ends_at == AT + 25 * HOUR
    assert life(jar, 24.9).may_mount
    found = life(jar, 25)
    assert (
        (found.state, found.may_mount) == ("over", False)
        and "Stencil life" in found.why
        and "Throw it away" in found.remedy
    )


def test_paste_ends_after_opening_and_after_too_many_thaws(jar, handle, life):
    for hours in (0, 30, 60):
        handle(jar, "thawing", hours)
        handle(jar, "cooled", hours + 10)
    assert not life(jar, 65).may_mount and "thawed 3 times" in life(jar, 65).why
    assert life(jar, 45).state == "cold"
    assert life(jar, 35).may_mount


def test_opened_paste_is_used_within_its_hours(jar, handle, life):
    handle(jar, "thawing", 0)
    handle(jar, "opened", 5)
    assert life(jar, 28.9).may_mount and not life(jar, 29).may_mount
    handle(jar, "discarded", 30)
    assert life(jar, 31).state == "discarded"


@pytest.mark.parametrize(
    ("event", "readings", "code"),
    [
        ("baked", {}, "supply.reading_missing"),
        ("baked", {"temperature_c": 125}, "supply.reading_missing"),
        ("baked", {"temperature_c": 900, "hours": 1}, "supply.reading_missing"),
        ("dry_in", {}, "supply.reading_missing"),
        ("dropped", {}, "tables.cell_not_a_word"),
    ],
)
def test_a_wrong_event_is_refused(reel, handle, event, readings, code):
    with pytest.raises(Invalid) as refusal:
        handle(reel, event, 0, **readings)
    assert refusal.value.code == code


def test_wrong_lives_are_refused(actor, reel, person):
    from asbuilt.built.supply.actions.handling import say_lives

    for said, code in (
        ({"package": reel, "msl": "7"}, "supply.level_unknown"),
        ({"package": reel, "expires_on": "31.12.2027"}, "supply.day_wrong"),
        ({"part": "U-9", "msl": "3"}, "catalog.part_unknown"),
        ({"part": "U-7", "floor_hours_max": "3000000000"}, "tables.cell_too_large"),
        ({"part": "U-7", "floor_hours_max": "a day"}, "tables.cell_not_a_count"),
    ):
        with pytest.raises(Invalid) as refusal:
            say_lives(actor, **said)
        assert refusal.value.code == code
    with pytest.raises(NotFound):
        say_lives(actor, package="PK-999999", msl="3")
    anna = person("operator")
    say_lives(anna, package=reel, msl="3")
    with pytest.raises(NotAllowed):
        say_lives(anna, part="U-7", msl="1")


def test_who_handles_and_twice_and_a_stranger(actor, reel, handle, person, stranger):
    from asbuilt.built.supply.actions.handling import handle_packages

    handle(reel, "opened", 0, by=person("operator"))
    with pytest.raises(NotAllowed):
        handle(reel, "sealed", 1, by=person("auditor"))
    with pytest.raises(NotFound):
        handle_packages(stranger, packages=[reel], event="opened")
    said = {"packages": [reel], "event": "sealed", "happened_at": AT + HOUR, "request_key": "h-1"}
    assert handle_packages(actor, **said).entry == handle_packages(actor, **said).entry
    with pytest.raises(Conflict):
        handle_packages(actor, **{**said, "event": "opened"})
