"""Change notices: taken, found in products, stock, orders and units, decided, and their last days told."""

from email import message_from_bytes

import pytest
from sourcing_floor import pcn

from asbuilt.designed.changes.controlling.actions.answering import decide_notice
from asbuilt.designed.changes.sourcing.notice_file import NoticePart
from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger import clock
from asbuilt.storage import reading

TAKEN_AT = parse_instant("2036-12-01T00:00:00Z")  # a day that the calendar does not overtake


def take(actor, **more) -> str:
    from asbuilt.designed.changes.sourcing.actions import take_notice

    said = {
        "kind": "pdn",
        "number": "PDN-9",
        "maker": "Radio",
        "title": "End of W-1",
        "parts": [NoticePart("W-1", replacement="W-2")],
    }
    return take_notice(actor, **said | more)  # fmt: skip


def test_a_makers_archive_is_found_in_products_stock_orders_and_units(house, actor, tmp_path):
    from asbuilt.designed.changes.controlling.actions.proposing import propose_eco
    from asbuilt.designed.changes.sourcing.actions import amend_notice, take_smart_pcn
    from asbuilt.questions.genealogy.seen.sourcing import notice_seen, notices_seen

    key = {"content": pcn(), "name": "../PCN-17.pcn", "supplier": "PH", "request_key": "k"}
    code = take_smart_pcn(house["eva"], **key)
    assert (code, take_smart_pcn(house["eva"], **key)) == ("CN-1", "CN-1")
    with pytest.raises(Conflict) as again:
        take_smart_pcn(house["eva"], content=pcn(), name="x.pcn")
    assert again.value.code == "changes.notice_known" and again.value.facts["code"] == "CN-1"
    seen = notice_seen(actor, code)
    assert (seen["kind"], seen["file"], seen["supplier"], seen["attachments"]) == (
        "pcn",
        "PCN-17.pcn",
        "Parts House",
        ["files/notice.pdf"],
    )
    # what the maker's words name is shown to a person, and used only when one said so
    assert seen["suggested_date_code"] == "2640" and set(seen["used"]["questions"]) == {"all"}
    assert {one["changed"] for one in seen["used"]["stock"]} == {"unknown"}
    amend_notice(house["eva"], notice=code, identification={"date_code_from": "2640"}, why="confirmed by phone")
    used = notice_seen(actor, code)["used"]
    assert [(one["product"], one["line"], one["part"], one["manufacturer"]) for one in used["products"]] == [
        ("gateway", "2", "WIFI", "Brand Owner")
    ]
    assert {one["package"]: one["changed"] for one in used["stock"]} == {
        "W-NEW": "changed",
        "W-NODATE": "unknown",
        "W-OLD": "unchanged",
    }
    assert {one["package"]: one["most"] for one in used["stock"]} == {"W-NEW": 497, "W-NODATE": 500, "W-OLD": 496}
    assert [(one["order"], one["open"]) for one in used["orders"]] == [("WO-1", 0), ("WO-2", 10), ("WO-Q", 60)]
    assert used["questions"]["changed"] == "(part:W-1 datecode:>=2640 at:U1)"
    # G5 to G7 carry it; of G8 nobody knows; one of the three is at a customer
    assert used["units"]["changed"]["affected"] == {"certain": 3, "possible": 0, "unrecorded": 1}
    assert {(row["customer"], row["certain"]) for row in used["units"]["changed"]["by"]["customer"]} == {
        ("Shop X", 1),
        (None, 2),
    }
    with pytest.raises(NotFound) as none:
        decide_notice(house["ada"], notice=code, decision="change_order", eco="ECO-1", why="qualify W-2")
    assert none.value.facts == {"eco": "ECO-1"}
    propose_eco(house["eva"], title="W-2", why="W-1 changes", products=["gateway"])
    decide_notice(house["ada"], notice=code, decision="change_order", eco="ECO-1", why="qualify W-2")
    (head,) = notices_seen(actor)
    assert (head["state"], head["decision"], head["eco"]) == ("decided", "change_order", "ECO-1")


