"""Tiles: the log's tree kept in blocks of 256 hashes, so that growing it and proving from it read a few blocks only.

Tile (level, n) holds the hashes of the nodes 256 n, 256 n + 1 … of tree level 8 x level, 32 bytes each. A full tile
never changes; the last one of each level, its right edge, grows. A partial tile is never hashed into the level above.
The last tiles of all levels are all that is needed to append; root and proofs at any earlier size come from the same.

Functions take a reader `get_tile(level, n) -> bytes`: the tile as far as it is known, perhaps longer than the size
asked for needs. A tile that is missing or too short is Tampered.

Standard: C2SP tlog-tiles, height 8 (paths, widths, entry bundles). Example: size 70,000 has 273 full tiles and one of
112 hashes on level 0, one full and one of 17 on level 1, one of 1 on level 2; tile 1234067 is `x001/x234/067`.
"""

from collections.abc import Callable, Iterator, Sequence

from asbuilt.kernel import merkle
from asbuilt.kernel.canonical import ENTRY_BYTES_MAX
from asbuilt.kernel.errors import Invalid, Tampered

WIDTH = 256
HEIGHT = 8
FULL_TILE_BYTES = WIDTH * merkle.HASH_BYTES

TileReader = Callable[[int, int], bytes]
Tiles = dict[tuple[int, int], bytes]


def _number_path(n: int) -> str:
    groups = [f"{n % 1000:03}"]
    while n := n // 1000:
        groups.append(f"x{n % 1000:03}")
    return "/".join(reversed(groups))


def _edge(width: int) -> str:
    if not 1 <= width <= WIDTH:
        raise ValueError(f"a tile holds 1 to {WIDTH} hashes, not {width}")
    return "" if width == WIDTH else f".p/{width}"


def tile_path(level: int, n: int, width: int = WIDTH) -> str:
    """`tile/0/x001/x234/067`, with `.p/W` behind it where the tile holds only W hashes."""
    if not 0 <= level <= 63 or n < 0:
        raise ValueError(f"no tile {n} on level {level}")
    return f"tile/{level}/{_number_path(n)}{_edge(width)}"


def entries_path(n: int, width: int = WIDTH) -> str:
    """`tile/entries/x001/x234/067`, with `.p/W` behind it where the bundle holds only W entries."""
    if n < 0:
        raise ValueError(f"no entry bundle {n}")
    return f"tile/entries/{_number_path(n)}{_edge(width)}"


def partial_width(level: int, size: int) -> int:
    """How many hashes the last, incomplete tile of this level has at this size; 0 where there is none."""
    return (size >> HEIGHT * level) % WIDTH


