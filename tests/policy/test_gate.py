"""Doors let a unit go on only through the gate: none imports or calls a floor's verb that the gate calls (design, section 3)."""

import ast

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
CALLERS = {f"answers/gate/{name}.py" for name in ("actions", "reworking", "setups", "placing", "validating", "outside")}


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


def test_only_the_gate_issues_permits():
    """It asks for holds first; a door that called the room's verb would permit an order that is held."""
    callers = set()
    for file, tree in TREES.items():
        for node in ast.walk(tree):
            named = isinstance(node, ast.Attribute) and node.attr == "issue_permit"
            imported = isinstance(node, ast.ImportFrom) and "issue_permit" in {one.name for one in node.names}
            if named or imported:
                callers.add(str(file.relative_to(SOURCE)))
    assert callers == {"answers/gate/permits.py"}


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

    text = "".join((SOURCE / "answers" / "gate" / f"{page}.py").read_text() for page in ("missing", "shown"))
    assert all(f'"{reason}"' in text for reason in ALLOWED)
    assert not {"held", "scrapped", "skipped_position", "outside", "inside", "shipped_already", "not_begun"} & set(
        ALLOWED
    )
