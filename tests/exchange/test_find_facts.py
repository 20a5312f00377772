"""Find facts by what their rows hold: a wrong customer name was in no unit, order or lot, so nobody could find its id to correct it."""

from dataclasses import replace

import pytest

from asbuilt.kernel.errors import NotAllowed, NotFound


@pytest.fixture
def find(actor):
    def find(table, holding="", **more):
        from asbuilt.built.exchange.finding import find_facts

        return find_facts(more.pop("by", actor), table, holding, **more)

    return find


def test_every_table_is_found_by_its_rows(built, fact, find):
    """Each row by its own id, as the design says it is made; rows of units too."""
    for table, rows in built.items():
        found = find(table)
        assert found.after is None
        alike = {fact(table, n) for n in range(len(rows))}
        assert {one.fact for one in found.facts} == alike, table
        assert all(one.table == table for one in found.facts)


def test_what_a_row_holds_whatever_its_case(built, fact, find):
    (one,) = find("parties", "shop").facts
    assert (one.fact, one.cells["party"], one.cells["name"], one.units) == (fact("parties", 2), "cx", "Shop X", [])
    assert [found.fact for found in find("parties", "PARTS & CO").facts] == [fact("parties", 1)]
    assert find("parties", 'Shop "X"').facts == []
    (material,) = find("materials", '"P3"'.strip('"')).facts
    assert (material.units, material.cells["first_serial"]) == ([(1, 7)], "WO-1#1")


def test_a_corrected_row_is_found_by_what_it_says_now(built, fact, find, withdraw, actor):
    from asbuilt.built.exchange.correcting import correct_fact

    said = {"reason": "misspelt", "person": "045", "decided_at": 1_800_000_000_000_000}
    new = correct_fact(actor, find("parties", "Shop X").facts[0].fact, {"name": "Shoppe"}, **said).facts
    assert [one.fact for one in find("parties", "shop").facts] == new
    withdraw(fact("materials", 0), span=(1, 3))
    (one,) = [one for one in find("materials").facts if one.fact == fact("materials", 0)]
    assert (one.units, one.units_standing) == ([(1, 5)], [(3, 5)])
    withdraw(fact("tests", 0))
    assert fact("tests", 0) not in {one.fact for one in find("tests").facts}


def test_page_after_page_gives_each_once(built, find, monkeypatch):
    from asbuilt.built.exchange import finding

    whole = [one.fact for one in find("units").facts]
    for read_max in (50_000, 1):
        monkeypatch.setattr(finding, "READ_MAX", read_max)
        found, after = [], None
        while True:
            page = find("units", after=after, most=3)
            found, after = found + [one.fact for one in page.facts], page.after
            if after is None:
                break
        assert found == whole


def test_who_may_not(built, find, actor):
    with pytest.raises(NotFound) as refused:
        find("partys")
    assert "parties" in refused.value.remedy
    with pytest.raises(NotFound):
        find("parties", by=replace(actor, party=1))
    with pytest.raises(NotAllowed):
        find("parties", by=replace(actor, rights=frozenset()))
