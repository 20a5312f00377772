"""The tree as RFC 6962 defines it, word for word: the judge of every faster way of building it."""

import hashlib
from types import SimpleNamespace

import pytest


def root(leaves):
    """RFC 6962, 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\1" + root(leaves[:split]) + root(leaves[split:])).digest()


def path(index, leaves):
    """RFC 6962, 2.1.1, word for word."""
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if index < split:
        return [*path(index, leaves[:split]), root(leaves[split:])]
    return [*path(index - split, leaves[split:]), root(leaves[:split])]


def subproof(size, leaves, whole):
    """RFC 6962, 2.1.2, word for word."""
    if size == len(leaves):
        return [] if whole else [root(leaves)]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if size <= split:
        return [*subproof(size, leaves[:split], whole), root(leaves[split:])]
    return [*subproof(size - split, leaves[split:], False), root(leaves[:split])]


def leaves_of(size):
    return [str(number).encode() for number in range(size)]


@pytest.fixture(scope="session")
def naive():
    """The definitions: root, path, subproof, and some leaves to build trees of."""
    return SimpleNamespace(root=root, path=path, subproof=subproof, leaves_of=leaves_of)
