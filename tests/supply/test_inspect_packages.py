"""Incoming inspection: plans, sample sizes, verdicts, switching, checks with pictures, samples; quarantine until released."""

import pytest
from supply.conftest import label

from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused

PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 20
AT = 1_803_859_200_000_000  # 2027-03-01


@pytest.fixture
def verbs():
    from asbuilt.built.supply.actions import inspecting, statuses

    return {**vars(inspecting), **vars(statuses)}


@pytest.fixture
def planned(actor, catalogue, verbs):
    """U-7 from DIGI is inspected: level II, AQL 0.65, marking checked."""
    return verbs["plan_inspection"](
        actor,
        part="U-7",
        supplier="DIGI",
        standard="iso2859",
        level="II",
        aql="0.65",
        checks=["marking"],
        happened_at=AT,
    )


@pytest.fixture
def come(receive):
    """come("LOT") -> the code of a package of 1,000 U-7 from DIGI."""

    def one(lot: str, **said) -> str:
        said = {"supplier": "DIGI", "delivery": f"DN-{lot}", **said}
        return receive(label("1PATECC608B", "Q1000", f"1T{lot}", "10D2701"), **said).packages[0].package

    return one


@pytest.fixture
def inspect(actor, verbs):
    """inspect("PK-1", nonconforming=0) records an inspection with its marking check."""
    clock = [AT]

    def one(*packages: str, nonconforming: int = 0, by=None, checks=None, **said):
        clock[0] += 60_000_000
        checks = [verbs["Check"]("marking", "pass")] if checks is None else checks
        return verbs["record_inspection"](
            by or actor, packages=packages, nonconforming=nonconforming, checks=checks, happened_at=clock[0], **said
        )

    return one


def status(actor, package: str) -> str:
    from asbuilt.built.supply.queries import standing_of

    return standing_of(actor.tenant, package).status


def test_what_is_to_be_inspected_comes_in_quarantine_and_is_released_after_it(
    actor, planned, come, inspect, verbs, person
):
    from asbuilt.built.supply.queries import standing_of
    from asbuilt.ledger.verifying import verify

    package = come("A1")
    assert status(actor, package) == "quarantine"
    assert not standing_of(actor.tenant, package).may_mount
    ben = person("quality_lead")
    with pytest.raises(Refused) as refusal:
        verbs["release_packages"](ben, packages=[package], reason="fine")
    assert refusal.value.code == "supply.inspection_due"
    found = inspect(package, by=person("operator"))
    # 1,000 pieces, level II: J; AQL 0.65: 80 pieces, 1 may be wrong
    assert (found.inspection, found.verdict, found.sample_size, found.accept_max) == ("IN-000001", "accepted", 80, 1)
    assert status(actor, package) == "quarantine"
    verbs["release_packages"](ben, packages=[package], reason="inspection IN-000001")
    now = standing_of(actor.tenant, package)
    assert (now.status, now.may_mount, now.by, now.reason) == ("released", True, ben.person, "inspection IN-000001")
    assert verify(actor.tenant).as_json()["findings"] == []


def test_without_a_plan_it_comes_released(actor, planned, receive):
    assert (
        receive(label("1PRC0402", "Q5000", "1TL1", "10D2701"), supplier="DIGI").packages[0].cells["status"]
        == "released"
    )
    said = receive(label("1PATECC608B", "Q1000", "1TX1", "10D2701"), supplier="TME")
    assert said.packages[0].cells["status"] == "released"
    with pytest.raises(Refused) as refusal:
        from asbuilt.built.supply.actions.inspecting import record_inspection

        record_inspection(actor, packages=[said.packages[0].package], nonconforming=0)
    assert refusal.value.code == "supply.no_inspection_plan"


@pytest.mark.parametrize(
    ("nonconforming", "check", "verdict"),
    [
        (0, "pass", "accepted"),
        (1, "pass", "accepted"),
        (2, "pass", "rejected"),
        (0, "fail", "rejected"),
        (0, "unsure", "rejected"),
    ],
)
def test_the_verdict_follows_from_counts_and_checks(
    actor, planned, come, inspect, verbs, nonconforming, check, verdict
):
    package = come("A1")
    found = inspect(package, nonconforming=nonconforming, checks=[verbs["Check"]("marking", check)])
    assert found.verdict == verdict
    if verdict == "rejected":
        with pytest.raises(Refused) as refusal:
            verbs["release_packages"](actor, packages=[package], reason="all the same")
        assert refusal.value.code == "supply.inspection_rejected"
        # a second look that accepts lets it go
        inspect(package)
        verbs["release_packages"](actor, packages=[package], reason="sorted", happened_at=AT + 10**9)
        assert status(actor, package) == "released"


