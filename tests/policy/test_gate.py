"""Doors let a unit go on only through the gate: none imports or calls a floor's verb that the gate calls (design, section 3)."""

import ast

import pytest
from test_house import SOURCE, TREES

BEHIND_THE_GATE = {
    "steps": "record_step",
    "rework": "replace_part",
    "assembly": "put_in",
    "placing": "place_by_hand",
    "outside": "send_out",
}
ACTIONS = "asbuilt.built.production.actions"
# imported history is the one exception (section 7); it goes through the exchange, not through these
CALLERS = {
    f"answers/gate/{name}.py"
    for name in ("actions", "changed", "reworking", "setups", "placing", "validating", "outside")
}


def behind_the_gate(tree: ast.AST) -> set[str]:
    """Modules behind the gate that a file imports, however it says so."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    return found & {f"{ACTIONS}.{room}" for room in BEHIND_THE_GATE}


def test_only_the_gate_calls_the_verbs_behind_it():
    callers = {str(file.relative_to(SOURCE)) for file, tree in TREES.items() if behind_the_gate(tree)}
    assert callers == CALLERS


def test_the_verbs_are_there():
    for room, verb in BEHIND_THE_GATE.items():
        tree = TREES[SOURCE / "built" / "production" / "actions" / f"{room}.py"]
        assert verb in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_refusal_of_the_gate_names_a_stop():
    text = (SOURCE / "answers" / "gate" / "verdicts.py").read_text()
    for reason in (
        "held",
        "quarantine",
        "scrapped",
        "skipped_position",
        "step_skipped",
        "step_not_on_route",
        "outside",
        "step_outside",
    ):
        assert f'"gate.{reason}"' in text


# verbs whose rooms hold other verbs that doors may call: who may name them, and nobody else
NAMED_BEHIND_THE_GATE = {"issue_permit": "answers/gate/permits.py", "release_firmware": "answers/gate/releasing.py"}


def names(tree: ast.AST, verb: str) -> bool:
    """Whether a file gets at a verb: imported, as an attribute of its module, by its name in a string, or all of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == verb:
            return True
        if isinstance(node, ast.ImportFrom):
            imported = {one.name for one in node.names}
            # the settings of a site are taken over whole, a room's verbs never
            if verb in imported or ("*" in imported and "settings" not in (node.module or "")):
                return True
        called = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        if called in ("getattr", "attrgetter") and any(getattr(one, "value", None) == verb for one in node.args):
            return True
    return False


@pytest.mark.parametrize("verb", NAMED_BEHIND_THE_GATE)
def test_only_the_gate_issues_permits_and_releases_firmware(verb):
    """It asks first; a door that called the room's verb would permit an order that is held, or release a withdrawn image."""
    callers = {str(file.relative_to(SOURCE)) for file, tree in TREES.items() if names(tree, verb)}
    assert callers == {NAMED_BEHIND_THE_GATE[verb]}


@pytest.mark.parametrize(
    "said",
    (
        "from asbuilt.designed.firmware.actions import release_firmware",
        "from asbuilt.designed.firmware.actions import release_firmware as go",
        "from asbuilt.designed.firmware.actions import *",
        "from asbuilt.designed.firmware import actions\nverb = actions.release_firmware",
        "import asbuilt.designed.firmware.actions as a\ngetattr(a, 'release_firmware')(actor)",
    ),
)
def test_no_way_of_naming_a_verb_is_overlooked(said):
    assert names(ast.parse(said), "release_firmware")
    assert not names(ast.parse("from asbuilt.answers.gate.releasing import release"), "release_firmware")


def test_doors_do_not_change_the_state_of_a_release_by_its_rows():
    """The intake writes what its verb has checked; a door that stated rows of its own would go around the gate."""
    rows = ("ReleaseStatesIntake", "ReleaseDraftsIntake", "state_rows", "PermitsIntake")
    doors = {file: tree for file, tree in TREES.items() if file.is_relative_to(SOURCE / "doors")}
    assert len(doors) > 90
    assert [(file.name, name) for file, tree in doors.items() for name in rows if names(tree, name)] == []


def test_doors_say_what_happened_to_packages_through_the_gate():
    """Supply's own verb would put paste onto a stencil that is cold or in quarantine."""
    room = "asbuilt.built.supply.actions"
    found = set()
    for file, tree in TREES.items():
        for node in ast.walk(tree) if file.is_relative_to(SOURCE / "doors") else ():
            if isinstance(node, ast.ImportFrom):
                found |= {f"{node.module}.{one.name}" for one in node.names}
            if isinstance(node, ast.Import):
                found |= {one.name for one in node.names}
    assert {name for name in found if name.startswith(f"{room}.handling")} == {f"{room}.handling.say_lives"}
    assert {"asbuilt.answers.gate.handling.handle_packages", f"{room}.statuses"} <= found


SHIPPING = "asbuilt.built.shipping.actions"
BEFORE_THE_GATE = {"open_container", "close_container", "reopen_container", "Acted"}
"""What doors may call of packing: it lets no unit go on."""


def shipping_verbs(tree: ast.AST) -> set[str]:
    """Verbs of packing and shipping that a file imports, `*` for a module of them."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == SHIPPING:
            found |= {f"{one.name}.*" for one in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{SHIPPING}."):
            found |= {f"{node.module.rpartition('.')[2]}.{one.name}" for one in node.names}
        elif isinstance(node, ast.Import):
            found |= {f"{one.name.rpartition('.')[2]}.*" for one in node.names if one.name.startswith(SHIPPING)}
    return found


def test_only_the_gate_packs_ships_and_places_on_the_market():
    by_file = {str(file.relative_to(SOURCE)): shipping_verbs(tree) for file, tree in TREES.items()}
    outside = {file: verbs for file, verbs in by_file.items() if verbs and not file.startswith("built/shipping/")}
    gate = {file for file in outside if file.startswith("answers/gate/")}
    assert gate == {"answers/gate/packing.py", "answers/gate/returning.py"}
    for file in outside.keys() - gate:
        assert {verb.partition(".")[2] for verb in outside[file]} <= BEFORE_THE_GATE, file


def test_the_verbs_of_leaving_are_there():
    for page, verbs in {"packing": {"put_in", "take_out"}, "leaving": {"ship", "place_on_market"}}.items():
        tree = TREES[SOURCE / "built" / "shipping" / "actions" / f"{page}.py"]
        assert verbs <= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_reason_that_a_concession_may_allow_is_one_of_the_gate():
    from asbuilt.built.quality.concession_intake import ALLOWED

    text = "".join(
        (SOURCE / "answers" / "gate" / f"{page}.py").read_text()
        for page in (
            "missing",
            "shown",
            "not_asked",
            "running",
            "known",
            "known_rules",
            "changed",
            "ran_by",
            "returned",
            "repeated",
            "untried",
            "unapproved",
            "other_parts",
        )
    )
    assert all(f'"{reason}"' in text for reason in ALLOWED)
    assert not {"held", "scrapped", "skipped_position", "outside", "inside", "shipped_already", "not_begun"} & set(
        ALLOWED
    )