def test_a_notice_is_the_owners_where_it_touches_a_product_of_his(house, actor, stranger):
    from asbuilt.questions.genealogy.seen.sourcing import notice_seen, notices_seen

    take(house["eva"], identification={"lots": ["L45", "NOWHERE"]})
    seen = notice_seen(house["brand"], "CN-1")
    assert seen["used"]["stock"] == [] and seen["used"]["questions"]["changed"] == "(part:W-1 lot:L45 at:U1)"
    assert seen["used"]["units"]["changed"]["affected"]["certain"] == 3
    assert notices_seen(house["other"]) == []
    for who, code in ((house["other"], "CN-1"), (stranger, "CN-1"), (actor, "CN-2"), (actor, "X")):
        with pytest.raises(NotFound) as none:
            notice_seen(who, code)
        assert none.value.code == "changes.unknown"
    for who in ("brand", "other"):
        with pytest.raises(NotFound):
            decide_notice(house[who], notice="CN-1", decision="accepted", why="w")
    for who in ("opal", "olga", "eva"):
        with pytest.raises(NotAllowed):
            decide_notice(house[who], notice="CN-1", decision="accepted", why="w")
    with pytest.raises(NotAllowed):
        take(house["olga"], number="N")


def test_a_lot_is_found_however_the_maker_writes_it(house, actor):
    from asbuilt.questions.genealogy.seen.sourcing import notice_seen

    take(house["eva"], identification={"lots": ["l45"]})
    used = notice_seen(actor, "CN-1")["used"]
    assert {one["package"]: one["changed"] for one in used["stock"]}["W-NEW"] == "changed"
    assert used["units"]["changed"]["affected"]["certain"] == 3


