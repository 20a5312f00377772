"""Dead letters: what cannot be recorded is kept with its cause, changes nothing, and is recorded by a retry once it can be."""

import gzip
import json

import pytest
from machine_floor import PLACER, at, completed, installed, material, panel_run, payload, started

from asbuilt.built.messages.dead_letters import causes, dead_letter, open_dead_letters, raw_bytes, retry_dead_letters
from asbuilt.kernel.errors import Conflict, NotAllowed, NotFound

T1 = "11111111-0000-0000-0000-000000000001"


def only(actor):
    (one,) = open_dead_letters(actor)
    return one


@pytest.mark.parametrize(
    ("messages", "cause"),
    [
        ([installed(T1, material("RES-9", "R1", unit="SN1"))], "supply.package_unknown"),
        ([installed(T1, material("RES-1", "R9", unit="SN1"))], "production.position_unknown"),
        ([installed(T1, material("RES-1", "R1", unit="SN9"))], "messages.unit_unknown"),
        ([installed(T1, material("RES-1", "R1", position=1))], "messages.unit_unknown"),
        ([started(T1, "PNL-1", order="WO-9")], "production.order_unknown"),
        ([started(T1, "PNL-1", count=13)], "messages.order_full"),
        ([started(T1, "PNL-1", order=None)], "messages.unit_unknown"),
        ([started(T1, None)], "messages.unit_unknown"),
        ([started("", "PNL-1")], "messages.no_transaction"),
        ([completed(T1)], "messages.pass_unknown"),
        ([started(T1, "PNL-1"), installed(T1, material("RES-1", "R1", unit="PNL-1", position=7))], "messages.unit_unknown"),
        ([started(T1, "PNL-1"), installed(T1, material("RES-1", "R1", unit="PNL-1"))], "messages.which_unit"),
    ],
)  # fmt: skip
def test_what_cannot_be_recorded_is_kept_with_its_cause(say, actor, sql, verified, messages, cause):
    report = say(*messages)
    assert dict(report.causes) == {cause: 1} and report.uses["dead"] == 1
    one = only(actor)
    assert (one.cause, one.handle) == (cause, PLACER) and one.detail
    assert json.loads(raw_bytes(actor, one.message)) == messages[-1]
    assert sql("SELECT count(*) FROM production_material_run") == [(0,)]
    assert verified() == []


def test_nothing_of_a_dead_message_is_applied(say, ask, actor):
    """Three of four placements are right; the fourth is not."""
    bad = [material("RES-1", "R1", position=n) for n in (1, 2, 3)] + [material("RES-9", "R1", position=4)]
    say(started(T1, "PNL-1"), installed(T1, *bad), installed(T1, material("CAP-1", "C1", position=1)))
    assert ask("package:RES-1") == (0, 0, 1)  # the unit that the other message speaks of has no R1
    assert ask("lot:LC1") == (1, 0, 0)
    assert causes(actor) == {"supply.package_unknown": 1}


@pytest.mark.parametrize("raw", [b"", b"{", b"\x1f\x8b\x00junk", b"\xff\xfe{", b"[" + payload(started(T1, "P")) + b","])
def test_a_broken_payload_is_one_dead_letter(say, actor, verified, raw):
    assert say(raw=raw).uses["dead"] == 1
    one = only(actor)
    assert one.cause.startswith("cfx.") and (one.name, one.handle) == ("", "")
    assert raw_bytes(actor, one.message) == raw
    assert say(raw=raw).known == 1
    assert verified() == []


def test_a_broken_one_stops_none_of_the_others(say, ask):
    good = panel_run(1, "PNL-1")
    good.insert(1, installed(T1, material("RES-9", "R1", unit="SN1")))
    assert dict(say(*good).uses) == {"used": 3, "dead": 1}
    assert ask("lot:LR1") == (4, 0, 0)


