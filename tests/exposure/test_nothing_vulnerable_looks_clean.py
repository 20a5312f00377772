"""Stories in which a vulnerable unit once looked clean."""

import pytest
from pyroaring import BitMap
from vulnerable_factory import MBEDTLS, RADIO, component, osv


def noted(actor, **affected):
    from asbuilt.designed.vulnerability.feeds.noting import note
    from asbuilt.designed.vulnerability.matching.evaluating import catch_up

    note(actor, record={"vulnerability": RADIO, "title": "Radio takes frames unchecked", "affected": [affected]})
    catch_up(actor)


def note_also(actor, record):
    from asbuilt.designed.vulnerability.feeds.noting import note
    from asbuilt.designed.vulnerability.matching.evaluating import catch_up

    note(actor, record=record)
    catch_up(actor)


def test_a_decision_from_before_the_component_came_in_does_not_close_it(security, asked, decide):
    decide(version="1.1.0", status="not_affected", justification="component_not_present")
    assert {name for name, grade in asked(f"cve:{MBEDTLS}").items()} == {"S0000", "S0001", "S0002", "S0003"}
    security.sbom(component("mbedtls", "2.28.7"), version="1.1.0", serial=2)
    assert set(asked(f"cve:{MBEDTLS}").values()) == {"certain"} and len(asked(f"cve:{MBEDTLS}")) == 8


@pytest.mark.parametrize("roles", [("", "app"), ("app", "")])
def test_the_latest_decision_about_a_release_counts_however_its_role_is_written(security, asked, decide, roles):
    first, second = roles
    decide(version="1.0.0", role=first)
    assert asked(f"cve:{MBEDTLS}") == {}
    decide("affected", version="1.0.0", role=second)
    assert len(asked(f"cve:{MBEDTLS}")) == 4


def test_the_latest_decision_about_a_part_counts_by_whichever_of_its_names(security, asked, decide, actor):
    noted(actor, maker="Acme", mpn="AX-1")
    assert len(asked(f"cve:{RADIO}")) == 8
    decide(vulnerability=RADIO, part="MOD")
    assert asked(f"cve:{RADIO}") == {}
    decide("affected", vulnerability=RADIO, part="ACME/AX-1")
    assert len(asked(f"cve:{RADIO}")) == 8


def test_a_decision_about_a_part_closes_what_its_own_sbom_brings_in(security, asked, decide):
    security.sbom(component("lwip", "2.1.3"), part="MOD")
    security.feed(osv("CVE-2020-22284", "lwip", "2.2.0"), name="more")
    decide(vulnerability="CVE-2020-22284", version="1.0.0")
    decide(vulnerability="CVE-2020-22284", version="1.1.0")
    assert len(asked("cve:CVE-2020-22284")) == 8
    decide(vulnerability="CVE-2020-22284", part="MOD")
    assert asked("cve:CVE-2020-22284") == {}


def test_a_lot_whose_maker_nobody_wrote_is_no_all_clear(actor, load, tmp_path, asked):
    from vulnerable_factory import Security, boards

    rows = boards()
    for row in rows["lots"]:
        if row["package"] == "M2":
            row |= {"mpn": "", "manufacturer": ""}
    load(rows)
    (tmp_path / "s").mkdir()
    security = Security(actor, tmp_path / "s")
    for version in ("1.0.0", "1.1.0"):
        security.sbom(component("lwip", "2.2.0"), version=version)
    noted(actor, maker="Acme", mpn="AX-1")
    grades = asked(f"cve:{RADIO}")
    assert [grades.get(f"S000{n}") for n in (0, 3, 4, 6)] == ["certain", "certain", "unrecorded", "unrecorded"]