def test_a_picture_is_kept_and_told_by_its_content(actor, planned, come, inspect, verbs, tmp_path):
    import hashlib

    from asbuilt.built.exchange.exporting import export_folder
    from asbuilt.built.supply.inspections import checks_of
    from asbuilt.ledger.evidence import open_evidence

    check = verbs["Check"]
    found = inspect(
        come("A1"), checks=[check("marking", "pass", {"lines": 2}, PNG, "../../etc/<b>.png"), check("xray", "pass")]
    )
    marking, xray = checks_of(actor.tenant, found.inspection)
    digest = hashlib.sha256(PNG).hexdigest()
    assert (marking.sha256, marking.file, xray.sha256) == (digest, f"files/{digest[:16]}-b.png", "")
    assert b"".join(open_evidence(actor.tenant, digest)) == PNG
    export_folder(actor, tmp_path / "out")
    assert (tmp_path / "out" / marking.file).read_bytes() == PNG
    for wrong, code in ((b"", "supply.file_empty"), (b"\x00\x01binary", "supply.file_kind")):
        with pytest.raises(Invalid) as refusal:
            inspect(come("B" + code[-4:]), checks=[check("marking", "pass", {}, wrong)])
        assert refusal.value.code == code


def test_rejections_tighten_inspection_and_stop_it(actor, planned, come, inspect):
    for n, lot in enumerate(("QA1", "WB2"), 1):
        found = inspect(come(lot), nonconforming=2)
        assert (found.verdict, found.severity) == ("rejected", "normal"), n
    # tightened: J has an arrow down at AQL 0.65, so K: 125 pieces, 1 may be wrong
    for lot in ("EC3", "RD4", "TE5", "ZF6", "UG7"):
        found = inspect(come(lot), nonconforming=2)
        assert (found.severity, found.sample_size, found.accept_max) == ("tightened", 125, 1)
    last = come("IH8")
    with pytest.raises(Refused) as refusal:
        inspect(last)
    assert refusal.value.code == "supply.inspection_stopped"


def test_a_lot_shown_again_counts_once(actor, planned, come, inspect):
    first = come("QA1")
    inspect(first, nonconforming=2)
    inspect(first, nonconforming=2)
    assert inspect(come("WB2")).severity == "normal"


def test_zero_acceptance_plans(actor, catalogue, come, verbs, inspect):
    verbs["plan_inspection"](actor, standard="c0", limiting_quality="2.5", happened_at=AT)
    found = inspect(come("A1"), checks=[])
    # 25 of 1,000 are wrong; 0.9 of samples of 87 find one of them, of 86 not: (1-25/1000 …) by hand, see below
    chance = 1.0
    for n in range(found.sample_size):
        chance *= (975 - n) / (1000 - n)
    assert chance <= 0.1 < chance * (1000 - found.sample_size + 1) / (975 - found.sample_size + 1)
    assert inspect(come("Z9"), nonconforming=1, checks=[]).verdict == "rejected"


def test_the_most_specific_plan_holds_of_those_the_last(actor, planned, verbs):
    from asbuilt.built.supply.inspections import plan_of
    from asbuilt.designed.parties.queries import numbers_by_name

    plan = verbs["plan_inspection"]
    plan(actor, standard="none", happened_at=AT + 1)
    plan(actor, standard="c0", limiting_quality="1", supplier="DIGI", happened_at=AT + 2)
    plan(actor, standard="iso2859", level="I", aql="1.0", part="U-7", happened_at=AT + 3)
    digi, tme = (numbers_by_name(actor.tenant)[name] for name in ("DIGI", "TME"))
    assert plan_of(actor.tenant, "U-7", digi).level == "II"
    assert plan_of(actor.tenant, "U-7", tme).level == "I"
    assert plan_of(actor.tenant, "C-1", digi).standard == "c0"
    assert plan_of(actor.tenant, "C-1", tme).standard == "none"
    plan(actor, standard="none", part="U-7", supplier="DIGI", happened_at=AT + 4)
    assert plan_of(actor.tenant, "U-7", digi).standard == "none"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"standard": "iso2859", "level": "II"}, "supply.aql_unknown"),
        ({"standard": "iso2859", "aql": "0.65"}, "supply.aql_unknown"),
        ({"standard": "iso2859", "level": "II", "aql": "0.7"}, "supply.aql_unknown"),
        ({"standard": "iso2859", "level": "IV", "aql": "0.65"}, "tables.cell_not_a_word"),
        ({"standard": "c0", "limiting_quality": "100"}, "supply.limiting_quality_wrong"),
        ({"standard": "c0"}, "supply.limiting_quality_wrong"),
        ({"standard": "luck"}, "tables.cell_not_a_word"),
        ({"standard": "none", "part": "U-8"}, "catalog.part_unknown"),
        ({"standard": "none", "supplier": "NOBODY"}, "parties.unknown"),
    ],
)
def test_a_wrong_plan_is_refused(actor, catalogue, verbs, said, code):
    with pytest.raises(Invalid) as refusal:
        verbs["plan_inspection"](actor, **said)
    assert refusal.value.code == code


