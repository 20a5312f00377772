"""The market gate says what it does not know: no finding never looks like nothing, for a unit, an order, a machine and a page.

Counted by hand from `vulnerable_factory`: S0000-S0003 run 1.0.0 (mbedtls, lwip), S0004-S0007 run 1.1.0; S0000, S0001 and S0007 left.
"""

import json

import pytest
from vulnerable_factory import MBEDTLS, Security, boards, component, osv, secured

from asbuilt.answers.gate.leaving import may_leave, order_may_leave
from asbuilt.kernel.errors import Invalid, Refused

DAY = 86_400_000_000
AFTER = 1_828_483_200_000_000  # 2027-12-11T00:00:00Z
LWIP_CPE = "cpe:2.3:a:lwip_project:lwip:*:*:*:*:*:*:*:*"
FAR = 4_000_000_000_000_000


@pytest.fixture
def at():
    """at(instant): what the clock says from now on."""
    from asbuilt.ledger import clock

    yield lambda instant: clock.set_clock(lambda: instant)
    clock.set_clock(None)


@pytest.fixture
def bare(actor, load, tmp_path):
    """The boards with an SBOM of 1.1.0 alone, in which one of three components has no name that feeds use, and a feed."""
    load(boards())
    (tmp_path / "s").mkdir()
    found = Security(actor, tmp_path / "s")
    found.sbom(component("mbedtls", "2.28.8"), component("lwip", "2.1.3"), ("ours", "1", ""), version="1.1.0")
    found.feed(osv(MBEDTLS, "mbedtls", "2.28.8"))
    return found


def now() -> int:
    from asbuilt.ledger import clock

    return clock.now()


def said(verdict) -> tuple[list[str], list[str]]:
    """Codes of what stops it, and of what is said and stops nothing: here nobody asks for tests or a route, which is said too."""
    told = [one.code for one in verdict.warnings]
    assert {"gate.no_route", "gate.no_test_plan"} <= set(told)
    return [one.code for one in verdict.stops], [
        code for code in told if code not in ("gate.no_route", "gate.no_test_plan")
    ]


def test_a_unit_whose_release_has_no_sbom_is_warned_about_and_its_neighbour_is_not(bare, actor):
    (silent,), (known,) = may_leave(actor, "S0002"), may_leave(actor, "S0005")
    assert said(silent) == ([], ["gate.no_sbom"]) and said(known) == ([], [])
    assert "board app 1.0.0 has no SBOM" in silent.warnings[0].message
    assert silent.warnings[0].facts["rule_set"] and silent.warnings[0].facts["release"] == "board app 1.0.0"
    first, second = silent.coverage, known.coverage
    assert (first.components, first.without_sbom) == (0, ("board app 1.0.0",))
    assert (second.components, second.matched, second.not_matchable, second.not_matched) == (3, 2, 1, 0)
    assert second.without_sbom == () and not second.matching_behind and not second.feeds_empty
    assert (second.feeds, second.oldest_feed, second.oldest_feed_days, second.feed_days_max) == (1, "osv", 0, 7)
    assert "2 of 3 components have a name that feeds use." in second.words
    assert "No SBOM: board app 1.0.0." in first.words


def test_a_package_of_a_distribution_that_no_feed_speaks_of_is_not_matched(actor, load, tmp_path):
    """A feed of Debian made a package of Ubuntu count as matched in the verdict on every unit."""
    load(boards())
    (tmp_path / "s").mkdir()
    found = Security(actor, tmp_path / "s")
    found.sbom(("openssl", "3.0.2", "pkg:deb/ubuntu/openssl@3.0.2?distro=ubuntu-22.04"), version="1.1.0")

    def of(distribution: str) -> dict:
        record = osv(f"{distribution}-1".upper(), "openssl", "1.0")
        record["affected"][0]["package"]["purl"] = f"pkg:deb/{distribution}/openssl"
        return record

    found.feed(of("debian"))
    first = may_leave(actor, "S0005")[0].coverage
    assert (first.components, first.matched, first.not_matchable) == (1, 0, 1)
    assert "0 of 1 components have a name that feeds use." in first.words
    found.feed(of("ubuntu"))
    then = may_leave(actor, "S0005")[0].coverage
    assert (then.components, then.matched, then.not_matchable) == (1, 1, 0)


