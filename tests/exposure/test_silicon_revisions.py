"""An erratum names revisions of silicon: units that carry such pieces, units that carry others, and those of which nobody said it."""

import random

import pytest
from shipping_floor import at, material, names
from vulnerable_factory import RADIO, Security, boards, component

from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound

CELLS = ("package", "part", "mpn", "manufacturer", "lot_code", "date_code", "silicon_revision", "known_from", "said_by")
OLD, NEW, WHEN = ("2.9", "3.0", "v3.0"), ("3.1", "3.2", "rev 4"), "<3.1"


def said_of(revision, *, package="", known_from="label", **of_lot):
    said = {"package": package, "silicon_revision": revision, "known_from": known_from, **of_lot}
    return {**dict.fromkeys(CELLS, ""), **said, "operator": "", "happened_at": at(2)}


def of_lot(code, date_code="2701"):
    return {"part": "MOD", "mpn": "AX-1", "manufacturer": "Acme", "lot_code": code, "date_code": date_code}


def erratum(actor, *revisions, **more):
    from asbuilt.designed.vulnerability.feeds.noting import note
    from asbuilt.designed.vulnerability.matching.evaluating import catch_up

    meant = {"maker": "Acme", "mpn": "AX-1", "silicon_revisions": list(revisions), **more}
    note(actor, record={"vulnerability": RADIO, "title": "Radio takes frames unchecked", "affected": [meant]})
    catch_up(actor)


@pytest.fixture
def tell(actor):
    """tell("3.0", package="M3") or tell("3.0", **of_lot("L1")) -> Stated."""
    from asbuilt.built.supply.actions.telling_silicon import say_silicon

    return lambda revision, known_from="label", who=None, **of: say_silicon(
        who or actor, silicon_revision=revision, known_from=known_from, **of
    )


@pytest.fixture
def dated(security, actor):
    """The date code of the lots of the factory."""
    from asbuilt.storage import reading

    ((date_code,),) = reading.fetch("SELECT DISTINCT date_code FROM supply_lot WHERE mpn = 'AX-1'")
    return date_code


def test_units_with_old_silicon_those_with_new_and_those_nobody_knows(security, asked, tell, actor, dated):
    """M1 of lot L1 is on S0000 to S0003, M2 of L2 on S0004 to S0006, M3 of a lot that nobody wrote on S0007."""
    erratum(actor, WHEN)
    units = names(8)
    assert asked(f"cve:{RADIO}") == dict.fromkeys(units, "unrecorded")
    tell("3.0", **of_lot("L1", dated))
    tell("3.2", "maker", said_by="PCN 2027-3", **of_lot("L2", dated))
    assert asked(f"cve:{RADIO}") == {**dict.fromkeys(units[:4], "certain"), units[7]: "unrecorded"}
    tell("3.0", "device", package="M3")
    assert asked(f"cve:{RADIO}") == dict.fromkeys((*units[:4], units[7]), "certain")


def test_two_sayings_of_one_lot_are_possible_and_said_in_words(security, asked, tell, actor, dated):
    from asbuilt.questions.exposure.exposure import exposure

    erratum(actor, WHEN)
    for revision, known_from in (("3.0", "label"), ("3.2", "device")):
        tell(revision, known_from, **of_lot("L1", dated))
    tell("3.2", **of_lot("L2", dated))
    tell("3.2", package="M3")
    assert asked(f"cve:{RADIO}") == dict.fromkeys(names(8)[:4], "possible")
    said = "The silicon of package M1 is said to be 3.0, 3.2: on its units it is possible."
    assert said in exposure(actor, RADIO).notes
    tell("2.0", package="M2")
    assert set(asked(f"cve:{RADIO}")) == set(names(8)[:7])


def test_what_was_withdrawn_is_not_known_again_and_was_known_then(security, asked, tell, actor, dated):
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.kernel.instants import format_instant
    from asbuilt.ledger import clock

    erratum(actor, WHEN)
    stated = tell("3.0", **of_lot("L1", dated))
    then = clock.now()
    withdraw_facts(actor, [Withdraw(stated.facts[0], "other reel", "045", clock.now())])
    assert set(asked(f"cve:{RADIO}").values()) == {"unrecorded"}
    before = asked(f"cve:{RADIO}", as_of=format_instant(then))
    assert [name for name, grade in before.items() if grade == "certain"] == names(8)[:4]


