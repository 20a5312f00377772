"""Merkle: the tree that turns any number of leaves into one root, and the proofs that lead from a leaf to it.

Leaf `H(00 ‖ leaf)`, node `H(01 ‖ left ‖ right)`, empty tree `H("")`, H = SHA-256. Two trees use it: the log over
entries and, within an entry, the tree over the rows it wrote.

- `Frontier` takes leaf hashes one by one and keeps one hash a level.
- `RowTree` takes them by the hundred thousand and keeps `nodes8`: one hash for each complete block of 256 leaves. With
  the leaves of one block and of the last, incomplete one, that is enough for the proof of any row (`row_proof`): the
  right edge of the tree goes through the incomplete block, so its leaves are needed too.
- A proof is checked to its exact length: one hash too many or too few is refused. A consistency proof from size 0
  proves nothing and is refused always.

Standard: RFC 6962, 2.1 (hashes), RFC 9162, 2.1.3.2 and 2.1.4.2 (checks).
Example: `verify_inclusion(leaf_hash(b"x"), 0, 1, [], root([leaf_hash(b"x")]))` is True.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import islice

HASH_BYTES = 32
BLOCK = 256
SIZE_MAX = (1 << 63) - 1
PROOF_HASHES_MAX = 63
EMPTY_ROOT = sha256(b"").digest()

_CHUNK_LEAVES = 65_536


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf's bytes."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two nodes."""
    return sha256(b"\x01" + left + right).digest()


def _level_above(nodes: Sequence[bytes]) -> list[bytes]:
    """The nodes over these; a last node without a partner rises as it is, which is what RFC 6962's split comes to."""
    each = iter(nodes)
    above = [sha256(b"\x01" + left + right).digest() for left, right in zip(each, each, strict=False)]
    if len(nodes) & 1:
        above.append(nodes[-1])
    return above


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """The root over these leaf hashes, or over nodes of one level."""
    if not leaf_hashes:
        return EMPTY_ROOT
    nodes = leaf_hashes
    while len(nodes) > 1:
        nodes = _level_above(nodes)
    return nodes[0]


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root, nearest first; IndexError where there is no such leaf."""
    if not 0 <= index < len(leaf_hashes):
        raise IndexError(f"no leaf {index} in a tree of {len(leaf_hashes)}")
    proof, nodes = [], leaf_hashes
    while len(nodes) > 1:
        if index ^ 1 < len(nodes):
            proof.append(nodes[index ^ 1])
        nodes, index = _level_above(nodes), index >> 1
    return proof


def consistency_ranges(old_size: int, size: int) -> list[tuple[int, int]]:
    """The ranges of leaves whose roots make up the consistency proof, in its order (RFC 6962, 2.1.2)."""
    if not 0 < old_size <= size:
        raise ValueError(f"no consistency proof from size {old_size} to {size}")
    ranges, first, until, whole = [], 0, size, True
    while old_size < until:
        split = first + (1 << (until - first - 1).bit_length() - 1)
        if old_size <= split:
            ranges.append((split, until))
            until = split
        else:
            ranges.append((first, split))
            first, whole = split, False
    if not whole:
        ranges.append((first, until))
    return ranges[::-1]


def consistency_proof(leaf_hashes: Sequence[bytes], old_size: int) -> list[bytes]:
    """The hashes that show that the tree of the first `old_size` leaves is the beginning of this one."""
    return [root(leaf_hashes[first:until]) for first, until in consistency_ranges(old_size, len(leaf_hashes))]


def proof_length(index: int, size: int) -> int:
    """How many hashes the inclusion proof of leaf `index` in a tree of `size` has."""
    inner = (index ^ (size - 1)).bit_length()
    return inner + (index >> inner).bit_count()


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root_hash: bytes) -> bool:
    """Whether the proof leads from this leaf hash at `index` to the root of a tree of `size` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size <= SIZE_MAX or len(proof) != proof_length(index, size):
        return False
    if any(len(node) != HASH_BYTES for node in (leaf, root_hash, *proof)):
        return False
    node, last = leaf, size - 1
    for sibling in proof:
        if index & 1 or index == last:
            node = node_hash(sibling, node)
            while not index & 1:
                index, last = index >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        index, last = index >> 1, last >> 1
    return last == 0 and node == root_hash


