"""Applicability trees of NVD (`configurations`) and of CVE 5 (`cpeApplicability`): kept as trees, AND, OR and negate.

Each configuration becomes one Tree; they are alternatives. A node's cpeMatch entries become criteria. Older mirrors nest
nodes under `children`. Source: NVD CVE API 2.0 schema, `config` and `node`; CVE record format 5.2, `cpeApplicability`.
"""

from asbuilt.formats.advisory.cells import branches, flag, word
from asbuilt.formats.advisory.names import cpe_key, split_cpe
from asbuilt.formats.advisory.records import Criterion, RecordBroken, Tree, VersionRange

DEPTH_MAX = 12
CRITERIA_MAX = 50_000


def read_trees(configurations: list[dict], criteria: list[Criterion], notes: list[str]) -> tuple[Tree, ...]:
    """One tree for each configuration; their criteria are added to `criteria`."""
    trees = []
    for n, configuration in enumerate(configurations):
        if not isinstance(configuration, dict):
            raise RecordBroken(f"configurations/{n}", "is no structure")
        children = [
            _node(node, f"{n}/{m}", criteria, notes, 1) for m, node in enumerate(branches(configuration, "nodes"))
        ]
        tree = Tree(_operator(configuration), flag(configuration, "negate", False), tuple(children))
        if tree.children:
            trees.append(tree)
    return tuple(trees)


def _operator(node: dict) -> str:
    found = word(node, "operator").upper() or "OR"
    if found not in ("AND", "OR"):
        raise RecordBroken("operator", f"is {found[:20]}, not AND or OR")
    return found


def _node(node: dict, path: str, criteria: list[Criterion], notes: list[str], depth: int) -> Tree:
    if depth > DEPTH_MAX:
        raise RecordBroken(f"configurations/{path}", f"is nested deeper than {DEPTH_MAX}")
    children: list[Tree | int] = []
    for key in ("cpeMatch", "cpe_match"):
        for match in branches(node, key):
            children.append(len(criteria))
            criteria.append(_criterion(match, path, notes))
    if len(criteria) > CRITERIA_MAX:
        raise RecordBroken("configurations", f"has more than {CRITERIA_MAX} criteria")
    for key in ("children", "nodes"):
        for m, child in enumerate(branches(node, key)):
            children.append(_node(child, f"{path}/{m}", criteria, notes, depth + 1))
    return Tree(_operator(node), flag(node, "negate", False), tuple(children))


def _criterion(match: dict, path: str, notes: list[str]) -> Criterion:
    name = word(match, "criteria") or word(match, "cpe23Uri")
    key = cpe_key(name)
    if not key:
        # it stays in the tree, as something that never compares: left out it would change what the tree says
        notes.append(f"configurations/{path}: {name[:80] or 'nothing'} is no CPE name")
    return Criterion("cpe", key, (cpe_range(name, match),), name, path, flag(match, "vulnerable", True))


def cpe_range(name: str, match: dict) -> VersionRange:
    """The versions of a cpeMatch: its bounds, else the version in the name, else all."""
    low, low_out = word(match, "versionStartIncluding"), word(match, "versionStartExcluding")
    high, high_out = word(match, "versionEndIncluding"), word(match, "versionEndExcluding")
    if low or low_out or high or high_out:
        return VersionRange("", low or low_out, bool(low) or not low_out, high or high_out, bool(high))
    parts = split_cpe(name)
    return VersionRange(exact=parts[3] if parts and parts[3] != "*" else "")