def test_a_retry_records_what_can_be_recorded_now(say, ask, actor, load, verified):
    from machine_floor import tables

    say(started(T1, "PNL-1"), installed(T1, material("RES-9", "R1", position=2), time=at(3)))
    one = only(actor)
    assert retry_dead_letters(actor).still == 1
    lot = {**tables()["lots"][0], "package": "RES-9", "lot_code": "LR9"}
    load({"lots": [lot]}, "later")
    report = retry_dead_letters(actor, [one.message])
    assert (report.mended, report.still) == (1, 0)
    assert ask("lot:LR9") == (1, 0, 0)
    assert open_dead_letters(actor) == [] and dead_letter(actor, one.message).closed_by == report.entries[0]
    assert verified() == []
    with pytest.raises(Conflict):
        retry_dead_letters(actor, [one.message])


def test_a_retry_goes_in_the_order_of_arrival(say, ask, actor, load):
    """An order that was opened late: WorkStarted, placements and completion are all mended at once."""
    from machine_floor import tables

    say(*panel_run(1, "PNL-1", order="WO-3"))
    assert causes(actor) == {"production.order_unknown": 1, "messages.unit_unknown": 1, "messages.pass_unknown": 1}
    load({"orders": [{**tables()["orders"][0], "order": "WO-3"}]}, "later")
    assert retry_dead_letters(actor).mended == 3
    assert ask("order:WO-3 lot:LI1") == (4, 0, 0)


def test_a_retry_that_changes_nothing_records_nothing(say, actor, sql):
    say(completed(T1))
    before = sql("SELECT max(number) FROM ledger_entry")
    assert (retry_dead_letters(actor).still, sql("SELECT max(number) FROM ledger_entry")) == (1, before)


def test_a_retry_with_another_cause_says_so(say, actor, verified):
    say(installed(T1, material("RES-9", "R1", position=1)))
    say(started(T1, "PNL-1"))
    assert dict(retry_dead_letters(actor).causes) == {"supply.package_unknown": 1}
    assert only(actor).cause == "supply.package_unknown"
    assert verified() == []


def test_an_id_that_is_none(line, actor):
    for message in ("", "x", "0" * 32, "0" * 40):
        with pytest.raises(NotFound):
            dead_letter(actor, message)
        with pytest.raises(NotFound):
            retry_dead_letters(actor, [message])


def test_a_stranger_sees_none(say, actor):
    from asbuilt.access.actor import local_system
    from asbuilt.access.opening import open_tenant

    say(completed(T1))
    one = only(actor)
    stranger = local_system(open_tenant("elsewhere", "Elsewhere").number)
    assert open_dead_letters(stranger) == []
    with pytest.raises(NotFound):
        raw_bytes(stranger, one.message)
    with pytest.raises(NotFound):
        retry_dead_letters(stranger, [one.message])


def test_who_may_not(actor):
    from asbuilt.access.actor import person_actor
    from asbuilt.built.messages.groups import record_messages

    anna = person_actor(actor.tenant, 1, frozenset({"operator"}), None)
    open_dead_letters(anna)
    with pytest.raises(NotAllowed):
        retry_dead_letters(anna)
    with pytest.raises(NotAllowed):
        record_messages(anna, [])
    with pytest.raises(NotAllowed):
        open_dead_letters(person_actor(actor.tenant, 1, frozenset({"release_signer"}), None))


def test_what_stands_in_evidence_can_be_read_without_us(say, actor):
    from asbuilt.ledger.evidence import open_evidence

    message = completed(T1)
    say(message)
    segment = gzip.decompress(b"".join(open_evidence(actor.tenant, only(actor).evidence)))
    head, _, rest = segment.partition(b"\n")
    size = json.loads(head)["bytes"]
    assert json.loads(rest[:size]) == message and rest[size:] == b"\n"


def test_pages_of_dead_letters(say, actor):
    for _ in range(3):
        say(completed(T1), completed(T1))
    first = open_dead_letters(actor, limit=4)
    rest = open_dead_letters(actor, after=(first[-1].entry, first[-1].place))
    assert len({one.message for one in (*first, *rest)}) == 6 and len(rest) == 2
    assert open_dead_letters(actor, cause="cfx.field") == []