def test_an_order_says_it_once_with_how_many_units(bare, actor):
    found = order_may_leave(actor, "WO")
    told = {one.code: (one.subject, one.count) for one in found.warned}
    assert told["gate.no_sbom"] == ("board app 1.0.0", 2) and set(told) == {
        "gate.no_sbom",
        "gate.no_route",
        "gate.no_test_plan",
    }
    assert (found.coverage.components, found.coverage.without_sbom) == (3, ("board app 1.0.0",)) and found.go == 5


def test_an_sbom_that_lists_nothing_is_none(bare, actor):
    bare.sbom(version="1.0.0")
    assert said(may_leave(actor, "S0002")[0])[1] == ["gate.no_sbom"]
    bare.sbom(component("mbedtls", "2.28.8"), version="1.0.0", serial=2)
    assert said(may_leave(actor, "S0002")[0])[1] == []


def test_from_the_day_of_the_rule_set_it_stops_until_the_sbom_is_there(bare, actor, at):
    at(AFTER)
    (found,) = may_leave(actor, "S0002")
    assert not found.go and "gate.no_sbom" in said(found)[0] and "2024/2847" in found.stops[0].facts["source"]
    assert order_may_leave(actor, "WO").go == 3
    bare.sbom(component("mbedtls", "2.28.8"), version="1.0.0")
    assert said(may_leave(actor, "S0002")[0])[0] == []


def test_the_house_stops_it_before_and_a_waiver_of_unrecorded_lets_it_pass(bare, actor, load, monkeypatch):
    from asbuilt.access.actor import person_actor
    from asbuilt.answers.gate.packing import put_in
    from asbuilt.built.quality.actions.waivers import approve_waiver, propose_waiver
    from asbuilt.built.shipping.actions.packing import open_container
    from asbuilt.designed.parties.queries import numbers_by_name

    party = numbers_by_name(actor.tenant)["BRAND"]
    ada, ben = (person_actor(actor.tenant, n, frozenset({"psirt"}), None) for n in (401, 402))
    brand = person_actor(actor.tenant, 403, frozenset({"party_reader"}), party)
    monkeypatch.setenv("ASBUILT_MARKET_UNRECORDED", "stop")
    box = open_container(actor, kind="box").container.code
    with pytest.raises(Refused) as refused:
        put_in(actor, container=box, codes=["S0002"])
    assert refused.value.code == "gate.no_sbom" and "ASBUILT_MARKET_UNRECORDED" in refused.value.message
    about = {"vulnerability": "unrecorded", "product": "board", "version": "1.0.0", "reason": "bench", "until_at": FAR}
    code, _ = propose_waiver(ada, question="unit:S0002", **about)
    approve_waiver(ben, waiver=code)
    assert not may_leave(actor, "S0002")[0].go  # BRAND makes it and has not agreed
    approve_waiver(brand, waiver=code)
    assert [one["concession"] for one in may_leave(actor, "S0002")[0].conceded] == [code]
    assert not may_leave(actor, "S0003")[0].go  # the waiver names one unit
    assert put_in(actor, container=box, codes=["S0002"]).verdicts[0].go
    monkeypatch.setenv("ASBUILT_MARKET_UNRECORDED", "perhaps")
    with pytest.raises(Invalid) as malformed:
        may_leave(actor, "S0003")
    assert malformed.value.code == "gate.market_unrecorded_setting"


def test_a_repaired_unit_that_goes_back_is_told_of_and_not_stopped(bare, actor, at):
    from asbuilt.answers.gate.returning import receive_returns, record_return

    at(AFTER)
    receive_returns(actor, codes=["S0000"], said="no light", party="SHOP")
    record_return(actor, code="S0000", event="repaired", said="reflowed")
    (found,) = may_leave(actor, "S0000")
    assert found.go and "gate.no_sbom" in said(found)[1]


def test_a_feed_is_old_when_the_rule_set_says_so_to_the_day(actor, load, tmp_path, at):
    began = now()
    at(began)
    secured(actor, load, tmp_path / "s")
    at(began + 7 * DAY)
    assert said(may_leave(actor, "S0005")[0])[1] == [] and may_leave(actor, "S0005")[0].coverage.oldest_feed_days == 7
    at(began + 7 * DAY + 1)
    (found,) = may_leave(actor, "S0005")
    assert found.go and said(found)[1] == ["gate.feeds"] and "; 7 days are the most." in found.warnings[0].message