def test_a_part_that_was_delivered_and_that_nobody_approved_is_looked_for(actor, load, tmp_path, asked):
    """M2, on S0004 to S0006, is somebody else's part than the catalog approves: it came with a warning, and it is on the boards."""
    from vulnerable_factory import Security, boards

    from asbuilt.built.supply.actions.receiving import receive_packages
    from asbuilt.built.supply.receipts import Receipt

    rows = boards()
    for row in rows["lots"]:
        if row["package"] == "M2":
            row |= {"mpn": "OX-9", "manufacturer": "Other"}
    load(rows)
    (tmp_path / "s").mkdir()
    security = Security(actor, tmp_path / "s")
    for version in ("1.0.0", "1.1.0"):
        security.sbom(component("lwip", "2.2.0"), version=version)
    noted(actor, maker="Other", mpn="OX-9")
    assert asked(f"cve:{RADIO}") == dict.fromkeys(("S0004", "S0005", "S0006"), "certain")
    # what comes in after the feed spoke of it is looked for as soon as it is here: at goods-in, and from a table
    about = {
        "vulnerability": "CVE-2026-5150",
        "title": "x",
        "affected": [{"maker": "Third", "mpn": "TX-1"}, {"maker": "Fourth", "mpn": "FX-1"}],
    }
    note_also(actor, about)
    said = {
        "part": "MOD",
        "manufacturer": "Third",
        "mpn": "TX-1",
        "lot_code": "L7",
        "date_code": "-",
        "quantity": "100",
    }
    receipt = Receipt(package="M9", supplier="-", confirmed=frozenset({"mpn_unapproved:mpn=TX-1"}), **said)
    receive_packages(actor, [receipt])
    load({"lots": [{**rows["lots"][-1], "package": "M10", "mpn": "FX-1", "manufacturer": "Fourth"}]}, "more")
    swap = {
        "refdes": "U1",
        "removed_package": "",
        "operator": "045",
        "reason": "r",
        "happened_at": "2026-03-20T08:00:00Z",
    }
    load(
        {
            "replacements": [
                {"serial": "S0000", "installed_package": "M9", **swap},
                {"serial": "S0001", "installed_package": "M10", **swap},
            ]
        },
        "rework",
    )
    assert asked("cve:CVE-2026-5150") == {"S0000": "certain", "S0001": "certain"}


def test_a_position_of_which_nobody_recorded_the_package_is_no_all_clear(actor, load, tmp_path, asked):
    from vulnerable_factory import Security, boards

    rows = boards()
    rows["materials"] = [row for row in rows["materials"] if row["refdes"] != "U1"]
    rows["lots"] = [row for row in rows["lots"] if row["part"] != "MOD"]
    load(rows)
    (tmp_path / "s").mkdir()
    security = Security(actor, tmp_path / "s")
    for version in ("1.0.0", "1.1.0"):
        security.sbom(component("lwip", "2.2.0"), version=version)
    noted(actor, maker="Acme", mpn="AX-1")
    assert set(asked(f"cve:{RADIO}").values()) == {"unrecorded"} and len(asked(f"cve:{RADIO}")) == 8


def test_a_hash_that_a_later_sbom_gives_is_matched(actor, security):
    import json

    from asbuilt.designed.components.actions import add_sbom
    from asbuilt.designed.components.bindings import Binding
    from asbuilt.questions.exposure.exposure import exposure

    digest = "ab" * 32
    csaf = {
        "document": {"category": "csaf_security_advisory", "csaf_version": "2.0", "title": "x", "publisher": {"category": "vendor", "name": "V", "namespace": "https://v.example"},
                     "tracking": {"id": "V-1", "status": "final", "version": "1", "initial_release_date": "2026-03-01T00:00:00Z", "current_release_date": "2026-03-01T00:00:00Z",
                                  "revision_history": [{"date": "2026-03-01T00:00:00Z", "number": "1", "summary": "x"}]}},
        "product_tree": {"full_product_names": [{"product_id": "P", "name": "blob", "product_identification_helper": {
            "hashes": [{"filename": "blob.bin", "file_hashes": [{"algorithm": "sha256", "value": digest}]}]}}]},
        "vulnerabilities": [{"cve": "CVE-2026-4242", "product_status": {"known_affected": ["P"]}}],
    }  # fmt: skip
    security.sbom(("blob", "1", ""), version="1.1.0", serial=2)
    security.feed(csaf, name="vendor", kind="csaf")
    listed = [
        {
            "type": "firmware",
            "bom-ref": "b",
            "name": "blob",
            "version": "1",
            "hashes": [{"alg": "SHA-256", "content": digest}],
        }
    ]
    document = json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 3, "components": listed}).encode()
    add_sbom(actor, binding=Binding("board", "", "1.1.0", ""), content=document, file_name="s.json")
    assert exposure(actor, "CVE-2026-4242").answer.affected.counts()["certain"] == 4