def test_what_is_no_notice_is_refused_and_nothing_is_kept(house):
    from asbuilt.designed.changes.sourcing.actions import amend_notice

    eva, files = house["eva"], lambda: reading.fetch("SELECT count(*) FROM ledger_evidence")[0][0]
    before = files()
    for said, code in (
        ({"kind": "x"}, "word_unknown"), ({"parts": []}, "parts_count"), ({"number": " "}, "words_missing"), ({"title": "t" * 401}, "words_long"),
        ({"maker": "a\x07"}, "words_control"), ({"dates": {"last_buy": "2027-02-30"}}, "date"), ({"dates": {"soon": "2027-01-01"}}, "word_unknown"),
        ({"identification": {"date_code_from": "wk 40"}}, "date_code"), ({"changes": ["magic"]}, "word_unknown"),
        ({"identification": {"date_code_from": "2640", "date_code_until": "2601"}}, "date_code"), ({"content": b""}, "file_size"),
        ({"identification": {"lots": [str(n) for n in range(1001)]}}, "lots_many"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            take(eva, **said)
        assert refused.value.code == f"changes.{code}", said
    with pytest.raises(NotFound):
        take(eva, supplier="nobody", content=b"%PDF-1.4", name="a.pdf")
    assert files() == before
    take(eva, content=b"%PDF-1.4", name="a.pdf")
    assert files() == before + 1
    for verb, said, code in (
        (amend_notice, {"why": "w"}, "amendment_empty"), (decide_notice, {"decision": "change_order", "why": "w"}, "words_missing"),
        (decide_notice, {"decision": "reopened", "why": "w"}, "notice_open"),
    ):  # fmt: skip
        with pytest.raises((Invalid, Conflict)) as refused:
            verb(house["ada"], notice="CN-1", **said)
        assert refused.value.code == f"changes.{code}"


def test_the_last_days_call_each_owner_once_a_part_of_the_time(house, actor, monkeypatch):
    from asbuilt.answers.register.last_days import warn
    from asbuilt.designed.changes.sourcing.actions import amend_notice
    from asbuilt.designed.changes.sourcing.queries import standing_notice

    monkeypatch.setenv("ASBUILT_MAIL_LISTS", "BRAND=quality@brand.example,house=buy@ems.example")
    monkeypatch.setenv("ASBUILT_CHANGE_NOTICE_LIST", "house")
    clock.set_clock(lambda: TAKEN_AT)
    take(house["eva"], parts=[NoticePart("W-1"), NoticePart("R-1")], dates={"last_buy": "2037-01-29"})  # sixty days

    def mails():
        sql = "SELECT target, payload FROM storage_outgoing WHERE channel = 'mail' ORDER BY number"
        return [(to, message_from_bytes(bytes(body))) for to, body in reading.fetch(sql)]

    def after(days: int) -> int:
        moment = TAKEN_AT + days * 86_400 * 1_000_000
        clock.set_clock(lambda: moment)
        return warn(actor.tenant, moment)

    assert after(29) == 0 and mails() == []
    assert (after(31), after(32)) == (1, 0)
    first, second = mails()
    assert {first[0], second[0]} == {"BRAND", "house"}
    told = {to: mail.get_payload() for to, mail in mails()}
    assert "gateway" in told["BRAND"] and "house" not in told["BRAND"] and "house" in told["house"]
    assert "50 %" in first[1]["Subject"] and "2037-01-29" in first[1]["Subject"]
    (line,) = [one for one in standing_notice(actor.tenant, "CN-1").lines if one.kind == "notice_warned"]
    assert line.said == {"day": "2037-01-29", "percent": 50, "lists": ["BRAND", "house"], "without": ["Our Works"]}
    amend_notice(house["eva"], notice="CN-1", dates={"last_buy": "2037-01-08"}, why="earlier")
    assert after(32) == 1  # of several parts that are gone only the last one
    assert after(39) == 1
    decide_notice(house["ada"], notice="CN-1", decision="not_affected", why="enough in stock")
    assert after(60) == 0
    monkeypatch.setenv("ASBUILT_CHANGE_NOTICE_PERCENT", "a")
    with pytest.raises(Invalid) as refused:
        after(61)
    assert refused.value.code == "register.notice_percent"


def test_a_notice_about_a_part_of_ours_is_a_signal_once(house, actor):
    from asbuilt.answers.cases.handling.arriving import arrive
    from asbuilt.answers.cases.handling.seen import signals_told

    take(house["eva"])
    take(house["eva"], number="PDN-10", parts=[NoticePart("NEVER-USED")])
    assert len(arrive(actor.tenant, clock.now())) == 1 and arrive(actor.tenant, clock.now()) == []
    (one,) = signals_told(actor)
    assert (
        (one["source"], one["reference"]) == ("supplier", "CN-1")
        and "gateway" in one["words"]
        and "PDN-9" in one["words"]
    )


def test_life_cycles_of_parts_of_ours_are_kept_and_what_changed_is_told(house, actor):
    from asbuilt.designed.changes.sourcing.actions import take_life_cycles
    from asbuilt.questions.genealogy.seen.sourcing import life_cycles_seen

    def file(*rows: str) -> bytes:
        return ("Mfr Part Number;Manufacturer;Part Status;LTB Date\n" + "\n".join(rows)).encode()

    said = {
        "content": file("w-1;Radio;Not Recommended for New Designs;", "X-9;Y;Active;"),
        "name": "mouser.csv",
        "source": "Mouser",
    }
    first = take_life_cycles(house["eva"], **said, request_key="a")
    assert (first.code, first.rows, first.kept, first.changed) == ("LC-1", 2, 1, (("W-1", "", "nrnd"),))
    assert take_life_cycles(house["eva"], **said, request_key="a") == first
    second = take_life_cycles(
        house["eva"], content=file("W-1;Radio;Last Time Buy;2027-06-30"), name="m.csv", source="Mouser"
    )
    assert second.changed == (("W-1", "nrnd", "eol"),)
    assert [(one["mpn"], one["state"], one["said"], one["last_buy"]) for one in life_cycles_seen(actor)] == [
        ("W-1", "eol", "Last Time Buy", "2027-06-30")
    ]
    for rows, code in (
        ((), "life_cycles_empty"),
        (("W-1;Radio;Aktive;",), "life_cycle_word"),
        (("W-1;Radio;Active;30.6.27",), "life_cycle_date"),
    ):
        with pytest.raises(Invalid) as refused:
            take_life_cycles(house["eva"], content=file(*rows), name="m.csv", source="Mouser")
        assert code in {
            refused.value.code.partition(".")[2],
            *(row.code.partition(".")[2] for row in refused.value.rows),
        }
    with pytest.raises(NotFound):
        life_cycles_seen(house["brand"])


def test_the_record_finds_a_line_that_was_changed(house, actor):
    from asbuilt.designed.changes.said.lines import KEPT
    from asbuilt.storage import bulk
    from asbuilt.storage.transactions import write_tx

    take(house["eva"])
    assert list(KEPT.rebuild(actor.tenant)) == []
    with write_tx(actor.tenant):
        bulk.run("UPDATE changes_line SET why = 'x' WHERE tenant = %s AND kind = 'notice_taken'", (actor.tenant,))
        bulk.run("DELETE FROM changes_line WHERE tenant = %s AND kind = 'notice_part'", (actor.tenant,))
    assert {one.code for one in KEPT.rebuild(actor.tenant)} == {
        "ledger.projection_row_changed",
        "ledger.projection_row_missing",
    }


def test_an_owner_reads_nothing_of_anothers_in_a_notice_about_both(house, actor, load):
    """Z-1 is used in OTHER's product alone, under a number that only OTHER has; the house decides for a reason that names OTHER, by an ECO of OTHER's."""
    from asbuilt.designed.changes.controlling.actions.proposing import propose_eco
    from asbuilt.questions.genealogy.seen.sourcing import notice_seen, notices_seen

    line = {"product": "rival", "revision": "A", "bom_version": "1", "line": "1", "quantity": "1", "refdes": "U1"}
    made = {"description": "", "mpn": "Z-1", "manufacturer": "Radio", "lifecycle": "active", "msl": ""}
    role = {
        "product": "rival", "party": "OTHER", "role": "manufacturer", "operator": "", "happened_at": "2026-03-01T08:00:00Z",
    }  # fmt: skip
    load(
        {"parts": [{**made, "part": "RIVAL-RADIO"}], "bom": [{**line, "part": "RIVAL-RADIO"}], "product_roles": [role]},
        "rival",
    )
    take(house["eva"], parts=[NoticePart("W-1"), NoticePart("Z-1")], supplier="PH")
    propose_eco(house["eva"], title="rival's own", why="w", products=["rival"])
    decide_notice(
        house["ada"], notice="CN-1", decision="change_order", eco="ECO-1", why="Other Brand leaves us otherwise"
    )
    for who, theirs in (
        ("brand", ("RIVAL", "rival", "Other Brand", "ECO-1", "Parts House", "Z-1,")),
        ("other", ("WIFI", "gateway")),
    ):
        said = repr((notice_seen(house[who], "CN-1"), notices_seen(house[who])))
        assert [word for word in theirs if word in said] == [], who
        assert "change_order" in said
    seen = notice_seen(house["brand"], "CN-1")
    assert seen["used"]["questions"] == {"all": "part:W-1"}
    assert {(line["why"], line["by"], line["eco"]) for line in seen["timeline"]} == {("", None, "")}
    assert notice_seen(house["other"], "CN-1")["eco"] == "ECO-1"
    whole = notice_seen(actor, "CN-1")
    assert whole["eco"] == "ECO-1" and whole["supplier"] == "Parts House" and whole["timeline"][-1]["why"]


def test_a_brand_reads_no_names_of_the_houses_people(house, people, actor):
    """Badges are on record here: the house reads them, the brand does not."""
    from asbuilt.questions.genealogy.seen.sourcing import notice_seen

    take(people("emil", "engineer"))
    decide_notice(people("quinn", "quality_lead"), notice="CN-1", decision="last_buy", why="two years of stock")
    bea = people("bea", "party_reader", party="BRAND")
    assert {"badge-emil", "badge-quinn"} <= {line["by"] for line in notice_seen(actor, "CN-1")["timeline"]}
    told = notice_seen(bea, "CN-1")
    assert {line["by"] for line in told["timeline"]} == {None} and "badge-" not in repr(told)


def test_stock_and_units_of_a_lot_are_found_however_the_maker_writes_it_in_questions_too(house, actor):
    from asbuilt.questions.genealogy.seen.sourcing import notice_seen

    take(house["eva"], identification={"lots": ["l45", "L-NOWHERE"]})
    assert "lot:L45" in notice_seen(actor, "CN-1")["used"]["questions"]["changed"]
