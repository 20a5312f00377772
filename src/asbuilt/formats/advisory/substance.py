"""What of an advisory a decision rests on, as one short text: which things and versions it names, with which status, and its references.

Feeds touch records all the time. Two versions of a record with the same text differ in nothing that makes anybody look again: only in dates,
in titles and descriptions, in scores (which are compared as numbers) or in how often an exploit is expected.
"""

import json
from hashlib import sha256

from asbuilt.formats.advisory.records import Advisory, Criterion, Statement, Tree

DIGITS = 16
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def substance(said: Advisory) -> str:
    """Sixteen hex digits. The order counts only where a tree speaks of criteria by their places."""
    criteria = [_criterion(one) for one in said.criteria]
    parts = [
        criteria if said.trees else sorted(criteria),
        [_tree(one) for one in said.trees],
        sorted(_statement(one) for one in said.statements),
        sorted(set(said.references)),
    ]
    return sha256(_encode(parts).encode()).hexdigest()[:DIGITS]


def _criterion(one: Criterion) -> str:
    ranges = [
        (each.scheme, each.low, each.low_included, each.high, each.high_included, each.exact) for each in one.ranges
    ]
    return _encode(
        [
            one.kind, one.key, one.cpe, one.node, one.vulnerable, one.status, one.lots, one.date_codes, one.silicon_revisions, one.ecosystem,
            one.serials, ranges,
        ]
    )  # fmt: skip


def _tree(one: Tree | int) -> list | int:
    return one if isinstance(one, int) else [one.operator, one.negate, [_tree(each) for each in one.children]]


def _statement(one: Statement) -> str:
    return _encode([one.status, one.justification, one.impact, one.action, sorted(one.products), sorted(one.within)])
