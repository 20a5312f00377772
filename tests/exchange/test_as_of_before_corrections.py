"""A question as of a moment is answered as it was then, whatever was corrected since: names, addresses, dates, places, lots.

All questions are asked before some corrections, and as of before them afterwards. What they said before
is what they shall say: nothing of the code under test is asked what is right.
"""

import pytest

from asbuilt.kernel.errors import NotFound

STATES = ("planned", "production", "outside", "stock", "shipped", "returned", "scrapped")
QUESTIONS = [
    *(f"lot:{code}" for code in ("L1", "L2", "L3", "L9")),
    *(f"package:{code}" for code in ("P1", "P2", "P9")),
    *(f"part:{code}" for code in ("R1", "PCB", "RC0402", "CRCW")),
    *(f"maker:{name}" for name in ("Yageo", "Vishay", "KSG")),
    'supplier:"Parts & Co"', "supplier:sup", 'supplier:"Own Brand"', "datecode:2701", "(lot:L1 at:R1)", "(lot:L3 at:#2)", "ever:(lot:L1)",
    *(f"order:{code}" for code in ("WO-1", "WO-2", "WO-3", "WO-4", "B7")), "order:WO-4#1..WO-4#3", "order:WO-2#2..WO-2#5", "product:board",
    *(f"unit:{name}" for name in ("SN2", "SN4", "SN4-NEW", "WO-4#1", "WO-2#5", "PN1/1", "PN1/2", "00:11:22")), "unit:WO-4#1..WO-4#2",
    "panel:PN1", "panel:PN2", "firmware:1.0.0", "product:board firmware:<1.1.0", "product:board firmware:boot/<1.0", "passed:REFLOW",
    "reading:REFLOW.zone5>240", "alarm:zone5", "feeder:M1/F1", "station:ST1", "operator:045", "test:FCT=pass", "test:failed", "reworked", "held",
    *(f"in:{state}" for state in STATES),
    'customer:"Shop X"', "customer:cx", 'customer:"Own Brand"', 'owner:"Own Brand"', "owner:own", "country:FR", "country:DE", "shipment:S1",
    "placed:2027-03-12..", "contains:(lot:L2)", "-lot:L1 order:WO-1",
]  # fmt: skip
UNITS = ("WO-1#1", "SN2", "SN5", "SN6", "WO-2#1", "BX2", "WO-4#1")
CORRECTED = [
    ("parties", 0, {"name": "Own Brand Holding"}),
    ("parties", 1, {"name": "Own Brand"}),
    ("parties", 2, {"name": "Shop Y", "country": "BE"}),
    ("lots", 0, {"part": "PCB"}),
    ("lots", 1, {"part": "PCB"}),
    ("lots", 1, {"mpn": "RC0402", "manufacturer": "Yageo", "lot_code": "L1"}),
    ("lots", 3, {"lot_code": "L8", "date_code": "2702"}),
    ("orders", 0, {"customer": "", "batch": "B8"}),
    ("blocks", 0, {"reason": "much more"}),
    ("blocks", 1, {"quantity": "2"}),
    ("units", 0, {"panel": "PN2"}),
    ("units", 1, {"position": "1"}),
    ("names", 1, {"value": "SN4-NEWER"}),
    ("firmware", 1, {"security_relevant": "false", "revisions": "A"}),
    ("firmware", 3, {"released_at": "2027-03-05T08:00:00Z"}),
    ("firmware", 4, {"released_at": "2027-02-05T08:00:00Z"}),
    ("materials", 0, {"feeder": "F7"}),
    ("processes", 0, {"machine": "OV2", "readings": '{"zone5": 200}'}),
    ("replacements", 1, {"happened_at": "2027-03-07T09:00:00Z"}),
    ("assemblies", 0, {"position": "slot 2"}),
    ("programming", 0, {"station": "ST9"}),
    ("tests", 1, {"outcome": "fail"}),
    ("shipments", 0, {"customer": "own", "country": "PT"}),
    ("shipments", 1, {"customer": "sup"}),
    ("returns", 0, {"happened_at": "2027-03-19T10:00:00Z"}),
    ("sent_out", 1, {"transport": "bike"}),
    ("holds", 4, {"reason": "dropped twice"}),
]  # fmt: skip


