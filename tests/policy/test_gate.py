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
