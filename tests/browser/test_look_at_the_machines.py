"""Machines and Dead letters in a real browser: axe finds nothing and nothing overflows; a dead letter is looked at."""

from machine_floor import completed, envelope, payload
from test_look_at_the_pages import chromium, faults, inside, served  # noqa: F401


def test_machines_and_dead_letters(inside, actor):  # noqa: F811
    from asbuilt.built.messages.arriving import arrived
    from asbuilt.built.messages.groups import record_messages
    from asbuilt.built.messages.machines import name_machine
    from asbuilt.ledger import clock

    found = []
    for page in ("/machines/", "/dead-letters/"):
        inside.goto(page)
        found += faults(inside)
    long = "Acme.A-very-long-handle-of-a-machine-that-nobody-would-type.SN1234567890123456789"
    said = [envelope("Made.Up.Name", {"x": "y" * 300}), completed("NEVER-BEGUN"), completed("NOR-THIS", source=long)]
    record_messages(actor, arrived(payload(*said), clock.now(), "test"))
    record_messages(actor, arrived(b"{broken", clock.now(), "test"))
    name_machine(actor, handle=long, machine="PLACER-7", step="PLACE")
    for page in ("/machines/", "/dead-letters/"):
        inside.goto(page)
        found += faults(inside)
    inside.click("main table a")
    inside.wait_for_selector("main pre")
    found += faults(inside)
    assert found == []
    assert inside.inner_text("main pre") == "{broken"  # the newest stands first
