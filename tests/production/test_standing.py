"""Standing runs: what holds now and what ever held, against a plain dictionary of units, at every earlier entry."""

from hypothesis import example, given
from hypothesis import strategies as st
from pyroaring import BitMap

from asbuilt.built.production.standing import (
    EVER,
    GAP_UNITS_MAX,
    NOW,
    RUN_BREADTH_MAX,
    Run,
    Standing,
    pieces,
    settle,
    shrunk,
)


def test_a_run_is_cut_at_wide_gaps_only():
    near = 5 + GAP_UNITS_MAX
    far = near + GAP_UNITS_MAX + 2  # 10,001 units between them
    assert pieces(BitMap([1, 2, 3, 4, near, far])) == [BitMap([1, 2, 3, 4, near]), BitMap([far])]
    assert pieces(BitMap()) == []


def test_a_run_is_never_broader_than_the_limit():
    units = BitMap(range(7, 7 + 2 * RUN_BREADTH_MAX + 9, 2))
    cut = pieces(units)
    assert all(piece.max() - piece.min() < RUN_BREADTH_MAX for piece in cut)
    assert BitMap.union(*cut) == units and sum(map(len, cut)) == len(units)


def test_few_units_leaving_a_broad_run_leave_its_ends_alone():
    left = shrunk(BitMap(range(1, 60_001)), BitMap([30_000, 30_002]))
    # windows of 4,096 units: 30,000 lies in [7 × 4,096, 8 × 4,096)
    assert [(piece.min(), piece.max() + 1) for piece in left] == [(1, 28_672), (28_672, 32_768), (32_768, 60_001)]
    assert BitMap.union(*left) == BitMap(range(1, 60_001)) - BitMap([30_000, 30_002])


def test_units_recorded_one_by_one_leave_few_runs():
    runs: list[Run] = []
    for unit in range(1, 2_001):
        place = ((1,), EVER)
        closed, written = settle(runs, {place: BitMap([unit])}, lambda place: None)
        runs = [run for run in runs if run not in closed] + [Run(place, unit, units) for place, units in written]
    assert BitMap.union(*(run.units for run in runs)) == BitMap(range(1, 2_001))
    assert len(runs) < 20


UNITS = st.sets(st.sampled_from([*range(1, 12), 9_000, 19_500, 40_000, 40_001, 2_000_000]), max_size=8)
KEYS = st.sampled_from([(1, 0), (1, 1), (2, 0), (2, 1)])
STEP = st.one_of(
    st.tuples(st.just("apply"), st.dictionaries(KEYS, UNITS, max_size=3)),
    st.tuples(st.just("restate"), st.tuples(UNITS, st.dictionaries(KEYS, UNITS, max_size=2))),
)


def _disjoint(now: dict) -> dict:
    taken: dict[int, set] = {}
    out = {}
    for key, units in now.items():
        out[key] = units - taken.setdefault(key[0], set())
        taken[key[0]] |= units
    return out


@given(st.lists(STEP, min_size=1, max_size=6))
@example([("apply", {(1, 0): {1, 2, 3}}), ("apply", {(1, 1): {2}}), ("restate", ({2}, {(1, 0): {2}}))])
def test_every_entry_reads_back_exactly(home, steps):
    """The model is a dictionary an entry. Rows stand in the table of test outcomes, one tenant an example."""
    from asbuilt.storage.transactions import write_tx

    table = Standing("quality_outcome_run", ("plan", "outcome"), shared=True)
    tenant = _next_tenant()
    now: dict[tuple, set] = {}
    ever: dict[tuple, set] = {}
    history = []
    for entry, (verb, said) in enumerate(steps, 1):
        units, joins = (set(), said) if verb == "apply" else said
        joins = _disjoint(joins)
        if verb == "restate":
            joins = {key: joined & units for key, joined in joins.items()}
            for held in (*now.values(), *ever.values()):
                held -= units
        for key, joined in joins.items():
            for other, held in now.items():
                if other[0] == key[0]:
                    held -= joined
            now.setdefault(key, set()).update(joined)
            ever.setdefault(key, set()).update(joined)
        maps = {key: BitMap(joined) for key, joined in joins.items()}
        with write_tx(tenant):
            if verb == "apply":
                table.apply(tenant, entry, maps, maps, lambda key: key[0])
            else:
                table.restate(tenant, entry, BitMap(units), maps, maps)
        history.append(({k: set(v) for k, v in now.items() if v}, {k: set(v) for k, v in ever.items() if v}))
    for entry, said in enumerate(history, 1):
        for standing, expected in ((NOW, said[0]), (EVER, said[1])):
            found = table.keys_over(tenant, 1, 3_000_000, standing, as_of_entry=entry)
            assert {key: set(units) for key, units in found.items()} == expected
    for key, units in history[-1][0].items():
        assert set(table.units(tenant, key)) == units


_tenants = iter(range(1_000, 1_000_000))


def _next_tenant() -> int:
    return next(_tenants)
