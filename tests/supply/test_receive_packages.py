"""Goods-in: packages from labels and from what a person adds; what is missing is asked for, what looks wrong is asked back."""

import hashlib

import pytest
from supply.conftest import REEL, label

from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, Refused


def asked(refusal) -> list[str]:
    return [one["id"] for one in refusal.value.facts["questions"]]


def test_a_scanned_reel_is_a_row_of_lots_csv_with_its_label_as_evidence(receive, actor, tmp_path):
    from asbuilt.built.exchange.exporting import export_folder
    from asbuilt.built.supply.queries import PackageFinder, labels_of
    from asbuilt.ledger.evidence import open_evidence
    from asbuilt.ledger.verifying import verify

    said = receive(REEL, supplier="DIGI", delivery="DN-1", received_at="2027-03-01T08:00:00Z")
    (one,) = said.packages
    assert one.package == "PK-000001"
    found = PackageFinder(actor.tenant).find([one.package])[one.package]
    # the maker is not on the label: the catalogue has one for this MPN
    assert (found.lot_code, found.date_code, found.mpn, found.maker) == ("2EKQ7", "2701", "RC0402", "Yageo")
    assert found.status == "released"
    digest = hashlib.sha256(REEL).hexdigest()
    assert labels_of(actor.tenant, one.package) == [digest]
    assert b"".join(open_evidence(actor.tenant, digest)) == REEL
    export_folder(actor, tmp_path / "out")
    lines = (tmp_path / "out" / "lots.csv").read_text().splitlines()
    assert lines[1] == (
        "PK-000001,reel,R-10K,RC0402,Yageo,DIGI,2EKQ7,2701,5000,2027-03-01T08:00:00.000000Z,DN-1,,released,"
    )
    assert verify(actor.tenant).as_json()["findings"] == []


def test_it_is_withdrawn_and_corrected_like_any_package(receive, actor):
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.built.supply.queries import PackageFinder, labels_of

    (one,) = receive(REEL, supplier="DIGI").packages
    said = {"reason": "misread", "person": "045", "decided_at": 1_800_000_000_000_000}
    new = correct_fact(actor, one.fact, {"lot_code": "2EKQ8"}, **said).facts
    found = PackageFinder(actor.tenant).find([one.package])[one.package]
    assert found.lot_code == "2EKQ8"
    assert len(labels_of(actor.tenant, one.package)) == 1
    withdraw_facts(actor, [Withdraw(new[0], "never came", "045", 1_800_000_000_000_000)])
    assert PackageFinder(actor.tenant).find([one.package]) == {}
    # its code is never given again
    assert receive(label("1PCRCW", "Q1000", "1TV1", "10D2702")).packages[0].package != one.package


def test_what_a_person_adds_wins_over_the_label(receive):
    said = receive(REEL, lot_code="2EKQ9", quantity="4000", package="REEL-7", package_kind="tray", owner="ACME")
    cells = said.packages[0].cells
    assert (cells["package"], cells["package_kind"], cells["lot_code"], cells["quantity"]) == (
        "REEL-7", "tray", "2EKQ9", "4000",
    )  # fmt: skip
    assert cells["owner"] == "ACME" and cells["date_code"] == "2701"


def test_a_package_without_a_label_is_typed(receive):
    cells = receive(part="C-1", mpn="GRM188", lot_code="L5", date_code="2703", quantity="4000").packages[0].cells
    assert (cells["part"], cells["manufacturer"], cells["lot_code"]) == ("C-1", "Murata", "L5")


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        (("1PRC0402", "Q5000", "10D2701"), ["lot_code"]),
        (("1PRC0402", "Q5000", "1TL1"), ["date_code"]),
        (("1PRC0402", "1TL1", "10D2701"), ["quantity"]),
        (("1PRC0402",), ["lot_code", "date_code", "quantity"]),
        (("Q5000", "1TL1", "10D2701"), ["part"]),
    ],
)
def test_what_the_label_lacks_is_asked_for(receive, fields, missing):
    with pytest.raises(Invalid) as refusal:
        receive(label(*fields))
    assert refusal.value.code == "supply.receipt_incomplete"
    assert [row.column for row in refusal.value.rows] == missing
    said = {"part": "R-10K", "lot_code": "L1", "date_code": "2701", "quantity": "5000"}
    # a label without a quantity makes its reader doubt the MPN too
    assert receive(label(*fields), **said, confirmed=["doubtful:mpn=RC0402"]).packages


