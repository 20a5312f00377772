"""Limits: every upper bound that the code holds, found where it is written.

A limit is a constant of a module whose name ends in `_MAX` or `_SECONDS`. The list is read from the source text, so that
none is forgotten. What each is for stands in docs/reference/settings.md.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
ENDINGS = ("_MAX", "_SECONDS")


@dataclass(frozen=True)
class Limit:
    """A limit: the module, the constant, its value."""

    where: str
    name: str
    value: int | float


def limits() -> list[Limit]:
    """All limits by module and name."""
    return sorted(_all(), key=lambda limit: (limit.where, limit.name))


def _all() -> Iterator[Limit]:
    for file in SOURCE.rglob("*.py"):
        where = "asbuilt." + ".".join(file.relative_to(SOURCE).with_suffix("").parts)
        known: dict[str, int | float] = {}
        for statement in ast.parse(file.read_text(encoding="utf-8")).body:
            for name, node in _assigned(statement):
                value = _value(node, known)
                if value is not None:
                    known[name] = value
                    if name.endswith(ENDINGS) and not name.startswith("_"):
                        yield Limit(where, name, value)


def _assigned(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
        yield statement.target.id, statement.value
    if isinstance(statement, ast.Assign):
        target = statement.targets[0]
        if isinstance(target, ast.Name):
            yield target.id, statement.value
        if isinstance(target, ast.Tuple) and isinstance(statement.value, ast.Tuple):
            for one, node in zip(target.elts, statement.value.elts, strict=False):
                if isinstance(one, ast.Name):
                    yield one.id, node


def _value(node: ast.expr, known: dict) -> int | float | None:
    """The number that an expression of numbers gives, None for anything else."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.BinOp):
        left, right = _value(node.left, known), _value(node.right, known)
        if left is None or right is None:
            return None
        for kind, apply in _OPERATIONS.items():
            if isinstance(node.op, kind):
                return apply(left, right)
    return None


_OPERATIONS = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Pow: lambda a, b: a**b,
    ast.LShift: lambda a, b: a << b,
    ast.FloorDiv: lambda a, b: a // b,
}