def test_no_feed_an_untaken_and_an_empty_one_never_look_clean(actor, load, tmp_path):
    from asbuilt.designed.vulnerability.feeds.setting import set_feed

    load(boards())
    (tmp_path / "s").mkdir()
    security = Security(actor, tmp_path / "s")
    security.sbom(component("mbedtls", "2.28.7"), version="1.1.0")

    def words():
        (found,) = may_leave(actor, "S0005")
        assert said(found) == ([], ["gate.feeds"]) and found.coverage.feeds_empty
        return found.warnings[0].message

    assert "There is no feed" in words()
    set_feed(actor, name="never", kind="osv", source=str(tmp_path))
    assert "Feed never was never taken" in words()
    (tmp_path / "empty").mkdir()
    security.feed(name="never")
    assert "The feeds are empty" in words()
    security.feed(osv(MBEDTLS, "mbedtls", "2.28.8"))
    assert said(may_leave(actor, "S0005")[0]) == ([], ["gate.vulnerability"])


def test_what_was_taken_and_not_matched_yet_is_said(bare, actor, tmp_path, monkeypatch):
    """Matching is a transaction of its own behind a take or an SBOM: a process that ends between the two leaves it behind."""
    from vulnerable_factory import cyclonedx

    from asbuilt.designed.components import sbom_followers
    from asbuilt.designed.components.actions import add_sbom
    from asbuilt.designed.components.bindings import Binding
    from asbuilt.designed.vulnerability.feeds import followers
    from asbuilt.designed.vulnerability.feeds.setting import set_feed
    from asbuilt.designed.vulnerability.feeds.taking import take_feed
    from asbuilt.designed.vulnerability.matching.evaluating import catch_up

    for listed in (sbom_followers.ADDED, followers.TAKES):
        monkeypatch.delitem(listed, "vulnerability.matching")
    assert not may_leave(actor, "S0005")[0].coverage.matching_behind
    content = cyclonedx(component("lwip", "2.1.3"), component("zlib", "1.3"), ("other", "2", ""), serial=7)
    add_sbom(actor, binding=Binding("board", "", "1.1.0", ""), content=content, file_name="s.json")
    (found,) = may_leave(actor, "S0005")
    assert said(found)[1] == ["gate.not_matched"]
    # lwip was matched before; zlib and what has no name were not, and nobody knows yet which of them has a name
    counts = found.coverage
    assert (counts.components, counts.matched, counts.not_matched, counts.not_matchable) == (3, 1, 2, 0)
    catch_up(actor)
    assert said(may_leave(actor, "S0005")[0])[1] == []
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "a.json").write_text(json.dumps(osv("CVE-2026-1", "zlib", "1.4")))
    set_feed(actor, name="more", kind="osv", source=str(folder))
    take_feed(actor, "more")
    (found,) = may_leave(actor, "S0005")
    assert said(found) == ([], ["gate.not_matched"]) and found.coverage.matching_behind
    catch_up(actor)
    assert said(may_leave(actor, "S0005")[0])[1] == ["gate.vulnerability"]


def test_a_release_that_came_inside_a_package_counts(bare, actor, load):
    """M1 on S0000-S0003 and M3, whose lot nobody wrote, on S0007: modules of lot L1 came with release 9.9 of their own, which has no SBOM."""
    image = {"image": "", "sha256": "ab" * 32, "revisions": "", "released_at": "2026-01-01T00:00:00Z", "security_relevant": "false"}  # fmt: skip
    module = {
        "manufacturer": "Acme",
        "mpn": "AX-1",
        "lot_code": "L1",
        "date_code_from": "",
        "date_code_until": "",
        "product": "board",
    }
    module |= {"role": "radio", "version": "9.9", "operator": "", "happened_at": "2026-01-02T00:00:00Z"}
    load(
        {"firmware": [{"product": "board", "version": "9.9", "role": "radio", **image}], "module_firmware": [module]},
        "modules",
    )
    assert may_leave(actor, "S0002")[0].coverage.without_sbom == ("board app 1.0.0", "board radio 9.9")
    assert may_leave(actor, "S0005")[0].coverage.without_sbom == ()
    assert may_leave(actor, "S0007")[0].coverage.without_sbom == ("board radio 9.9",)


def test_a_unit_with_nothing_to_say_about_is_told_so_and_not_warned_of(actor, load):
    rows = boards()
    rows["programming"] = []
    load(rows)
    (found,) = may_leave(actor, "S0005")
    assert said(found) == ([], []) and found.coverage.words[0] == "The record knows of no software in them."
    assert "There is no feed" in found.coverage.words[1]