def told(actor, as_of=None) -> dict:
    """What each question and the page of each unit say, without when it was asked and how long it took."""
    from asbuilt.kernel.errors import NotFound
    from asbuilt.questions.genealogy.answering.answers import ask
    from asbuilt.questions.genealogy.seen.life import unit_life

    found = {}
    for text in QUESTIONS:
        try:
            said = ask(actor, text, as_of=as_of, serials=True).as_dict()
            said["serials"] = list(said["serials"])
            found[text] = {key: said[key] for key in said.keys() - {"as_of", "checkpoint", "elapsed_ms"}}
        except NotFound as refused:
            found[text] = refused.code
    for code in UNITS:
        life = unit_life(actor, code, as_of)
        found[f"page of {code}"] = {
            "who": repr(life.who),
            "where": repr(life.where),
            "events": repr(life.events),
            "runs": repr(life.firmware),
        }
    return found


ROUNDS = 4


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_as_of_before_a_correction_all_is_answered_as_it_was(built, fact, actor, advance, round_):
    """Every fourth correction in one home: each alone was looked at too, and a round tells which table to look at."""
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.ledger.verifying import verify

    before, then = told(actor), advance()
    for table, n, cells in CORRECTED[round_::ROUNDS]:
        correct_fact(actor, fact(table, n), cells, reason="typed wrong", person="045", decided_at=1_800_000_000_000_000)
    now, as_of = told(actor), told(actor, then)
    different = {
        (text, key): (said[key], as_of[text][key])
        if isinstance(said, dict) and isinstance(as_of[text], dict)
        else (said, as_of[text])
        for text, said in before.items()
        for key in (said if isinstance(said, dict) and isinstance(as_of[text], dict) else ("",))
        if as_of[text] != said and (key == "" or said[key] != as_of[text][key])
    }
    assert not different
    assert sum(now[text] != before[text] for text in before) > 10, "what was corrected is seen nowhere"
    assert verify(actor.tenant).as_json()["findings"] == []


def test_a_shipment_recorded_anew_for_somebody_else(built, fact, withdraw, load, ask, advance, actor):
    """The story: all lines of a shipment are withdrawn, and it is recorded again for another customer in another country, and once more.

    Asked as of before, it went where it had gone by then; a reader of a party sees by then what that party had by then.
    """
    from asbuilt.ledger.verifying import verify

    line = {**built["shipments"][0]}
    first = advance()
    withdraw(fact("placings", 0), fact("placings", 1))
    for customer, country in (("own", "PT"), ("sup", "US")):
        withdraw(fact("shipments", 0, line))
        line |= {"customer": customer, "country": country}
        load({"shipments": [line]}, customer)
        first = [first] if isinstance(first, str) else first
        first.append(advance())
    # the other shipment of two units went to Shop X in FR all the time
    for moment, at_shop, at_own, in_portugal, in_us in zip(
        first, (4, 2, 2), (0, 2, 0), (0, 2, 0), (0, 0, 2), strict=True
    ):
        assert ask('customer:"Shop X"', moment)[0] == at_shop
        assert ask("customer:own", moment)[0] == at_own
        assert ask("customer:own shipment:S1", moment)[0] == at_own
        assert ask("country:FR,DE", moment)[0] == at_shop
        if moment == first[-1]:
            with pytest.raises(NotFound):  # what said Portugal was withdrawn by then
                ask("country:PT", moment)
        else:
            assert ask("country:PT", moment)[0] == in_portugal
        assert ask("country:US", moment)[0] == in_us
        assert ask("country:FR", moment)[0] == at_shop
    assert (ask("customer:sup")[0], ask("customer:own")[0], ask("country:US")[0]) == (2, 0, 2)
    assert verify(actor.tenant).as_json()["findings"] == []


def test_a_party_sees_no_more_what_was_recorded_for_it_by_mistake(built, fact, actor, ask, advance):
    """The story: a shipment went to Shop X by a typing error. Corrected, its reader asks as of the day before: the units are another's."""
    from dataclasses import replace

    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.questions.genealogy.answering.answers import ask as answered

    shop = replace(actor, party=3)

    def seen(as_of=None) -> int:
        return answered(shop, "product:board", as_of=as_of).affected.counts()["certain"]

    assert ask("customer:cx product:board")[0] == 3 == seen()  # SN1, SN2, and SN6 inside BX2
    then = advance()
    said = {"reason": "typed wrong", "person": "045", "decided_at": 1_800_000_000_000_000}
    correct_fact(actor, fact("shipments", 0), {"customer": "own"}, **said)
    assert ask("customer:cx product:board", then)[0] == 3
    assert seen() == 1 == seen(then)