def split(actor, package, new):
    from asbuilt.built.supply.actions.splits import split_package

    return split_package(actor, package=package, quantity=1, new=new)


def test_what_was_split_off_has_the_word_of_what_it_came_out_of_said_before_and_after(
    actor, load, tmp_path, asked, tell
):
    """M9 comes out of M8, M8 out of M3; S0007 carries M9. A word of M9 holds for M9 alone."""
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.kernel.instants import format_instant
    from asbuilt.ledger import clock

    rows = boards(8)
    floor = {name: rows.pop(name) for name in ("materials",)}
    load(rows)
    security = Security(actor, tmp_path)
    for version in ("1.0.0", "1.1.0"):
        security.sbom(component("lwip", "2.1.3"), version=version)
    split(actor, "M3", "M8")
    split(actor, "M8", "M9")
    for row in floor["materials"]:
        row["package"] = "M9" if row["package"] == "M3" else row["package"]
    load(floor, "floor")
    erratum(actor, WHEN)
    told = tell("3.0", package="M3")
    assert asked(f"cve:{RADIO}")["S0007"] == "certain"
    then = format_instant(clock.now())
    correct_fact(
        actor, told.facts[0], {"silicon_revision": "3.2"}, reason="misread", person="045", decided_at=clock.now()
    )
    assert "S0007" not in asked(f"cve:{RADIO}") and asked(f"cve:{RADIO}", as_of=then)["S0007"] == "certain"
    own = tell("3.0", package="M9")
    assert asked(f"cve:{RADIO}")["S0007"] == "possible"
    withdraw_facts(actor, [Withdraw(own.facts[0], "other reel", "045", clock.now())])
    assert "S0007" not in asked(f"cve:{RADIO}")


def test_how_many_were_split_off_is_corrected_and_the_word_still_holds(security, tell, actor):
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.built.supply.package_file import package_file
    from asbuilt.ledger import clock

    done = split(actor, "M3", "M8")
    tell("3.0", package="M3")
    count = next(fact for fact in done.facts if _is_split(actor, fact))
    correct_fact(
        actor,
        count,
        {"readings": '{"into": "M8", "pieces": 2}'},
        reason="counted",
        person="045",
        decided_at=clock.now(),
    )
    assert [(row.of, row.silicon_revision) for row in package_file(actor.tenant, "M8", clock.now()).silicon] == [
        ("M3", "3.0")
    ]


def _is_split(actor, fact):
    from asbuilt.ledger.facts import find_fact

    found = find_fact(actor.tenant, fact)
    return found.shape.startswith("supply.handling") and "split" in found.values


def test_a_correction_takes_the_place_of_what_was_said_and_is_checked_as_it_was(security, asked, tell, actor, dated):
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.kernel.errors import AsbuiltError
    from asbuilt.ledger import clock

    erratum(actor, WHEN)
    stated = tell("3.0", **of_lot("L1", dated))
    mend = {"reason": "misread", "person": "045", "decided_at": clock.now()}
    for cells, code in (
        ({"package": "M3"}, "silicon_of_what"),
        ({"lot_code": "", "date_code": ""}, "silicon_of_no_lot"),
        ({"lot_code": "L9"}, "lot_unknown"),
    ):
        with pytest.raises(AsbuiltError) as refused:
            correct_fact(actor, stated.facts[0], cells, **mend)
        assert [row.code for row in refused.value.rows] == [f"supply.{code}"]
    assert [name for name, grade in asked(f"cve:{RADIO}").items() if grade == "certain"] == names(8)[:4]
    correct_fact(actor, stated.facts[0], {"lot_code": "L2"}, **mend)
    assert [name for name, grade in asked(f"cve:{RADIO}").items() if grade == "certain"] == names(8)[4:7]