def test_what_an_inspection_lacks_is_named(actor, planned, come, inspect, receive, verbs):
    package = come("A1")
    for said, code in (
        ({"checks": []}, "supply.check_missing"),
        ({"sample_size": 79}, "supply.sample_too_small"),
    ):
        with pytest.raises(Refused) as refusal:
            inspect(package, **said)
        assert refusal.value.code == code
    with pytest.raises(NotFound):
        inspect("PK-999999")
    with pytest.raises(Invalid) as invalid:
        inspect(package, nonconforming=81)
    assert invalid.value.code == "supply.count_wrong"
    other = receive(label("1PRC0402", "Q5000", "1TL1", "10D2701"), supplier="DIGI").packages[0].package
    with pytest.raises(Invalid) as invalid:
        inspect(package, other)
    assert invalid.value.code == "supply.inspection_mixed"
    unknown = come("B2", quantity="-")
    with pytest.raises(Invalid) as invalid:
        inspect(unknown)
    assert invalid.value.code == "supply.quantity_unknown"


def test_packages_of_one_delivery_are_one_lot(actor, planned, come, inspect):
    codes = [come("A1", delivery="DN-1"), come("A1", delivery="DN-1", confirmed=["label_known:label=1"])]
    # 2,000 pieces: K, 125, 2 may be wrong
    found = inspect(*codes)
    assert (found.sample_size, found.accept_max) == (125, 2)


def test_samples_are_kept(actor, planned, come, verbs):
    from asbuilt.storage import reading

    package = come("A1")
    verbs["keep_sample"](actor, package=package, quantity=5, place="cupboard 3", until_on="2030-01-01")
    sql = "SELECT package, quantity, place, until_on FROM supply_sample WHERE tenant = %s"
    assert reading.fetch(sql, (actor.tenant,)) == [(package, 5, "cupboard 3", "2030-01-01")]
    with pytest.raises(Invalid) as refusal:
        verbs["keep_sample"](actor, package=package, quantity=5, place="x", until_on="soon")
    assert refusal.value.code == "supply.day_wrong"


def test_statuses_are_a_history_and_the_last_one_holds(actor, receive, verbs):
    from asbuilt.built.supply.queries import latest_packages, standing_of

    package = (
        receive(label("1PRC0402", "Q5000", "1TL1", "10D2701"), received_at="2027-02-01T08:00:00Z").packages[0].package
    )
    assert standing_of(actor.tenant, package).since == 1_801_468_800_000_000
    verbs["quarantine_packages"](actor, packages=[package], reason="marking differs", happened_at=AT)
    now = standing_of(actor.tenant, package)
    assert (now.status, now.since, now.may_mount) == ("quarantine", AT, False)
    assert now.why == f"Package {package} is in quarantine since 2027-03-01T00:00:00.000000Z: marking differs."
    assert "red shelf" in now.remedy
    # said later, true earlier: what happened last holds
    verbs["release_packages"](actor, packages=[package], reason="came fine", happened_at=AT - 1)
    assert status(actor, package) == "quarantine"
    verbs["reject_packages"](actor, packages=[package], reason="false", happened_at=AT + 1)
    assert status(actor, package) == "rejected"
    assert latest_packages(actor.tenant)[0].status == "rejected"
    assert standing_of(actor.tenant, "PK-999999") is None


def test_a_status_is_withdrawn_and_corrected_and_a_package_that_has_one_is_not_left_hanging(actor, receive, verbs):
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.ledger.verifying import verify

    one = receive(label("1PRC0402", "Q5000", "1TL1", "10D2701")).packages[0]
    (fact,) = verbs["quarantine_packages"](actor, packages=[one.package], reason="x", happened_at=AT).facts
    said = {"reason": "wrong", "person": "045", "decided_at": AT}
    with pytest.raises(Refused) as refusal:
        withdraw_facts(actor, [Withdraw(one.fact, "never came", "045", AT)])
    assert "statuses.csv" in refusal.value.message
    # the package corrected keeps its statuses
    (moved,) = correct_fact(actor, one.fact, {"lot_code": "L2"}, **said).facts
    assert status(actor, one.package) == "quarantine"
    (fact,) = correct_fact(actor, fact, {"status": "rejected"}, **said).facts
    assert status(actor, one.package) == "rejected"
    withdraw_facts(actor, [Withdraw(fact, "other reel", "045", AT)])
    assert status(actor, one.package) == "released"
    withdraw_facts(actor, [Withdraw(moved, "never came", "045", AT)])
    assert verify(actor.tenant).as_json()["findings"] == []