def test_a_party_goes_on_seeing_what_went_on_to_somebody_else(built, actor, load, ask, advance):
    """Not a mistake but a later event: SN1 came back and went to another. Shop X saw it as of before, and sees it today as its own of then."""
    from dataclasses import replace

    from asbuilt.questions.genealogy.answering.answers import ask as answered

    shop = replace(actor, party=3)

    def seen(as_of=None) -> list[str]:
        said = answered(shop, "product:board", as_of=as_of, serials=True).as_dict()
        return [one["serial"] for one in said["serials"]]

    before, then = seen(), advance()
    again = built["shipments"][0] | {"shipment": "S7", "customer": "own", "last_serial": "SN1", "shipped_at": "2027-03-22T08:00:00+00:00", "placed_on_market_at": ""}  # fmt: skip
    load({"shipments": [again]}, "again")
    assert ask("customer:own unit:SN1 product:board")[0] == 1
    assert before == seen() == seen(then) == ["SN1", "SN2", "SN6"]


def test_a_renamed_customer_sees_its_shipments_under_its_name_on_the_page_of_a_unit(built, fact, actor):
    """The story: Shop X is renamed. Its shipments were recorded under the old name: its reader saw none of them, and the house saw the old name."""
    from dataclasses import replace

    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.questions.genealogy.seen.life import unit_life

    said = {"reason": "new name", "person": "045", "decided_at": 1_800_000_000_000_000}
    correct_fact(actor, fact("parties", 2), {"name": "Shop Y"}, **said)
    for reader in (actor, replace(actor, party=3)):
        shipped = [event.cells["customer"] for event in unit_life(reader, "SN2").events if event.kind == "shipped"]
        assert shipped == ["Shop Y"]


def test_a_home_of_before_is_told_where_its_shipments_went(built, fact, withdraw, load, actor):
    """An older home kept no former address: they are filled from the facts, there and back, also after the party was renamed."""
    from django.core.management import call_command

    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.ledger.verifying import verify
    from asbuilt.storage import reading

    said = {"reason": "new name", "person": "045", "decided_at": 1_800_000_000_000_000}
    withdraw(fact("placings", 0), fact("placings", 1))
    line = {**built["shipments"][0]}
    for customer, country in (("Own Brand", "PT"), ("sup", "US")):
        withdraw(fact("shipments", 0, line))
        line |= {"customer": customer, "country": country}
        load({"shipments": [line]}, country)
    correct_fact(actor, fact("parties", 2), {"name": "Shop Y"}, **said)
    correct_fact(actor, fact("parties", 0), {"name": "Shop X"}, **said)
    select = "SELECT shipment, until_entry, customer, country FROM shipping_former_address ORDER BY until_entry"
    before = reading.fetch(select, ())
    assert [(number, country) for _, _, number, country in before] == [(3, "FR"), (1, "PT")]
    call_command("migrate", "shipping", "0002", verbosity=0)
    call_command("migrate", "shipping", verbosity=0)
    assert reading.fetch(select, ()) == before
    assert verify(actor.tenant).as_json()["findings"] == []


def test_a_lot_that_was_corrected_is_no_second_lot_of_its_code(built, fact, actor):
    """The story: the maker of reel P9 was typed wrong. Corrected, `lot:L9` is one lot again, and the answer speaks of one."""
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.questions.genealogy.answering.answers import ask
    from asbuilt.questions.genealogy.seen.finding import find
    from asbuilt.questions.genealogy.seen.lots import lot_page

    said = {"reason": "typed wrong", "person": "045", "decided_at": 1_800_000_000_000_000}
    correct_fact(actor, fact("lots", 3), {"manufacturer": "Vishay", "mpn": "CRCW"}, **said)
    for text in ("lot:L9", "lot:l9", "ever:(lot:L9)"):
        assert ask(actor, text).as_dict()["notes"] == []
    assert ask(actor, "lot:L9").affected.counts()["certain"] == 1
    page = lot_page(actor, "L9")
    assert [one.words for one in page.choices] == ["Vishay CRCW · 2701"] and page.question == "lot:L9"
    assert [one.label for one in find(actor, "L9")] == ["Vishay CRCW · 2701"]