def test_what_nobody_knows_is_recorded_as_not_known(receive, actor):
    from asbuilt.built.supply.queries import PackageFinder

    (one,) = receive(label("1PRC0402", "Q5000"), lot_code="-", date_code="-").packages
    found = PackageFinder(actor.tenant).find([one.package])[one.package]
    assert (found.lot_code, found.date_code) == ("", "")


@pytest.mark.parametrize(
    ("fields", "said", "code", "remedy"),
    [
        (("1PRC0403", "Q5000", "1TL1", "10D2701"), {}, "catalog.part_unknown", "parts.csv"),
        (("1PRC0402", "Q5000", "1TL1", "10D2701"), {"part": "R-10L"}, "catalog.part_unknown", "R-10K"),
        (("1PGRM188", "Q5000", "1TL1", "10D2701"), {}, "supply.part_several", "C-1, C-2"),
    ],
)
def test_a_part_that_the_catalogue_does_not_know_is_never_taken(receive, fields, said, code, remedy):
    with pytest.raises(Invalid) as refusal:
        receive(label(*fields), **said)
    (row,) = refusal.value.rows
    assert (row.column, row.code) == ("part", code) and remedy in row.remedy


def test_the_customers_part_on_the_label_finds_the_part(receive):
    assert receive(label("PC-2", "1PGRM188", "Q4000", "1TL1", "10D2701")).packages[0].cells["part"] == "C-2"


def test_an_mpn_that_is_not_approved_is_asked_back(receive):
    fields = label("1PERJ2", "Q5000", "1TL1", "10D2701")
    with pytest.raises(Refused) as refusal:
        receive(fields, part="R-10K")
    assert asked(refusal) == ["mpn_unapproved:mpn=ERJ2"]
    said = receive(fields, part="R-10K", confirmed=["mpn_unapproved:mpn=ERJ2"])
    assert said.packages[0].cells["mpn"] == "ERJ2" and "not approved" in said.warnings[0]


@pytest.mark.parametrize("quantity", ["1", "5", "478", "4999", "5001", "1100", "0", "12"])
def test_an_unusual_pack_size_is_asked_back(receive, quantity):
    said = {"part": "R-10K", "mpn": "RC0402", "lot_code": "L1", "date_code": "2701", "quantity": quantity}
    with pytest.raises(Refused) as refusal:
        receive(**said)
    assert asked(refusal) == [f"pack_size:quantity={quantity}"]
    assert receive(**said, confirmed=[f"pack_size:quantity={quantity}"]).packages
    # a size that came before is usual for this part
    if quantity != "0":
        assert receive(**{**said, "lot_code": "L2"}).packages


@pytest.mark.parametrize(
    "quantity", ["100", "250", "500", "1000", "1500", "2500", "3000", "4000", "5000", "10000", "15000"]
)
def test_sizes_in_which_makers_pack_are_taken(receive, quantity):
    assert receive(part="R-10K", mpn="RC0402", lot_code="L1", date_code="2701", quantity=quantity).packages


