"""A message does nothing twice: in one payload, in a later one, at once, from another door."""

from machine_floor import at, installed, material, panel_run, payload, started

T1 = "11111111-0000-0000-0000-000000000001"


def test_the_same_again_does_nothing(say, ask, sql):
    messages = panel_run(1, "PNL-1")
    say(*messages)
    before = sql("SELECT max(number) FROM ledger_entry"), sql("SELECT count(*) FROM ledger_evidence")
    again = say(*messages)
    assert (again.known, again.entries, sum(again.uses.values())) == (3, [], 0)
    assert (sql("SELECT max(number) FROM ledger_entry"), sql("SELECT count(*) FROM ledger_evidence")) == before
    assert ask("lot:LR1") == (4, 0, 0)


def test_doubled_within_one_payload(say, sql):
    one = started(T1, "PNL-1")
    report = say(one, one, {**one, "UniqueID": one["UniqueID"].upper()})
    assert (report.uses["used"], report.known) == (1, 2)
    assert sql("SELECT sum(length(ids)) FROM messages_known") == [(8,)]


def test_some_known_and_some_new(say, ask):
    first, second, third = panel_run(1, "PNL-1")
    say(first, second)
    report = say(first, second, third)
    assert (report.uses["used"], report.known) == (1, 2)


def test_a_message_without_an_id_is_known_by_its_bytes(say):
    one = installed(T1, material("RES-1", "R1", unit="SN1"), unique="")
    assert say(one).uses["used"] == 1
    assert say(one).known == 1
    assert say({**one, "TimeStamp": at(7)}).known == 0


def test_another_tenant_has_its_own(say, actor):
    from asbuilt.access.actor import local_system
    from asbuilt.access.opening import open_tenant
    from asbuilt.built.messages.arriving import arrived
    from asbuilt.built.messages.groups import record_messages
    from asbuilt.ledger import clock

    one = started(T1, "PNL-1")
    say(one)
    stranger = local_system(open_tenant("elsewhere", "Elsewhere").number)
    report = record_messages(stranger, arrived(payload(one), clock.now(), "test"))
    assert dict(report.causes) == {"production.order_unknown": 1}


def test_known_ones_are_found_in_every_generation(home, actor):
    """Three generations filled and a fourth begun: each of 120,000 is found, none that was not recorded."""
    from asbuilt.built.messages.known import generation_of, known_messages, remember
    from asbuilt.built.messages.writing import count
    from asbuilt.storage.transactions import write_tx

    sent = [n.to_bytes(16, "big") for n in range(120_000)]
    with write_tx(actor.tenant):
        for start in range(0, len(sent), 500):
            part = sent[start : start + 500]
            remember(actor.tenant, part)
            count(actor.tenant, [("m", "x", "used", "", 1, 1)] * len(part))
    assert [generation_of(total) for total in (0, 16_383, 16_384, 49_151, 49_152, 114_688)] == [0, 0, 1, 1, 2, 3]
    for start in range(0, len(sent), 9_973):
        part = sent[start : start + 400]
        strangers = [(n + 2**70).to_bytes(16, "big") for n in range(start, start + 400)]
        assert known_messages(actor.tenant, [*part, *strangers]) == set(part)


def test_verify_finds_a_known_message_that_was_taken_away_or_added(say, actor, verified):
    from asbuilt.storage import bulk
    from asbuilt.storage.transactions import write_tx

    say(*panel_run(1, "PNL-1"))
    with write_tx(actor.tenant):
        bulk.run("UPDATE messages_known SET ids = %s WHERE tenant = %s", (b"x" * 8, actor.tenant))
    assert [code for code, _ in verified()] == ["ledger.projection_row_missing"] * 3
    with write_tx(actor.tenant):
        bulk.insert_rows("messages_known", ("tenant", "bucket", "ids"), [(actor.tenant, 5, b"y" * 16)])
    assert "ledger.projection_row_unrecorded" in {code for code, _ in verified()}