def test_an_sbom_that_lists_nothing_is_silence_and_no_all_clear(security, asked):
    security.sbom(version="1.0.0", serial=2)
    found = asked(f"cve:{MBEDTLS}")
    assert len(found) == 4 and set(found.values()) == {"unrecorded"}


def test_a_piece_whose_lot_nobody_wrote_is_open_at_the_gate(security, actor):
    """M3, on the last board, has no lot code; the advisory speaks of lot L1."""
    from pyroaring import BitMap

    from asbuilt.questions.exposure.on_units import open_on
    from asbuilt.questions.genealogy.answering.lookup import unit_of
    from asbuilt.questions.genealogy.evaluating.view import View

    noted(actor, maker="Acme", mpn="AX-1", lots=["L1"])
    view = View(actor)
    units = {name: unit_of(view, name) for name in ("S0000", "S0004", "S0007")}
    found = {one.vulnerability: one.units for one in open_on(view, BitMap(units.values()))}
    assert found[RADIO] == BitMap([units["S0000"], units["S0007"]])


def test_an_advisory_that_stands_for_two_vulnerabilities_answers_for_both(security, asked, decide, actor):
    from asbuilt.questions.exposure.exposure import exposure

    both = ["CVE-2026-0001", "CVE-2026-0002"]
    security.feed(osv("GHSA-aaaa-bbbb-cccc", "mbedtls", "2.28.8", aliases=both), name="more")
    decide(vulnerability=both[0], version="1.0.0")
    assert asked(f"cve:{both[0]}") == {} and len(asked(f"cve:{both[1]}")) == 4
    assert len(asked("cve:GHSA-aaaa-bbbb-cccc")) == 4
    assert any(both[1] in note for note in exposure(actor, "GHSA-aaaa-bbbb-cccc").notes)


def part_record(name: str, status: str, **document) -> dict:
    """A maker's CSAF document about the whole of Acme's AX-1."""
    part = {"product_id": "P1", "name": "AX-1", "product_identification_helper": {"model_numbers": ["AX-1"]}}
    tracking = {
        "id": name,
        "current_release_date": "2026-11-01T00:00:00Z",
        "initial_release_date": "2026-11-01T00:00:00Z",
    }
    return {
        "document": {"category": "csaf_vex", "title": "t", "publisher": {"name": "Acme"}, "tracking": tracking},
        "product_tree": {"branches": [{"category": "vendor", "name": "Acme", "branches": [{"category": "product_name", "name": "AX-1", "product": part}]}]},
        "vulnerabilities": [{"cve": "CVE-2026-2222", "product_status": {status: ["P1"]}}],
    }  # fmt: skip


def lots_noted(actor, cve: str, *lots: str):
    from asbuilt.designed.vulnerability.feeds.noting import note
    from asbuilt.designed.vulnerability.matching.evaluating import catch_up

    found = note(
        actor,
        record={"vulnerability": cve, "title": "x", "affected": [{"maker": "Acme", "mpn": "AX-1", "lots": list(lots)}]},
    )
    catch_up(actor)
    return found