@pytest.mark.parametrize(
    ("first", "then", "near"),
    [
        ("2EKQ7", "2EKQ1", True),
        ("2EKQ7", "2EKQ", True),
        ("2EKQ7", "2EKQ77", True),
        ("2EKQ7", "2EK7Q", True),
        ("2EKQ7", "2ekq7", True),
        ("2EKQ7", "2EKQ7", False),
        ("2EKQ7", "2EKR8", False),
        ("2EKQ7", "9", False),
    ],
)
def test_a_lot_that_differs_by_one_character_is_asked_back(receive, first, then, near):
    said = {"part": "R-10K", "mpn": "RC0402", "date_code": "2701", "quantity": "5000", "supplier": "DIGI"}
    receive(**said, delivery="DN-1", lot_code=first)
    # of another delivery it is nobody's neighbour
    receive(**said, delivery="DN-2", lot_code=then)
    if not near:
        assert receive(**said, delivery="DN-1", lot_code=then).packages
        return
    with pytest.raises(Refused) as refusal:
        receive(**said, delivery="DN-1", lot_code=then)
    assert asked(refusal) == [f"lot_near:lot_code={then}"]
    assert refusal.value.facts["questions"][0]["beside"] == first
    # confirmed for this lot, not for any other
    with pytest.raises(Refused):
        receive(**said, delivery="DN-1", lot_code=then, confirmed=["lot_near:lot_code=OTHER"])
    assert receive(**said, delivery="DN-1", lot_code=then, confirmed=[f"lot_near:lot_code={then}"]).packages


def test_a_label_that_was_scanned_before_asks_for_another_package(receive, actor):
    from asbuilt.built.supply.queries import label_packages

    receive(REEL)
    with pytest.raises(Refused) as refusal:
        receive(REEL)
    assert asked(refusal) == ["label_known:label=1"] and "PK-000001" in refusal.value.message
    receive(REEL, confirmed=["label_known:label=1"])
    with pytest.raises(Refused):
        receive(REEL, confirmed=["label_known:label=1"])
    digest = hashlib.sha256(REEL).hexdigest()
    assert label_packages(actor.tenant, digest) == ["PK-000001", "PK-000002"]


def test_a_field_that_the_reader_doubts_is_asked_back(receive):
    fields = label("1PRC0402", "Q5000", "1TA1/B2", "9D231013")
    with pytest.raises(Refused) as refusal:
        receive(fields)
    assert asked(refusal) == ["doubtful:lot_code=A1/B2", "doubtful:date_code=231013"]
    assert receive(fields, lot_code="A1", date_code="2341").packages[0].cells["lot_code"] == "A1"


def test_several_packages_go_in_together_or_not_at_all(actor, catalogue):
    from asbuilt.built.supply.actions.receiving import RECEIPTS_MAX, receive_packages
    from asbuilt.built.supply.queries import known_package_codes
    from asbuilt.built.supply.receipts import Receipt

    said = {"part": "R-10K", "mpn": "RC0402", "date_code": "2701", "quantity": "5000", "delivery": "DN-1"}
    with pytest.raises(Refused) as refusal:
        receive_packages(actor, [Receipt(**said, lot_code="AB1"), Receipt(**said, lot_code="AB2")])
    assert refusal.value.facts["questions"][0]["package"] == 2
    with pytest.raises(Invalid):
        receive_packages(actor, [Receipt(**said, lot_code="AB1"), Receipt(**{**said, "part": "NONE"}, lot_code="XX")])
    assert known_package_codes(actor.tenant) == []
    both = receive_packages(actor, [Receipt(**said, lot_code="AB1"), Receipt(**said, lot_code="XY9")])
    assert [one.package for one in both.packages] == ["PK-000001", "PK-000002"]
    for many in (0, RECEIPTS_MAX + 1):
        with pytest.raises(Invalid) as refusal:
            receive_packages(actor, [Receipt(**said, lot_code="Z9")] * many)
        assert refusal.value.code == "supply.receipts_count"


