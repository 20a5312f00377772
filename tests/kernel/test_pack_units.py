"""Units as a run stores them: packed and opened again, and asked for one unit without opening. Compared with plain sets."""

from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from asbuilt.kernel.spans import bitmap_of, pack, packed_holds, spans_of, unpack

scattered = st.sets(st.integers(0, 3_000), min_size=1, max_size=200)
# panels of four whose order is mixed, units of which one in some hundred is missing, single units far apart
panels = st.sets(st.integers(0, 500), min_size=1).map(lambda chosen: {4 * n + k for n in chosen for k in range(4)})
skipped = st.sets(st.integers(1, 4_998), min_size=1, max_size=30).map(lambda gone: set(range(5_000)) - gone)
far = st.sets(st.integers(0, 40).map(lambda n: n * 70_001), min_size=1)
units = st.tuples(st.one_of(scattered, panels, skipped, far), st.integers(0, 2**30)).map(
    lambda said: {unit + said[1] for unit in said[0]}
)


@given(units)
def test_what_is_packed_comes_out_again(said):
    first, until = min(said), max(said) + 1
    packed = pack(BitMap(said))
    assert (packed is None) == (len(said) == until - first)
    assert set(unpack(first, until, packed)) == said
    assert set(bitmap_of(spans_of(BitMap(said)))) == said


@given(units, st.data())
def test_one_unit_is_found_without_opening(said, data):
    packed = pack(BitMap(said))
    if packed is None:
        return
    first, until = min(said), max(said) + 1
    near = sorted(said)[:50] + [unit + 1 for unit in sorted(said)[:50] if unit + 1 < until]
    for unit in (*near, data.draw(st.integers(first, until - 1))):
        assert packed_holds(first, packed, unit) == (unit in said), unit
