"""What a floor screen kept without a network, as the server takes it: once, with the time of the scan, or refused in words."""

import pytest
from mounted_line import line

GS, RS, EOT = "\x1d", "\x1e", "\x04"
HERE = {"machine": "M1", "order": "WO", "side": "top", "feeder": "1"}
FIRST, THEN, LAST = "2026-03-02T08:00:00Z", "2026-03-02T08:05:00Z", "2026-03-02T08:10:00Z"


@pytest.fixture
def sql(home):
    """sql("SELECT …") -> its rows."""
    from asbuilt.storage import reading

    return reading.fetch


@pytest.fixture
def operator(load, signed_in):
    load(line())
    return signed_in("operator")


def kept(one, place, key="k", at=FIRST, **said):
    """(status, what the server says) of a kept scan."""
    answer = one.send(f"/{place}/queued/", {"at": at, "request_key": key, **said})
    return answer.status_code, answer.json()


def test_a_package_mounted_then_spliced_then_taken_off_each_at_its_time(operator, sql):
    done = (200, {"done": "R-1"})
    assert kept(operator, "setup", **HERE, what="mounted", package="R-1") == done
    assert kept(operator, "setup", **HERE, what="mounted", package="R-1") == done  # the answer was lost: asked again
    spliced = {"what": "spliced", "old": "R-1", "package": "R-2"}
    assert kept(operator, "setup", "l", THEN, **HERE, **spliced) == (200, {"done": "R-2"})
    assert kept(operator, "setup", "m", LAST, **HERE, what="removed", package="R-2") == (200, {"done": "R-2"})
    minutes = "SELECT what, (happened_at - 1772438400000000) / 60000000 FROM production_mount ORDER BY happened_at"
    assert sql(minutes) == [("mounted", 0), ("spliced", 5), ("removed", 10)]  # 1772438400 is 08:00 of that day


def test_what_is_said_late_of_a_feeder_that_was_changed_since_is_refused(operator, sql):
    assert kept(operator, "setup", at=THEN, **HERE, what="mounted", package="R-1")[0] == 200
    for key, said in (
        ("a", {"what": "removed", "package": "R-1"}),
        ("b", {"what": "spliced", "old": "R-1", "package": "R-2"}),
    ):
        status, told = kept(operator, "setup", key, FIRST, **HERE, **said)
        assert (status, told["code"]) == (409, "production.feeder_changed")
        assert (
            told["refused"] == "Feeder 1 of M1 was changed since, with R-1." and "scan what is there now" in told["do"]
        )
    assert sql("SELECT count(*) FROM production_mount") == [(1,)]


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"what": "mounted", "package": "C-1"}, 409, "production.wrong_part"),
        ({"what": "mounted", "package": "NONE"}, 404, "supply.package_unknown"),
        ({"what": "spliced", "package": "R-1"}, 422, "web.queued_scan"),
        ({"what": "eaten", "package": "R-1"}, 422, "web.queued_scan"),
        ({"what": "mounted", "package": "R-1", "at": ""}, 422, "web.queued_scan"),
        ({"what": "mounted", "package": "R-1", "at": "2099-01-01T00:00:00Z"}, 422, "web.queued_scan"),
        ({"what": "removed", "package": "R-1"}, 409, "production.nothing_mounted"),
    ],
)
def test_a_kept_mount_is_refused_in_words(operator, sql, said, status, code):
    found, told = kept(operator, "setup", **{**HERE, "at": FIRST, **said})
    assert (found, told["code"]) == (status, code) and told["refused"] and told["do"]
    assert sql("SELECT count(*) FROM production_mount") == [(0,)]


def test_the_same_key_for_another_scan_is_refused(operator):
    assert kept(operator, "setup", **HERE, what="mounted", package="R-1")[0] == 200
    status, told = kept(operator, "setup", at=THEN, **HERE, what="mounted", package="R-1")
    assert status == 409 and told["refused"]