@pytest.mark.parametrize("status", ["under_investigation", "known_affected"])
def test_a_note_about_one_lot_clears_nothing_that_the_maker_says_of_the_whole_part(security, asked, actor, status):
    """Criteria of all records were one: a lot in any of them took the other lots out of what the maker says of the part."""
    security.feed(part_record("ACME-9", status), name="maker", kind="csaf")
    whole = asked("cve:CVE-2026-2222")
    lots_noted(actor, "CVE-2026-2222", "L1")
    both = asked("cve:CVE-2026-2222")
    assert set(both) == set(whole) and len(whole) > 5
    sure = {unit for unit, grade in both.items() if grade == "certain"}
    of_the_lot = {unit for unit, grade in asked("lot:L1").items() if grade == "certain"}
    assert sure == (set(whole) if status == "known_affected" else of_the_lot) and len(of_the_lot) == 4


def test_which_lot_was_meant_is_answered_as_it_was_known(security, asked, actor):
    """The lots of a record were read as it is today, whatever entry was asked for."""
    from asbuilt.kernel.instants import format_instant
    from asbuilt.storage import reading

    made = lots_noted(actor, "CVE-2026-3333", "L1")
    first = asked("cve:CVE-2026-3333")
    then = format_instant(
        reading.fetch_one("SELECT max(recorded_at) FROM ledger_entry WHERE tenant = %s", (actor.tenant,))[0]
    )
    from asbuilt.designed.vulnerability.feeds.noting import note
    from asbuilt.designed.vulnerability.matching.evaluating import catch_up

    note(actor, record={"id": made.record, "vulnerability": "CVE-2026-3333", "title": "x", "affected": [{"maker": "Acme", "mpn": "AX-1", "lots": ["L2"]}]})  # fmt: skip
    catch_up(actor)
    now = asked("cve:CVE-2026-3333")
    assert first != now and asked("cve:CVE-2026-3333", as_of=then) == first


def reached(actor) -> int:
    from asbuilt.questions.exposure.coverage_on_units import coverage_on
    from asbuilt.questions.genealogy.answering.lookup import unit_of
    from asbuilt.questions.genealogy.evaluating.firmware import runs_over
    from asbuilt.questions.genealogy.evaluating.view import View

    view = View(actor)
    units = BitMap([unit_of(view, f"S000{n}") for n in range(8)])
    return len(coverage_on(view, units, runs_over(view, units)).reached)


def test_a_component_that_no_feed_here_could_find_is_not_reached(actor, load, tmp_path):
    """A purl against a feed of CPE names, and a feed that marks and finds nothing: both counted as if they had looked."""
    from vulnerable_factory import Security, boards

    load(boards())
    (tmp_path / "feeds").mkdir()
    security = Security(actor, tmp_path / "feeds")
    for version in ("1.0.0", "1.1.0"):
        security.sbom(component("mbedtls", "2.28.7"), version=version)
    assert reached(actor) == 0
    security.exploited("CVE-2020-0001")
    assert reached(actor) == 0
    match = {
        "vulnerable": True,
        "criteria": "cpe:2.3:a:arm:mbed_tls:*:*:*:*:*:*:*:*",
        "versionEndExcluding": "2.28.8",
        "matchCriteriaId": "X",
    }
    node = {"operator": "OR", "negate": False, "cpeMatch": [match]}
    times = {"published": "2026-10-01T00:00:00.000", "lastModified": "2026-11-01T00:00:00.000"}
    record = {"cve": {"id": "CVE-2024-23170", **times, "descriptions": [], "configurations": [{"nodes": [node]}]}}
    security.feed({"format": "NVD_CVE", "version": "2.0", "vulnerabilities": [record]}, name="nvd", kind="nvd")
    assert reached(actor) == 0
    security.feed(osv("CVE-2099-1", "another", "1.0"), name="osv")
    assert reached(actor) == 8


