"""Every sentence that an operator at a station can see, read from the source: `…` stands for a value.

The station's own modules, and what of the kernel and of the other floors it stands on. A sentence is a text that ends with a
full stop, or begins large and ends with a value; of a tool's failure and of a wrong field it is what they are given.
"""

import ast
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "asbuilt"
BELOW = (
    "kernel/canonical.py", "kernel/documents.py", "kernel/envelope.py", "kernel/keys.py", "kernel/permits.py", "kernel/plans.py",
    "kernel/releases.py", "kernel/sealing.py", "kernel/station_documents.py", "kernel/trust.py", "formats/boot_images.py",
    "tokens/keys.py",
)  # fmt: skip
# what these take is marked for the product's own catalogue, is a program's, or is never shown
NOT_SPOKEN = frozenset(
    ["_", "gettext", "execute", "executescript", "compile", "search", "sub", "Static", "loads", "encode"]
)
# what a tool's failure says has no full stop; of a wrong field the path stands before and a full stop after
FAILURES = {"ToolFailed": 1, "LinkLost": 0, "NotDone": 0}
WRONG_FIELD = "wrong"
# the two words are the same in every language, and the rows of a ledger are read by no person
NOT_SENTENCES = ("PASS", "STOP", "SELECT")


def files() -> list[Path]:
    """The sources."""
    return [*sorted((SOURCE / "station").rglob("*.py")), *(SOURCE / name for name in BELOW)]


def sentences() -> set[str]:
    """The sentences."""
    found = set()
    for file in files():
        # phrases of tools stand in programmers: what a person reads of them is their failures
        found |= _of(ast.parse(file.read_text(encoding="utf-8")), whole=file.parent.name != "programmers")
    return found


def _of(tree: ast.AST, *, whole: bool) -> set[str]:
    silent = _silent(tree)
    found = set()
    for node in ast.walk(tree):
        if whole and isinstance(node, ast.JoinedStr | ast.Constant) and id(node) not in silent:
            text = _text(node)
            if " " in text and _ends(text) and not text.startswith(NOT_SENTENCES) and text.strip("…:/. "):
                found.add(text)
        if isinstance(node, ast.Call):
            at = FAILURES.get(_name(node), len(node.args))
            found |= {text for text in map(_text, node.args[at : at + 1]) if text.strip("…: ")}
            if _name(node) == WRONG_FIELD and (text := _text(node.args[1])):
                found.add(f"… {text}.")
    return found


def _ends(text: str) -> bool:
    return text.endswith(".") or (text.endswith(("…", ".so")) and text[:1].isupper())


def _silent(tree: ast.AST) -> set[int]:
    """Nodes that nobody is shown: docstrings, parts of longer texts, arguments of calls in NOT_SPOKEN, annotations."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            found |= {id(part) for part in ast.walk(node) if part is not node}
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found.add(id(node.value))
        if isinstance(node, ast.Call) and _name(node) in NOT_SPOKEN:
            found |= {id(part) for part in ast.walk(node)}
    return found


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return ""