def test_parts_by_hand_rework_and_assembly_have_the_time_of_the_scan(operator, actor, sql):
    from asbuilt.questions.genealogy.answering.answers import ask

    by_hand = {"first": "B1", "last": "B2", "refdes": "X1 X2", "package": "X-1", "station": "BENCH"}
    assert [kept(operator, "setup/by-hand", **by_hand) for _ in "ab"] == [(200, {"done": "B1", "units": 2})] * 2
    rework = {"unit": "B1", "refdes": "R1", "installed": "R-1", "reason": "cracked"}
    assert [kept(operator, "rework", "r", **rework) for _ in "ab"] == [(200, {"done": "B1"})] * 2
    status, told = kept(operator, "rework", "n", **{**rework, "installed": "R-5"})
    assert (status, told["code"]) == (409, "gate.package_not_released")
    assert kept(operator, "assembly", "s", unit="B3", child="B4", position="1") == (200, {"done": "B4"})
    status, told = kept(operator, "assembly", "t", unit="B5", child="B4")
    assert (status, told["refused"]) == (409, "B4 is inside B3 already.")
    assert ask(actor, "lot:LX1").affected.counts()["certain"] == 2
    assert ask(actor, "inside:(unit:B3)").affected.counts()["certain"] == 1
    for table in ("material_run", "replacement", "assembly"):
        assert sql(f"SELECT DISTINCT happened_at FROM production_{table}") == [(1772438400000000,)], table


def test_a_stop_is_said_as_the_screens_say_it(operator, actor):
    from asbuilt.answers.register.holds import hold

    hold(actor, units=["B3"], reason="dropped in the rack")
    operator.cookies["asbuilt_language"] = "de"
    _, told = kept(operator, "station", step="PRINT", unit="B3", card="PASS")
    assert told["refused"] == "B3 ist gesperrt: dropped in the rack" and "Sperrkäfig" in told["do"]


def label(*fields):
    return f"[)>{RS}06{GS}{GS.join(fields)}{RS}{EOT}"


def test_a_label_that_says_all_is_received_one_that_does_not_is_asked(operator, sql):
    whole = {"label": label("1PM-RES", "Q2500", "1TA1", "10D2702"), "delivery": "DN-7"}
    told = (200, {"done": "PK-000011", "shown": "PK-000011 is RES."})
    assert [kept(operator, "goods-in", **whole) for _ in "ab"] == [told] * 2
    assert sql("SELECT count(*) FROM supply_package WHERE code = 'PK-000011' AND received_at = 1772438400000000") == [
        (1,)
    ]
    status, told = kept(operator, "goods-in", "n", label=label("1PM-RES", "Q2500"))
    assert (status, told["code"]) == (422, "supply.receipt_incomplete") and "lot_code" in told["asked"]
    status, told = kept(operator, "goods-in", "o", label=label("1PM-RES", "Q478", "1TA2", "10D2702"))
    assert (status, told["code"]) == (409, "supply.confirmation_needed") and told["asked"]
    status, told = kept(operator, "goods-in", "p", label="mumble")
    assert status == 422 and told["refused"]


def test_the_answer_of_a_person_takes_key_and_time_of_the_kept_scan(operator, sql):
    said = {"label": label("1PM-RES", "Q2500"), "kept": "f" * 32, "received_at": FIRST}
    page = operator.send("/goods-in/", said).content.decode()
    for hidden in (f'name="kept" value="{"f" * 32}"', f'name="request_key" value="{"f" * 32}"', f'value="{FIRST}"'):
        assert hidden in page
    said |= {"act": "receive", "request_key": "f" * 32, "lot_code": "A1", "date_code": "2702"}
    went = [operator.send("/goods-in/", said)["Location"] for _ in "ab"]
    assert went == [f"/goods-in/?kept={'f' * 32}&done=PK-000011"] * 2
    assert f'data-done="{"f" * 32}"' in operator.get(went[0]).content.decode()
    assert sql("SELECT received_at FROM supply_package WHERE code = 'PK-000011'") == [(1772438400000000,)]


@pytest.mark.parametrize("place", ["station", "setup", "setup/by-hand", "goods-in", "rework", "assembly"])
def test_an_auditor_records_nothing(load, signed_in, place):
    load(line())
    answer = signed_in("auditor").send(f"/{place}/queued/", {"at": FIRST})
    assert answer.status_code == 403