def test_a_code_that_a_package_has_is_a_conflict(receive):
    receive(REEL, package="REEL-1")
    with pytest.raises(Conflict):
        receive(label("1PCRCW", "Q1000", "1TV1", "10D2702"), package="REEL-1")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"supplier": "NOBODY"}, "parties.unknown"),
        ({"owner": "NOBODY"}, "parties.unknown"),
        ({"quantity": "many"}, "tables.cell_not_a_count"),
        ({"package_kind": "barrel"}, "tables.cell_not_a_word"),
        ({"received_at": "2027-03-01"}, "tables.time_without_offset"),
        ({"delivery": "D\x1dN"}, "tables.cell_unwritable"),
        ({"lot_code": "L" * 201}, "tables.cell_too_long"),
    ],
)
def test_a_wrong_field_is_named(receive, actor, said, code):
    from asbuilt.storage import reading

    with pytest.raises(Invalid) as refusal:
        receive(REEL, **said)
    assert refusal.value.code == code
    # nothing half stored: no entry, no label left behind
    assert (
        reading.fetch("SELECT 1 FROM ledger_evidence WHERE tenant = %s AND file_name LIKE 'label%%'", (actor.tenant,))
        == []
    )


def test_a_text_that_is_no_label_is_refused(receive):
    with pytest.raises(Invalid) as refusal:
        receive(b"[)>06K3828825514K0011P67C18-8-M-PQ5")
    assert refusal.value.code == "labels.separators_lost"


def test_the_same_request_twice_is_one_receipt(receive):
    first = receive(REEL, key="k-1", delivery="DN-1")
    again = receive(REEL, key="k-1", delivery="DN-1")
    assert (again.entry, again.packages[0].package, again.packages[0].fact) == (
        first.entry, first.packages[0].package, first.packages[0].fact,
    )  # fmt: skip
    with pytest.raises(Conflict):
        receive(REEL, key="k-1", delivery="DN-2")


def test_only_who_may_receives(receive, person):
    from asbuilt.built.supply.queries import known_package_codes

    anna = person("operator")
    receive(REEL, by=anna)
    for role in ("auditor", "administrator", "psirt"):
        with pytest.raises(NotAllowed):
            receive(label("1PCRCW", "Q1000", "1TV1", "10D2702"), by=person(role))
    assert known_package_codes(anna.tenant) == ["PK-000001"]


def test_a_stranger_has_neither_part_nor_label_of_another_company(receive, stranger):
    receive(REEL, supplier="DIGI")
    with pytest.raises(Invalid) as refusal:
        receive(REEL, by=stranger)
    assert refusal.value.rows[0].code == "catalog.part_unknown" and "R-10K" not in str(vars(refusal.value.rows[0]))


def test_a_received_reel_answers_lot_once_it_is_mounted(receive, load, actor):
    """Ten boards, R1 and R2 from a scanned reel on the first six: counted by hand."""
    from asbuilt.questions.genealogy.answering import answers

    package = receive(REEL, supplier="DIGI", delivery="DN-1").packages[0].package
    bom = {"product": "board", "revision": "A", "bom_version": "1", "line": "1", "part": "R-10K", "quantity": "2"}
    order = {"order": "WO-1", "product": "board", "revision": "A", "bom_version": "1", "quantity": "10"}
    run = {"order": "WO-1", "refdes": "R1 R2", "package": package, "certainty": "certain"}
    load(
        {
            "bom": [{**bom, "refdes": "R1 R2"}],
            "orders": [{**order, "customer": "ACME", "opened_at": "2027-03-02T08:00:00Z"}],
            "units": [{"order": "WO-1", "serial": f"SN{n}", "panel": "", "position": ""} for n in range(1, 11)],
            "materials": [{**run, "first_serial": "SN1", "last_serial": "SN6", "happened_at": "2027-03-02T09:00:00Z"}],
        }
    )

    def counts(question: str) -> tuple[int, int, int]:
        said = answers.ask(actor, question).affected.counts()
        return said["certain"], said["possible"], said["unrecorded"]

    assert counts("lot:2EKQ7") == (6, 0, 4)
    assert counts("supplier:DIGI") == (6, 0, 4)
    assert counts("datecode:2701") == (6, 0, 4)
    assert counts(f"package:{package}") == (6, 0, 4)
    assert counts("lot:2EKQ7 unit:SN7..SN10") == (0, 0, 4)