def test_the_log_keeps_what_was_not_known_when_it_left(bare, actor):
    from asbuilt.answers.gate.packing import put_in, ship
    from asbuilt.built.shipping.actions.packing import open_container
    from asbuilt.storage import reading

    box = open_container(actor, kind="shipment", customer="SHOP", country="DE").container.code
    put_in(actor, container=box, codes=["S0002"])
    ship(actor, shipment=box)
    sql = "SELECT body FROM ledger_entry WHERE tenant = %s AND type = 'shipping.shipped' ORDER BY number DESC LIMIT 1"
    notes = json.loads(reading.fetch_one(sql, (actor.tenant,))[0])["facts"]
    assert (notes["known"], notes["not_known"]) == ([], ["no_sbom board app 1.0.0"])


def test_a_machine_at_the_packing_step_is_told_the_same(bare, actor, monkeypatch):
    from asbuilt.access.actor import machine_door
    from asbuilt.answers.gate.validating import validate_units
    from asbuilt.built.messages.machines import name_machine
    from asbuilt.formats.cfx.envelope import read_envelope

    name_machine(actor, handle="Acme.Packer.1", machine="packer", step="PACK")

    def asked(name):
        body = {"PrimaryIdentifier": name, "Units": []}
        envelope = {"MessageName": "CFX.InformationSystem.UnitValidation.ValidateUnitsRequest", "Version": "2.1", "TimeStamp": "2027-03-01T08:00:00Z",
                    "UniqueID": "u", "Source": "Acme.Packer.1", "MessageBody": body}  # fmt: skip
        found = validate_units(machine_door(actor.tenant), read_envelope(json.dumps(envelope).encode()))
        return found["PrimaryResult"]["FailureCode"], found["PrimaryResult"]["Message"]

    code, words = asked("S0002")
    assert code == 0 and words.startswith("OK board app 1.0.0 has no SBOM")
    code, words = asked("S0005")  # nothing of its software: that nobody asked for a test or a route is all
    assert code == 0 and words.startswith("OK board A has no route") and "SBOM" not in words
    monkeypatch.setenv("ASBUILT_MARKET_UNRECORDED", "stop")
    assert asked("S0002")[0] == 14


def test_what_the_sboms_of_parts_on_the_unit_list_is_counted(bare, actor):
    """M1 (lot L1) on S0000-S0003, M2 (L2) on S0004-S0006, M3, whose lot nobody wrote, on S0007. Of MOD one SBOM for all lots, one for L1."""
    bare.sbom(component("wolfssl", "5.6.0"), component("lwip", "2.1.3"), part="MOD")
    bare.sbom(component("zlib", "1.3"), ("blob", "7", ""), part="MOD", lot="L1")
    by_unit = {name: may_leave(actor, name)[0].coverage for name in ("S0002", "S0005", "S0007")}
    counted = {name: (one.components, one.matched, one.not_matchable, one.parts) for name, one in by_unit.items()}
    # 1.1.0 lists three, one of them without a name; MOD two, MOD lot L1 two, one of them without a name
    assert counted == {
        "S0002": (4, 3, 1, ("part MOD", "part MOD lot L1")),
        "S0005": (5, 4, 1, ("part MOD",)),
        "S0007": (7, 5, 2, ("part MOD", "part MOD lot L1")),  # it carries a MOD; that it is not of L1 nobody wrote
    }
    assert "Among them what the SBOMs of part MOD list." in by_unit["S0005"].words
    whole = order_may_leave(actor, "WO").coverage
    assert (whole.components, whole.not_matchable) == (7, 2)


def _module_of_l1(load):
    """Modules of lot L1 came with release radio 9.9 of the board, which has no SBOM."""
    image = {"image": "", "sha256": "ab" * 32, "revisions": "", "released_at": "2026-01-01T00:00:00Z", "security_relevant": "false"}  # fmt: skip
    module = {"manufacturer": "Acme", "mpn": "AX-1", "lot_code": "L1", "date_code_from": "", "date_code_until": "", "product": "board",
              "role": "radio", "version": "9.9", "operator": "", "happened_at": "2026-01-02T00:00:00Z"}  # fmt: skip
    load(
        {"firmware": [{"product": "board", "version": "9.9", "role": "radio", **image}], "module_firmware": [module]},
        "modules",
    )