def verify_consistency(old_size: int, size: int, proof: Sequence[bytes], old_root: bytes, root_hash: bytes) -> bool:
    """Whether the tree of `old_size` is the beginning of the tree of `size` (RFC 9162, 2.1.4.2)."""
    if not 0 < old_size <= size <= SIZE_MAX or any(len(node) != HASH_BYTES for node in (old_root, root_hash, *proof)):
        return False
    if old_size == size:
        return not proof and old_root == root_hash
    if not proof or len(proof) > PROOF_HASHES_MAX + 1:
        return False
    index, last = old_size - 1, size - 1
    nodes = list(proof) if old_size & (old_size - 1) else [old_root, *proof]
    while index & 1:
        index, last = index >> 1, last >> 1
    old_node = node = nodes[0]
    for sibling in nodes[1:]:
        if last == 0:
            return False
        if index & 1 or index == last:
            old_node, node = node_hash(sibling, old_node), node_hash(sibling, node)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        index, last = index >> 1, last >> 1
    return last == 0 and old_node == old_root and node == root_hash


class Frontier:
    """A tree that grows leaf by leaf and remembers one hash a level: `size` leaves so far."""

    def __init__(self):
        self.size = 0
        self._nodes: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        node, size = leaf, self.size
        while size & 1:
            node = node_hash(self._nodes.pop(), node)
            size >>= 1
        self._nodes.append(node)
        self.size += 1

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self._nodes:
            return EMPTY_ROOT
        node = self._nodes[-1]
        for left in reversed(self._nodes[:-1]):
            node = node_hash(left, node)
        return node


class RowTree:
    """The tree over the rows of one entry: takes leaf hashes in bulk, keeps 32 bytes for each block of 256."""

    def __init__(self):
        self.count = 0
        self._nodes8: list[bytes] = []
        self._open: list[bytes] = []

    def append_many(self, leaf_hashes: Sequence[bytes]) -> None:
        """Add these leaf hashes, in the order of the rows."""
        self.count += len(leaf_hashes)
        for first in range(0, len(leaf_hashes), _CHUNK_LEAVES):
            self._open.extend(leaf_hashes[first : first + _CHUNK_LEAVES])
            closed = len(self._open) // BLOCK * BLOCK
            if closed:
                nodes = self._open[:closed]
                del self._open[:closed]
                for _ in range(8):
                    nodes = _level_above(nodes)
                self._nodes8.extend(nodes)

    @property
    def nodes8(self) -> bytes:
        """One hash for each complete block of 256 rows, end to end; empty below 256 rows."""
        return b"".join(self._nodes8)

    def root(self) -> bytes:
        """The root over all rows so far."""
        return root([*self._nodes8, root(self._open)] if self._open else self._nodes8)


def root_and_nodes8(leaves: Iterable[bytes]) -> tuple[int, bytes, bytes]:
    """(count, root, nodes8) over these leaf hashes, streamed."""
    tree, each = RowTree(), iter(leaves)
    while chunk := list(islice(each, _CHUNK_LEAVES)):
        tree.append_many(chunk)
    return tree.count, tree.root(), tree.nodes8


def row_proof(
    index: int, count: int, nodes8: bytes, block_leaves: Sequence[bytes], last_leaves: Sequence[bytes]
) -> list[bytes]:
    """The inclusion proof of row `index` out of `count`.

    `block_leaves` are the leaf hashes of the row's block (rows index // 256 * 256 and on, at most 256), `last_leaves`
    those of the last, incomplete block (count % 256 of them). ValueError where the numbers do not fit together.
    """
    if not 0 <= index < count:
        raise ValueError(f"no row {index} among {count}")
    blocks, last_count = divmod(count, BLOCK)
    block, place = divmod(index, BLOCK)
    expected = BLOCK if block < blocks else last_count
    if len(nodes8) != blocks * HASH_BYTES or len(last_leaves) != last_count or len(block_leaves) != expected:
        raise ValueError("nodes8 and the leaves given do not fit the count of rows")
    tops = list(_hashes(nodes8))
    if last_leaves:
        tops.append(root(last_leaves))
    return inclusion_proof(block_leaves, place) + inclusion_proof(tops, block)


def _hashes(joined: bytes) -> Iterator[bytes]:
    return (joined[at : at + HASH_BYTES] for at in range(0, len(joined), HASH_BYTES))