def test_a_package_of_a_distribution_is_not_reached_by_the_feed_of_another(actor, load, tmp_path, asked):
    """A Debian feed made units with packages of Ubuntu look clean, in the answer and in what it says of its coverage."""
    from vulnerable_factory import Security, boards

    from asbuilt.questions.exposure.coverage import coverage_notes
    from asbuilt.questions.genealogy.evaluating.view import View

    def of(ecosystem, record):
        package = {"package": {"ecosystem": ecosystem, "name": "openssl"}}
        return {
            **osv(record, "openssl", "1.0"),
            "affected": [{**osv(record, "openssl", "1.0")["affected"][0], **package}],
        }

    def said():
        return [one for one in coverage_notes(View(actor)) if "name that feeds use" in one]

    load(boards())
    (tmp_path / "feeds").mkdir()
    security = Security(actor, tmp_path / "feeds")
    for version in ("1.0.0", "1.1.0"):
        security.sbom(("openssl", "3.0.2", "pkg:deb/ubuntu/openssl@3.0.2?distro=ubuntu-22.04"), version=version)
    security.feed(of("Debian:12", "DEBIAN-CVE-2024-1"), name="debian")
    none = "0 of 1 components have a name that feeds use; of the others nothing can be found."
    assert (reached(actor), said()) == (0, [none])
    security.feed(of("Ubuntu:20.04:LTS", "UBUNTU-CVE-2024-1"), name="focal")  # nor one of another release of it
    assert (reached(actor), said()) == (0, [none])
    security.feed(of("Ubuntu:22.04:LTS", "UBUNTU-CVE-2024-2"), name="ubuntu")
    assert (reached(actor), said()) == (8, [none.replace("0 of", "1 of")])


def test_who_says_that_a_release_is_affected_knew_what_was_said_of_its_revision(security, asked, decide):
    """An older *not affected* of the hardware revision went on clearing the units of a release that was found affected later."""
    decide(revision="A")
    assert asked(f"cve:{MBEDTLS}") == {}
    decide("affected", version="1.0.0")
    assert set(asked(f"cve:{MBEDTLS}")) == {"S0000", "S0001", "S0002", "S0003"}
    decide(revision="A")
    assert asked(f"cve:{MBEDTLS}") == {}


def test_a_later_word_about_a_release_also_takes_back_what_was_said_of_units(security, asked, decide):
    decide(question="order:WO")
    assert asked(f"cve:{MBEDTLS}") == {}
    decide("under_investigation", version="1.0.0")
    assert set(asked(f"cve:{MBEDTLS}")) == {"S0000", "S0001", "S0002", "S0003"}


def test_units_that_are_found_affected_are_so_although_their_release_was_not(security, asked, decide, actor):
    """The units of a question were closed by an older word about the release that they run; the hop says whose later word opens it."""
    from asbuilt.questions.exposure.exposure import exposure

    decide(version="1.0.0")
    assert asked(f"cve:{MBEDTLS}") == {}
    later = decide("affected", question="unit:S0001 or unit:S0006")
    assert set(asked(f"cve:{MBEDTLS}")) == {"S0001"}
    (hop,) = exposure(actor, MBEDTLS).hops
    assert (hop.verdict, hop.counts["certain"], hop.lapsed) == (
        "open",
        1,
        f"{later.code} says later that it is open on units",
    )
    decide(question="unit:S0001")
    assert asked(f"cve:{MBEDTLS}") == {}


def test_an_order_that_is_found_affected_is_so_although_its_release_was_not(security, asked, decide):
    decide(version="1.0.0")
    decide("affected", question="order:WO")
    assert set(asked(f"cve:{MBEDTLS}")) == {"S0000", "S0001", "S0002", "S0003"}
    decide(version="1.0.0")
    assert asked(f"cve:{MBEDTLS}") == {}


@pytest.mark.parametrize("scope", [{"version": "1.0.0"}, {"revision": "A"}, {"question": "order:WO"}])
def test_what_was_said_of_units_by_name_stands_until_somebody_says_otherwise_of_units_by_name(
    security, asked, decide, scope
):
    decide(question="unit:S0000..S0002", impact="The port is glued shut.")
    decide("affected", **scope)
    assert set(asked(f"cve:{MBEDTLS}")) == {"S0003"}
    decide("affected", question="(unit:S0001,S0006)")
    assert set(asked(f"cve:{MBEDTLS}")) == {"S0001", "S0003"}