def test_a_module_part_with_firmware_and_no_sbom_is_named_as_such(bare, actor, load):
    from asbuilt.questions.exposure.coverage import coverage_notes
    from asbuilt.questions.genealogy.evaluating.view import View

    _module_of_l1(load)
    (found,) = may_leave(actor, "S0007")
    assert found.coverage.modules_without_sbom == ("MOD",)
    assert "board radio 9.9 has no SBOM; with it came module part MOD." in found.warnings[0].message
    assert may_leave(actor, "S0005")[0].coverage.modules_without_sbom == ()
    said_of_answers = "Module parts that came with firmware without an SBOM: MOD."
    assert said_of_answers in coverage_notes(View(actor))
    bare.sbom(component("wolfssl", "5.6.0"), product="board", version="9.9", role="radio")
    assert may_leave(actor, "S0007")[0].coverage.modules_without_sbom == ()
    assert said_of_answers not in coverage_notes(View(actor))


def test_a_concession_lets_units_without_an_sbom_pass_as_other_missing_things(bare, actor, monkeypatch):
    from asbuilt.access.actor import person_actor
    from asbuilt.answers.gate.conceding import propose_concession
    from asbuilt.built.quality.actions.concessions import approve_concession
    from asbuilt.designed.parties.queries import numbers_by_name

    monkeypatch.setenv("ASBUILT_MARKET_UNRECORDED", "stop")
    party = numbers_by_name(actor.tenant)["BRAND"]
    ada, ben = (person_actor(actor.tenant, n, frozenset({"quality_lead"}), None) for n in (401, 402))
    brand = person_actor(actor.tenant, 403, frozenset({"party_reader"}), party)
    code, _ = propose_concession(
        ada, codes=["S0002"], allows="no_sbom", subject="board app 1.0.0", reason="bench sample", until_at=FAR
    )
    assert not may_leave(actor, "S0002")[0].go
    with pytest.raises(Refused) as alone:
        approve_concession(ada, concession=code)
    assert alone.value.code == "quality.approval_second_person"
    approve_concession(ben, concession=code)
    assert not may_leave(actor, "S0002")[0].go  # BRAND makes it and has not agreed
    approve_concession(brand, concession=code)
    (found,) = may_leave(actor, "S0002")
    assert found.go and [one["concession"] for one in found.conceded] == [code]
    assert not may_leave(actor, "S0003")[0].go and order_may_leave(actor, "WO").go == 4


def test_names_confirmed_and_hashes_that_came_later_leave_matching_behind_too(bare, actor, monkeypatch):
    """Each is a transaction of its own before the matching: a process that ends between the two leaves it behind."""
    from asbuilt.designed.components import sbom_followers
    from asbuilt.designed.components.actions import add_sbom
    from asbuilt.designed.components.bindings import Binding
    from asbuilt.designed.vulnerability.matching import naming
    from asbuilt.designed.vulnerability.matching.evaluating import catch_up
    from asbuilt.questions.exposure.coverage import coverage_notes
    from asbuilt.questions.genealogy.evaluating.view import View

    def ends(_actor):
        raise KeyboardInterrupt

    def behind() -> tuple[list[str], bool]:
        (found,) = may_leave(actor, "S0005")
        return said(found)[1], any("not matched yet" in note for note in coverage_notes(View(actor)))

    assert behind() == ([], False)
    monkeypatch.delitem(sbom_followers.ADDED, "vulnerability.matching")
    listed = [{"type": "library", "name": "lwip", "version": "2.1.3", "purl": "pkg:generic/lwip@2.1.3", "hashes": [{"alg": "SHA-256", "content": "0f" * 32}]}]  # fmt: skip
    content = json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 9, "components": listed}).encode()
    add_sbom(actor, binding=Binding("board", "", "1.1.0", ""), content=content, file_name="s.json")
    assert behind() == (["gate.not_matched"], True)
    catch_up(actor)
    assert behind() == ([], False)
    with monkeypatch.context() as ended, pytest.raises(KeyboardInterrupt):
        ended.setattr(naming, "catch_up", ends)  # as if the process was stopped where the matching begins
        naming.decide_identities(actor, name="lwip", decisions=[naming.Decision("cpe", LWIP_CPE)])
    assert behind() == (["gate.not_matched"], True)
    catch_up(actor)
    assert behind() == ([], False)