@pytest.mark.parametrize("seed", range(4))
def test_against_brute_force(actor, load, tmp_path, asked, seed):
    """Twelve boards, a package each, of lots with and without code, some split off others; sayings at random, of lots and of packages, alike and
    contrary."""
    draw = random.Random(seed)
    units, rows = names(12), boards(12)
    packages = {f"M{n}": draw.choice(("", "L1", "L2", "L3", "L4")) for n in range(12)}
    source = {f"M{n}": f"M{draw.randrange(n)}" for n in range(1, 12) if draw.random() < 0.3}
    for package, out_of in source.items():
        packages[package] = packages[out_of]
    template = next(row for row in rows["lots"] if row["package"] == "M1")
    rows["lots"] = [row for row in rows["lots"] if row["part"] != "MOD"]
    rows["lots"] += [{**template, "package": package, "lot_code": code} for package, code in packages.items()]
    rows["materials"] = [row for row in rows["materials"] if row["refdes"] != "U1"]
    rows["materials"] += [{**material(unit, unit, f"M{n}"), "refdes": "U1"} for n, unit in enumerate(units)]
    date_code, lots = template["date_code"], sorted(set(packages.values()) - {""})
    told = [("", code, draw.choice(OLD + NEW)) for code in lots for _ in range(draw.randrange(3))]
    told += [(package, "", draw.choice(OLD + NEW)) for package in packages if draw.random() < 0.4]
    rows["silicon_revisions"] = [
        said_of(revision, package=package, **({} if package else of_lot(code, date_code)))
        for package, code, revision in dict.fromkeys(told)
    ]
    came = {"operator": "", "happened_at": at(1), "event": "split"}
    rows["handling"] = [
        {**came, "package": out_of, "readings": f'{{"into": "{package}"}}'} for package, out_of in source.items()
    ]
    load(rows)
    security = Security(actor, tmp_path)
    for version in ("1.0.0", "1.1.0"):  # what their firmware holds is known: it answers for no silicon
        security.sbom(component("lwip", "2.1.3"), version=version)
    erratum(actor, WHEN)
    expected = {}
    for n, unit in enumerate(units):
        line = [f"M{n}"]
        while line[-1] in source:
            line.append(source[line[-1]])
        mine = {rev in OLD for package, code, rev in told if package in line or (code and code == packages[f"M{n}"])}
        if mine != {False}:
            expected[unit] = "unrecorded" if not mine else "possible" if len(mine) == 2 else "certain"
    assert asked(f"cve:{RADIO}") == expected


def test_a_lot_and_a_revision_together(security, asked, tell, actor, dated):
    erratum(actor, "3.0..3.1", lots=["L1"])
    units = names(8)
    assert asked(f"cve:{RADIO}") == dict.fromkeys((*units[:4], units[7]), "unrecorded")
    tell("3.0", **of_lot("L1", dated))
    tell("3.0", **of_lot("L2", dated))
    assert asked(f"cve:{RADIO}") == {**dict.fromkeys(units[:4], "certain"), units[7]: "unrecorded"}


def test_what_is_refused(security, tell, dated):
    for of, error, code in (
        ({"package": "M3", **of_lot("L1", dated)}, Invalid, "supply.silicon_of_what"),
        (of_lot("", ""), Invalid, "supply.silicon_of_no_lot"),
        (of_lot("L9", dated), NotFound, "supply.lot_unknown"),
        ({"package": "M9"}, NotFound, "supply.package_unknown"),
    ):
        with pytest.raises(error) as refused:
            tell("3.0", **of)
        assert refused.value.code == code or [row.code for row in refused.value.rows] == [code]


def test_who_says_it_a_stranger_and_the_same_request_twice(security, tell, person, stranger):
    with pytest.raises(NotAllowed):
        tell("3.0", package="M3", who=person("psirt"))
    with pytest.raises(NotFound):
        tell("3.0", package="M3", who=stranger)
    one = tell("3.0", package="M3", request_key="k1")
    assert tell("3.0", package="M3", request_key="k1").entry == one.entry
    with pytest.raises(Conflict):
        tell("3.2", package="M3", request_key="k1")