def test_a_later_word_about_another_release_opens_nothing(security, asked, decide):
    decide(revision="A")
    decide("affected", version="1.1.0")
    assert asked(f"cve:{MBEDTLS}") == {}


def test_a_later_affected_that_did_not_look_at_the_component_takes_nothing_back(security, asked, decide):
    decide(revision="A")
    decide("affected", version="1.1.0")  # it came in through nothing there
    security.sbom(component("mbedtls", "2.28.7"), version="1.1.0", serial=2)
    assert asked(f"cve:{MBEDTLS}") == {}


def test_the_gate_and_the_inbox_open_again_with_a_later_word(security, decide, actor):
    from asbuilt.questions.exposure.inbox import inbox
    from asbuilt.questions.exposure.on_units import open_on
    from asbuilt.questions.genealogy.answering.lookup import view_of

    def found():
        view = view_of(actor)
        units = BitMap(range(8))
        return [len(one.units) for one in open_on(view, units) if one.vulnerability == MBEDTLS], [
            one.units for one in inbox(actor).listed if one.vulnerability == MBEDTLS
        ]

    before = found()
    decide(revision="A")
    assert found()[0] == []
    decide("affected", version="1.0.0")
    assert found() == before


def test_a_key_that_stands_twice_hides_no_component(actor, load):
    """The last list of components won, and the first one was gone without a word."""
    import json

    from vulnerable_factory import boards

    from asbuilt.designed.components.actions import add_sbom
    from asbuilt.designed.components.bindings import Binding
    from asbuilt.kernel.errors import Invalid

    load(boards())
    first, second = ({"type": "library", "bom-ref": name, "name": name, "version": "1"} for name in ("mbedtls", "zlib"))
    document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [first], "again": [second]}
    text = json.dumps(document).replace('"again"', '"components"')
    with pytest.raises(Invalid) as refusal:
        add_sbom(actor, binding=Binding("board", "", "1.0.0", ""), content=text.encode(), file_name="s.json")
    assert refusal.value.code == "sbom.doubled_key" and "components" in refusal.value.message


def test_an_answer_of_before_the_first_feed_does_not_show_the_feed_that_came_later(actor, load, tmp_path):
    from vulnerable_factory import Security, boards

    from asbuilt.kernel.instants import format_instant
    from asbuilt.questions.exposure.exposure import exposure
    from asbuilt.storage import reading

    load(boards())
    (tmp_path / "feeds").mkdir()
    security = Security(actor, tmp_path / "feeds")
    security.sbom(component("mbedtls", "2.28.7"), version="1.0.0")
    then = format_instant(
        reading.fetch_one("SELECT max(recorded_at) FROM ledger_entry WHERE tenant = %s", (actor.tenant,))[0]
    )
    security.feed(osv(MBEDTLS, "mbedtls", "2.28.8"), name="osv")
    now, before = (exposure(actor, MBEDTLS, as_of=at).notes for at in (None, then))
    assert any("1 of 1 components have a name" in note for note in now) and any(
        "Feed osv: taken" in note for note in now
    )
    assert any("No feed was taken yet" in note for note in before)
    assert not any("components have a name" in note or "Feed osv: taken" in note for note in before)


@pytest.fixture
def withdrawn(actor):
    """withdrawn("M3"): the package was none; its run and its row are withdrawn."""
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.ledger.facts import all_facts, fact_id

    def done(code):
        rows = [
            Withdraw(
                fact_id(actor.tenant, one.entry, shape, one.row), "misread", "045", 1_800_000_000_000_000, None, None
            )
            for shape in ("production.material/1", "supply.package/1")
            for one in all_facts(actor.tenant, shape)
            if code in one.values
        ]
        assert len(rows) == 2
        withdraw_facts(actor, rows)

    return done


