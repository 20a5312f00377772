"""Intakes: one way for rows, and none that forgets to take them."""

import pytest


def every(base):
    for one in base.__subclasses__():
        yield one
        yield from every(one)


def test_an_intake_that_does_not_take_rows_cannot_be_made():
    import asbuilt.built.exchange.actions
    import asbuilt.built.messages.groups  # noqa: F401
    from asbuilt.built.production.events import MATERIAL
    from asbuilt.ledger.intake import Intake, TableIntake

    class Forgetful(TableIntake):
        table, shape = "materials", MATERIAL

    with pytest.raises(TypeError):
        Forgetful(None, "", None, None, None)
    kinds = {one for one in every(Intake) if one.__module__.startswith("asbuilt.")}
    made = {one for one in kinds if not getattr(one, "__abstractmethods__", None)}
    assert {"HoldsIntake", "LotsIntake", "Placements", "MachineReplacements"} <= {one.__name__ for one in made}
    # what machines tell piece by piece takes no rows, and says so by its base
    assert {one.__name__ for one in made if not issubclass(one, TableIntake)} == {"Placements", "MachineReplacements"}


def test_what_a_verb_says_is_checked_as_a_row_of_a_file(home):
    from asbuilt.access.actor import local_system
    from asbuilt.access.queries import tenant_of_slug
    from asbuilt.built.production.actions.holds import lift_hold
    from asbuilt.kernel.errors import Invalid, NotFound

    actor = local_system(tenant_of_slug("main").number)
    with pytest.raises(NotFound) as missing:
        lift_hold(actor, hold="H-9", reason="x")
    assert missing.value.code == "production.hold_unknown"
    from asbuilt.ledger.one_row import checked_rows, named

    with pytest.raises(Invalid) as broken:
        checked_rows(
            "holds", [named("holds", ["H-1", "lift", "", "", "", "", "", "", "", "", "", "", "", "two\nlines"])]
        )
    assert broken.value.code == "tables.cell_unwritable"
