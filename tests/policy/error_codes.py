"""Every error code of the source, read from its text: where it is given to a call, with its message and remedy.

A code is `room.reason`. Codes put together in an f-string are spelt out in `SPELT`; one that is not is an error.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "asbuilt"
ROOMS = frozenset(
    [
        "access",
        "api",
        "bom",
        "build",
        "catalog",
        "cfx",
        "changes",
        "cli",
        "components",
        "csaf",
        "mappings",
        "marks",
        "exchange",
        "firmware",
        "foreign",
        "gate",
        "kernel",
        "labels",
        "ledger",
        "marks",
        "messages",
        "parties",
        "placement",
        "portal",
        "production",
        "programming",
        "quality",
        "question",
        "questions",
        "register",
        "cases",
        "compliance",
        "changes",
        "results",
        "sbom",
        "shipping",
        "smartpcn",
        "station",
        "storage",
        "supply",
        "tables",
        "tokens",
        "vulnerability",
        "web",
    ]
)
CODE = re.compile(r"([a-z]+)\.[a-z][a-z0-9_]*")
BUILT_CODE = re.compile(r"([a-z]+)\.[a-z0-9_]*\{.*\}[a-z0-9_]*")
# calls whose words look like codes and are not: entries of the log, columns, locks, modules, pages
NOT_ERRORS = frozenset(
    [
        "recording",
        "any_of",
        "import_module",
        "include",
        "render",
        "_begin",
        "_standing",
        "try_lock",
        "_locked",
        "_page",
        "with_name",
        "setdefault",
        "salted_hmac",
        "_exactly_or_blind",
        "getLogger",
        "Shape",
        "path",
        "fetch",
        "fetch_one",
        "fact_row",
    ]
)
LEAVING = (
    "scrapped", "skipped_position", "not_begun", "outside", "inside", "shipped_already", "held", "quarantine", "nonconformity", "to_be_scrapped", "to_be_returned",
    "step_failed", "route_open", "test_missing", "test_failed", "test_version", "test_before_firmware", "test_before_rework",
    "test_in_doubt", "test_plan_withdrawn", "test_repeated", "return_open", "no_test_plan", "no_route", "calibration", "calibration_unknown", "firmware_missing", "firmware_other", "firmware_withdrawn", "firmware_failed", "firmware_ahead", "mark_not_read",
)  # fmt: skip
SPELT = {
    "gate.{missing.reason}": LEAVING,
    "gate.{one.reason}": LEAVING,
    "gate.{one.missing.reason}": LEAVING,
    "kernel.permit_{reason}": ("end_other_permit", "end_over_share", "split_twice", "split_beyond", "split_over_units"),
    "station.{reason}": (),  # reasons of failed units, as words.py lists them
    "kernel.{what}_malformed": ("checkpoint", "vkey", "note", "proof"),
    "ledger.certificate_{what}_index": ("entry", "row"),
    "ledger.certificate_{what}_proof_length": ("entry", "row"),
    "ledger.certificate_{what}_changed": ("entry", "row"),
    "ledger.evidence_{fault}": ("missing", "changed"),
    "shipping.other_{column}": ("customer", "country"),
    "question.{mistake.reason}": (),  # the reasons stand where a Mistake is made
}
CLASSES = frozenset(
    [
        "Invalid",
        "NotFound",
        "Refused",
        "Conflict",
        "Sealed",
        "NotAllowed",
        "NotSignedIn",
        "Unavailable",
        "Tampered",
        "AsbuiltError",
        "TooLarge",
        "TooMany",
        "MethodUnknown",
        "Broken",
        "Stop",
    ]
)


@dataclass(frozen=True)
class Said:
    """One place that gives a code: the class or kind, the message and the remedy as far as the text tells."""

    kind: str
    message: str
    remedy: str
    place: str


def codes() -> dict[str, list[Said]]:
    """Code -> the places that give it."""
    found: dict[str, list[Said]] = defaultdict(list)
    for file in sorted(SOURCE.rglob("*.py")):
        if "migrations" not in file.parts:
            for code, said in codes_in(file):
                found[code].append(said)
    return dict(found)


def codes_in(file: Path) -> Iterator[tuple[str, Said]]:
    """The codes of one file, each with what it says there."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for scope in [tree, *functions]:
        nodes = list(_own(scope))
        given = _given(nodes)
        for call in (node for node in nodes if isinstance(node, ast.Call)):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            texts = {called: text for line, called, text in given if line < call.lineno}
            place = f"{file.relative_to(SOURCE)}:{call.lineno}"
            if name == "Mistake" and isinstance(call.args[0], ast.Constant):
                yield f"question.{call.args[0].value}", Said("Invalid", *_words(call, 0, texts), place)
            elif name not in NOT_ERRORS:
                for at, node in enumerate(call.args):
                    for code in _codes(node):
                        yield code, Said(_kind(name), *_words(call, at, texts), place)


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope without those of the functions inside it."""
    ahead = list(ast.iter_child_nodes(scope))
    while ahead:
        node = ahead.pop(0)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        yield node
        ahead += ast.iter_child_nodes(node)


def _given(nodes: list[ast.AST]) -> list[tuple[int, str, str]]:
    """Line, name, text: what the names of a scope are given, the last one before a line counts."""
    found = []
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and (text := _text(node.value, {})):
            found.append((node.lineno, node.targets[0].id, text))
    return found


def _codes(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        match = CODE.fullmatch(node.value)
        return [node.value] if match and match[1] in ROOMS and not node.value.endswith(".html") else []
    if isinstance(node, ast.IfExp):
        return _codes(node.body) + _codes(node.orelse)
    if isinstance(node, ast.JoinedStr):
        written = "".join(
            part.value if isinstance(part, ast.Constant) else "{" + ast.unparse(part.value) + "}"
            for part in node.values
        )
        match = BUILT_CODE.fullmatch(written)
        if match and match[1] in ROOMS:
            if written not in SPELT:
                raise AssertionError(f"spell out the codes of {written} in error_codes.SPELT")
            return [re.sub(r"\{.*\}", word, written) for word in SPELT[written]]
    return []


def _kind(name: str) -> str:
    if name in CLASSES:
        return name
    return "finding" if name in ("Finding", "_finding", "_row_finding", "add", "_add", "tell", "take") else "row"


def _words(call: ast.Call, at: int, texts: dict[str, str]) -> tuple[str, str]:
    named = {word.arg: _text(word.value, texts) for word in call.keywords}
    after = [text for text in (_text(node, texts) for node in call.args[at + 1 :]) if " " in text]
    message = named.get("message") or named.get("reason") or (after[0] if after else "")
    remedy = named.get("remedy") or (after[1] if len(after) > 1 else "")
    return message, remedy


def _text(node: ast.expr, texts: dict[str, str]) -> str:
    """A text with `…` for what only a case knows; empty where it is no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text(node.left, texts), _text(node.right, texts)
        return f"{left or '…'}{right or '…'}" if left or right else ""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return re.sub(r"%\([a-z]+\)s", "…", _text(node.left, texts))
    if isinstance(node, ast.IfExp):
        return _text(node.body, texts) or _text(node.orelse, texts)
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "gettext") and node.args:
        return re.sub(r"\{[a-z]+\}", "…", _text(node.args[0], texts))
    if isinstance(node, ast.Name):
        return texts.get(node.id, "")
    return ""