def test_a_decision_whose_question_names_what_was_withdrawn_closes_nothing_and_breaks_nothing(
    security, decide, actor, asked, withdrawn
):
    """Whoever corrected a package lost inbox, answer and gate: all of them said that there is no such package."""
    from asbuilt.answers.gate.leaving import may_leave
    from asbuilt.ledger import clock
    from asbuilt.questions.exposure.changes import changes_between
    from asbuilt.questions.exposure.exposure import exposure
    from asbuilt.questions.exposure.inbox import inbox

    security.sbom(component("mbedtls", "2.28.7"), version="1.1.0", serial=2)
    said = decide(question="package:M3")
    assert "S0007" not in asked(f"cve:{MBEDTLS}")
    withdrawn("M3")
    assert len(asked(f"cve:{MBEDTLS}")) == 8
    assert [one.units for one in inbox(actor).listed] == [8]
    assert [
        one.facts["vulnerability"] for one in may_leave(actor, "S0007")[0].warnings if one.code == "gate.vulnerability"
    ] == [MBEDTLS]
    (shown,) = exposure(actor, MBEDTLS).decisions
    assert (shown.code, shown.counts) == (said.code, False)
    assert shown.lapsed == "its question has no answer any more: a name in it was withdrawn, or means several"
    assert [one.words for one in changes_between(actor, 0, clock.now() + 1) if one.kind == "decided"] == [
        "package:M3: not affected (VEX-1)"
    ]


def test_an_affected_whose_question_has_no_answer_any_more_may_mean_any_unit(security, decide, asked, withdrawn):
    decide(version="1.0.0")
    decide("affected", question="package:M3")
    assert asked(f"cve:{MBEDTLS}") == {}
    withdrawn("M3")
    assert set(asked(f"cve:{MBEDTLS}")) == {"S0000", "S0001", "S0002", "S0003"}


def test_a_waiver_whose_question_has_no_answer_any_more_lets_nothing_pass(security, actor, withdrawn):
    from asbuilt.access.actor import person_actor
    from asbuilt.answers.gate.leaving import may_leave
    from asbuilt.built.quality.actions.waivers import approve_waiver, propose_waiver
    from asbuilt.designed.parties.queries import numbers_by_name

    security.sbom(component("mbedtls", "2.28.7"), version="1.1.0", serial=2)
    ada, ben = (person_actor(actor.tenant, 100 + n, frozenset({"psirt"}), None) for n in range(2))
    brand = person_actor(actor.tenant, 200, frozenset({"party_reader"}), numbers_by_name(actor.tenant)["BRAND"])
    code, _ = propose_waiver(
        ada,
        vulnerability=MBEDTLS,
        product="board",
        reason="closed network",
        until_at=4_000_000_000_000_000,
        question="package:M3 or unit:S0006",
    )
    for who in (ben, brand):
        approve_waiver(who, waiver=code)

    def warned(unit):
        return [one.code for one in may_leave(actor, unit)[0].warnings].count("gate.vulnerability")

    assert (warned("S0006"), warned("S0005")) == (0, 1)
    withdrawn("M3")
    assert (warned("S0006"), warned("S0005")) == (1, 1)


def test_a_party_hears_of_the_oldest_feed_not_of_the_youngest(security, actor):
    """One feed of five was read today; its reader was told that feeds were taken today."""
    from asbuilt.access.actor import person_actor
    from asbuilt.designed.parties.queries import numbers_by_name
    from asbuilt.designed.vulnerability.feeds.setting import set_feed
    from asbuilt.kernel.instants import format_instant
    from asbuilt.ledger import clock
    from asbuilt.questions.genealogy.answering.answers import ask

    began = clock.now()
    clock.set_clock(lambda: began + 40 * 86_400_000_000)
    security.exploited(MBEDTLS)
    set_feed(actor, name="nvd", kind="nvd")
    shop = person_actor(actor.tenant, 9, frozenset({"party_reader"}), numbers_by_name(actor.tenant)["SHOP"])
    notes = ask(shop, f"cve:{MBEDTLS}").notes
    (said,) = [note for note in notes if note.startswith("Of the feeds the oldest was taken")]
    assert format_instant(began)[:10] in said and "1 feeds were never taken." in notes