def test_a_reason_is_needed_and_a_package_too(actor, receive, verbs):
    package = receive(label("1PRC0402", "Q5000", "1TL1", "10D2701")).packages[0].package
    for reason in ("", " ", "x" * 2001):
        with pytest.raises(Invalid) as refusal:
            verbs["quarantine_packages"](actor, packages=[package], reason=reason)
        assert refusal.value.code == "supply.reason_missing"
    for packages in ([], [package] * 501):
        with pytest.raises(Invalid) as refusal:
            verbs["quarantine_packages"](actor, packages=packages, reason="x")
        assert refusal.value.code == "supply.rows_count"
    with pytest.raises(NotFound):
        verbs["quarantine_packages"](actor, packages=["PK-999999"], reason="x")


def test_who_may_do_what(actor, planned, come, verbs, person, inspect):
    package = come("A1")
    anna, eva, olga = person("operator"), person("engineer"), person("auditor")
    verbs["quarantine_packages"](anna, packages=[package], reason="torn bag")
    for somebody in (anna, eva, olga):
        for verb in ("release_packages", "reject_packages"):
            with pytest.raises(NotAllowed):
                verbs[verb](somebody, packages=[package], reason="x")
        with pytest.raises(NotAllowed):
            verbs["plan_inspection"](somebody, standard="none")
    with pytest.raises(NotAllowed):
        inspect(package, by=olga)
    with pytest.raises(NotAllowed):
        verbs["quarantine_packages"](olga, packages=[package], reason="x")


def test_a_stranger_finds_no_package(actor, planned, come, verbs, stranger):
    from asbuilt.built.supply.queries import floor_life, standing_of

    package = come("A1")
    with pytest.raises(NotFound):
        verbs["quarantine_packages"](stranger, packages=[package], reason="x")
    with pytest.raises(NotFound):
        verbs["record_inspection"](stranger, packages=[package], nonconforming=0)
    assert standing_of(stranger.tenant, package) is None
    assert floor_life(stranger.tenant, package, AT) is None


def test_the_same_request_twice_is_one_fact(actor, planned, come, verbs, inspect):
    package = come("A1")
    said = {"packages": [package], "reason": "x", "happened_at": AT, "request_key": "q-1"}
    first, again = verbs["quarantine_packages"](actor, **said), verbs["quarantine_packages"](actor, **said)
    assert (first.entry, first.facts) == (again.entry, again.facts)
    with pytest.raises(Conflict):
        verbs["quarantine_packages"](actor, **{**said, "reason": "y"})
    with pytest.raises(Conflict) as refusal:
        verbs["quarantine_packages"](actor, **{**said, "request_key": "q-2"})
    assert refusal.value.code == "supply.recorded_before"
    check = [verbs["Check"]("marking", "pass", {}, PNG)]
    said = {"packages": [package], "nonconforming": 0, "checks": check, "happened_at": AT, "request_key": "i-1"}
    first, again = verbs["record_inspection"](actor, **said), verbs["record_inspection"](actor, **said)
    assert first.inspection == again.inspection == "IN-000001" and first.entry == again.entry


def test_a_part_split_off_was_inspected_with_its_source(actor, planned, come, inspect, verbs):
    """Named for the half of an accepted reel that nobody could release, and that of a rejected one that began anew."""
    from asbuilt.built.supply.actions.splits import split_package
    from asbuilt.built.supply.inspections import inspection_due
    from asbuilt.built.supply.package_file import package_file

    good, bad, late = come("A1"), come("B2"), come("C3")
    split_package(actor, package=late, quantity=10, new="PART-L", happened_at=AT + 1)
    verbs["keep_sample"](actor, package=good, quantity=5, place="cupboard 3", happened_at=AT + 2)
    accepted, rejected = inspect(good), inspect(bad, nonconforming=2)
    inspect(late)
    for source, part in ((good, "PART-A"), ("PART-A", "PART-AA"), (bad, "PART-B")):
        split_package(actor, package=source, quantity=10, new=part, happened_at=AT + 10**10)
    due = inspection_due(actor.tenant, ["PART-A", "PART-AA", "PART-B", "PART-L"])
    assert due == {"PART-B": rejected.inspection, "PART-L": "due"}
    verbs["release_packages"](actor, packages=["PART-AA"], reason="inspected", happened_at=AT + 2 * 10**10)
    assert status(actor, "PART-AA") == "released"
    kept = package_file(actor.tenant, "PART-AA", AT + 10**11)
    assert [(one.quantity, one.place, one.of) for one in kept.samples] == [(5, "cupboard 3", good)]
    assert [one.inspection for one in kept.inspections] == [accepted.inspection]