def tiles_of(size: int) -> Iterator[tuple[int, int, int]]:
    """(level, n, width) of every tile of a tree of this size."""
    level = 0
    while nodes := size >> HEIGHT * level:
        for n in range(nodes // WIDTH):
            yield level, n, WIDTH
        if nodes % WIDTH:
            yield level, nodes // WIDTH, nodes % WIDTH
        level += 1


def entry_bundle(bodies: Sequence[bytes]) -> bytes:
    """The bytes of an entry bundle: each entry after its length in two bytes, big-endian."""
    if any(len(body) > ENTRY_BYTES_MAX for body in bodies):
        raise ValueError(f"an entry has at most {ENTRY_BYTES_MAX} bytes")
    return b"".join(len(body).to_bytes(2, "big") + body for body in bodies)


def bundle_entries(bundle: bytes) -> list[bytes]:
    """The entries of a bundle; Invalid where its lengths do not add up or it holds more than 256."""
    bodies, at = [], 0
    while at < len(bundle):
        until = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        if at + 2 > len(bundle) or until > len(bundle) or len(bodies) == WIDTH:
            raise Invalid("kernel.bundle_shape", f"The entry bundle breaks off or is too long at byte {at}.")
        bodies.append(bundle[at + 2 : until])
        at = until
    return bodies


class _Reading:
    """One run over the tiles: each tile is fetched once, nodes inside it are computed from its hashes."""

    def __init__(self, get_tile: TileReader, known: Tiles | None = None):
        self._get_tile = get_tile
        self._tiles: Tiles = dict(known or {})

    def hashes(self, level: int, n: int, first: int, until: int) -> list[bytes]:
        """The hashes [first, until) of a tile."""
        tile = self._tiles.get((level, n))
        if tile is None:
            tile = self._tiles[level, n] = self._get_tile(level, n)
        size = merkle.HASH_BYTES
        if tile is None or len(tile) < until * size or len(tile) > FULL_TILE_BYTES or len(tile) % size:
            raise Tampered(
                "ledger.tile_short",
                f"Tile {n} of level {level} is missing or has another length than the log's size says.",
                {"level": level, "tile": n, "bytes": len(tile or b""), "needed": until * size},
                "Run `asbuilt ledger verify`; tiles are rebuilt from the entries.",
            )
        return [bytes(tile[at * size : at * size + size]) for at in range(first, until)]

    def node(self, height: int, index: int) -> bytes:
        """The node over the leaves [index << height, (index + 1) << height)."""
        level, rest = divmod(height, HEIGHT)
        n, first = divmod(index << rest, WIDTH)
        return merkle.root(self.hashes(level, n, first, first + (1 << rest)))

    def span(self, first: int, until: int) -> bytes:
        """The root over the leaves [first, until), where `first` is a multiple of a power of two >= their number."""
        if first == until:
            return merkle.EMPTY_ROOT
        parts = []
        while first < until:
            height = (until - first).bit_length() - 1
            parts.append(self.node(height, first >> height))
            first += 1 << height
        root = parts.pop()
        while parts:
            root = merkle.node_hash(parts.pop(), root)
        return root


def append(size: int, leaf_hashes: Sequence[bytes], get_tile: TileReader) -> tuple[Tiles, bytes]:
    """(changed tiles, new root) when these leaf hashes follow a tree of `size`.

    Changed tiles are {(level, n): bytes}, each whole as it stands afterwards. Reads the right edge only, and only what
    was there at `size`.
    """
    reading = _Reading(get_tile)
    changed: Tiles = {}
    fresh, level = list(leaf_hashes), 0
    while fresh:
        n, width = divmod(size >> HEIGHT * level, WIDTH)
        hashes = (reading.hashes(level, n, 0, width) if width else []) + fresh
        fresh = []
        for first in range(0, len(hashes), WIDTH):
            tile = hashes[first : first + WIDTH]
            changed[level, n] = b"".join(tile)
            n += 1
            if len(tile) == WIDTH:
                fresh.append(merkle.root(tile))
        level += 1
    return changed, _Reading(get_tile, changed).span(0, size + len(leaf_hashes))


def root_at(size: int, get_tile: TileReader) -> bytes:
    """The root of the first `size` leaves."""
    return _Reading(get_tile).span(0, size)


def leaf_at(index: int, get_tile: TileReader) -> bytes:
    """The leaf hash at this index."""
    return _Reading(get_tile).node(0, index)


def inclusion_proof(index: int, size: int, get_tile: TileReader) -> list[bytes]:
    """The inclusion proof of leaf `index` in the tree of the first `size` leaves, nearest hash first."""
    if not 0 <= index < size:
        raise IndexError(f"no leaf {index} in a tree of {size}")
    reading, proof, height = _Reading(get_tile), [], 0
    while 1 << height < size:
        first = (index >> height ^ 1) << height
        if first < size:
            proof.append(reading.span(first, min(size, first + (1 << height))))
        height += 1
    return proof


def consistency_proof(old_size: int, size: int, get_tile: TileReader) -> list[bytes]:
    """The proof that the first `old_size` leaves are the beginning of the first `size`; ValueError from size 0."""
    reading = _Reading(get_tile)
    return [reading.span(first, until) for first, until in merkle.consistency_ranges(old_size, size)]
