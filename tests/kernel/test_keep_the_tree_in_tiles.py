"""Tiles, against a whole published log, the published layout, and the definition of the tree."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asbuilt.kernel import merkle, notes, tiles
from asbuilt.kernel.errors import AsbuiltError


def grow(naive, steps):
    """Tiles as a store keeps them, after appending so many leaves at a time."""
    kept, size = {}, 0
    leaves = naive.leaves_of(sum(steps))
    for step in steps:
        hashes = [merkle.leaf_hash(leaf) for leaf in leaves[size : size + step]]
        changed, root = tiles.append(size, hashes, lambda level, n: kept[level, n])
        kept.update(changed)
        size += step
        assert root == naive.root(leaves[:size])
    return kept, leaves


def test_the_published_log_tile_by_tile(shared_data):
    folder = shared_data / "crypto/tiles"
    log = json.loads((folder / "log16.json").read_text())
    vkey = notes.parse_vkey(log["vkey"])
    bodies = [entry.encode() for entry in log["entries"]]
    kept = {}
    for size, body in enumerate(bodies):
        changed, root = tiles.append(size, [merkle.leaf_hash(body)], lambda level, n: kept[level, n])
        kept.update(changed)
        head = notes.verify_checkpoint((folder / f"log16/checkpoint.{size + 1}").read_text(), [vkey])
        assert (head.size, head.root) == (size + 1, root)
        assert list(changed) == [(0, 0)]
        path, bundle = tiles.tile_path(0, 0, size + 1), tiles.entries_path(0, size + 1)
        assert (folder / "log16" / path).read_bytes() == kept[0, 0]
        kept_bundle = (folder / "log16" / bundle).read_bytes()
        assert kept_bundle == tiles.entry_bundle(bodies[: size + 1])
        assert tiles.bundle_entries(kept_bundle) == bodies[: size + 1]
    assert (
        tiles.root_at(0, lambda level, n: b"")
        == notes.verify_checkpoint((folder / "log16/checkpoint.0").read_text(), [vkey]).root
    )


def test_the_published_layout(shared_data):
    layout = json.loads((shared_data / "crypto/tiles/layout.json").read_text())
    for case in layout["index_to_path"]:
        assert tiles.tile_path(0, case["n"]) == f"tile/0/{case['path']}"
        assert tiles.entries_path(case["n"], 7) == f"tile/entries/{case['path']}.p/7"
    for case in layout["size_to_tiles"]:
        needed = list(tiles.tiles_of(case["size"]))
        for name, counts in case.items():
            if name.startswith("level"):
                widths = [width for level, _, width in needed if level == int(name[5:])]
                assert widths.count(256) == counts["full"]
                assert [width for width in widths if width < 256] == [counts["partial"]] * bool(counts["partial"])
                assert tiles.partial_width(int(name[5:]), case["size"]) == counts["partial"]


@pytest.mark.parametrize(("level", "n", "width"), [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)])
def test_there_is_no_such_tile(level, n, width):
    with pytest.raises(ValueError):
        tiles.tile_path(level, n, width)


@given(st.lists(st.integers(0, 400), min_size=1, max_size=5), st.data())
def test_root_and_proofs_at_any_size_come_from_the_tiles(naive, steps, data):
    kept, leaves = grow(naive, steps)
    total = len(leaves)
    assert {(level, n): width for level, n, width in tiles.tiles_of(total)} == {
        place: len(tile) // 32 for place, tile in kept.items()
    }
    read = lambda level, n: kept[level, n]  # noqa: E731
    if total:
        size = data.draw(st.integers(1, total))
        index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
        assert tiles.root_at(size, read) == naive.root(leaves[:size])
        assert tiles.leaf_at(index, read) == naive.root([leaves[index]])
        assert tiles.inclusion_proof(index, size, read) == naive.path(index, leaves[:size])
        assert tiles.consistency_proof(old, size, read) == naive.subproof(old, leaves[:size], True)


def test_a_tree_of_three_levels(naive):
    kept, leaves = grow(naive, [70_000, 1, 256])
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    size = len(leaves)
    read = lambda level, n: kept[level, n]  # noqa: E731
    assert {level for level, _ in kept} == {0, 1, 2}
    for index in (0, 65_535, 65_536, 70_000, size - 1):
        proof = tiles.inclusion_proof(index, size, read)
        assert merkle.verify_inclusion(hashes[index], index, size, proof, naive.root(leaves))
    for old in (1, 255, 65_536, 70_000):
        proof = tiles.consistency_proof(old, size, read)
        assert merkle.verify_consistency(old, size, proof, tiles.root_at(old, read), naive.root(leaves))


@pytest.mark.parametrize("tile", [b"", bytes(32), bytes(33), bytes(32 * 257), None])
def test_a_tile_of_another_length_is_tampered(tile):
    with pytest.raises(AsbuiltError) as refused:
        tiles.root_at(3, lambda level, n: tile)
    assert (refused.value.code, refused.value.exit_code) == ("ledger.tile_short", 7)


@pytest.mark.parametrize("bundle", [b"\x00", b"\x00\x02a", b"\x00\x00" * 257])
def test_a_broken_bundle_is_refused(bundle):
    with pytest.raises(AsbuiltError) as refused:
        tiles.bundle_entries(bundle)
    assert refused.value.code == "kernel.bundle_shape"
