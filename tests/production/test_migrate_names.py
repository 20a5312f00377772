"""The table of names changed its key: an older home goes on, and goes back."""

from floor import rows

HEADER = "unit|kind|value|from_at|replaces|reason"


def test_there_and_back_nothing_is_lost(stage, load, ask, sql, actor):
    from django.core.management import call_command

    from asbuilt.ledger.verifying import verify

    stage()
    label = "B2|serial|A-2|2027-03-09T08:00Z|B2|torn"
    load({"names": rows(HEADER, label, "B2|mac|00:11:22|2027-03-09T09:00Z||")}, "names")
    select = "SELECT unit, kind, value, entry, until_entry FROM production_unit_name ORDER BY 1, 2, 3"
    before = sql(select)
    call_command("migrate", "production", "0001", verbosity=0)
    assert sql(select) == before
    call_command("migrate", "production", verbosity=0)
    assert sql(select) == before
    assert list(ask("unit:B2")) == ["A-2"]
    assert verify(actor.tenant).as_json()["findings"] == []
