"""A release that came after a decision about hardware or units: its author never looked at it, so what comes in through it is open."""

import pytest
from pyroaring import BitMap
from shipping_floor import at, factory, loaded
from vulnerable_factory import LWIP, MBEDTLS, RADIO, component, osv

LATER = "1.2.0"
IMAGE = "ab" * 32
SAID = [{"revision": "A"}, {"question": "order:WO"}, {"question": "unit:S0000"}]
WHY = f"release board app {LATER} came after it"


@pytest.fixture
def came(security, load):
    """came() -> release 1.2.0 was imported, as an exchange table brings it; it lists mbedtls 2.28.7; S0000 runs it."""

    def imported(runs=True, revisions="A"):
        release = {"product": "board", "version": LATER, "role": "app", "image": "", "sha256": IMAGE, "revisions": revisions, "released_at": at(8), "security_relevant": "false"}  # fmt: skip
        bom = [{**line, "revision": "B"} for line in factory(1)["bom"] if line["product"] == "board"]
        load({"bom": bom, "firmware": [release]}, folder="release")
        security.sbom(component("mbedtls", "2.28.7"), version=LATER)
        if runs:
            written = {**loaded("S0000", "1.0.0", day=9), "version": LATER, "sha256": IMAGE}
            load({"programming": [written]}, folder="run")

    return imported


@pytest.mark.parametrize("said", SAID, ids=str)
def test_units_that_run_it_are_open_and_those_of_earlier_releases_are_not(came, decide, asked, said):
    decide(**said)
    closed = {"S0000", "S0001", "S0002", "S0003"} if "unit:" not in said.get("question", "") else {"S0000"}
    was = {"S0000", "S0001", "S0002", "S0003"}
    assert set(asked(f"cve:{MBEDTLS}")) == was - closed
    came()
    assert asked(f"cve:{MBEDTLS}") == dict.fromkeys((was - closed) | {"S0000"}, "certain")
    decide(**said)  # whoever looks again has looked at it
    assert set(asked(f"cve:{MBEDTLS}")) == was - closed


@pytest.mark.parametrize("said", SAID, ids=str)
def test_gate_inbox_page_and_changes_say_the_same(came, decide, actor, said):
    from asbuilt.ledger import clock
    from asbuilt.questions.exposure.changes import changes_between
    from asbuilt.questions.exposure.exposure import exposure
    from asbuilt.questions.exposure.inbox import inbox
    from asbuilt.questions.exposure.on_units import open_on
    from asbuilt.questions.genealogy.answering.lookup import view_of

    def on_first():
        return [(one.vulnerability, sorted(one.units)) for one in open_on(view_of(actor), BitMap([1]))]

    decide(**said)
    assert on_first() == [] and all(not one.lapsed for one in inbox(actor).listed)
    since = clock.now()
    came()
    assert on_first() == [(MBEDTLS, [1])]
    assert inbox(actor).listed[0].lapsed == (("VEX-1", WHY),)
    found = exposure(actor, MBEDTLS)
    (decision,) = found.decisions
    assert (decision.lapsed, decision.counts) == (WHY, True)
    hops = {hop.place: (hop.verdict, hop.decision, hop.lapsed, hop.counts["certain"]) for hop in found.hops}
    assert hops[f"board app {LATER}"] == ("open", "VEX-1", WHY, 1)
    assert hops["board app 1.0.0"][1:3] == ("", "")
    told = [one.words for one in changes_between(actor, since, clock.now() + 1) if one.kind == "lapsed"]
    assert told == [f"{decision.scope}: VEX-1 lapsed, {WHY}"]
    assert [one for one in changes_between(actor, clock.now(), clock.now() + 1) if one.kind == "lapsed"] == []


@pytest.mark.parametrize("said", SAID, ids=str)
@pytest.mark.parametrize("form", ["openvex", "csaf", "cyclonedx"])
def test_vex_says_it_no_longer(came, decide, actor, said, form):
    from asbuilt.designed.vulnerability.deciding.vex_export import vex_of_product

    def written():
        return vex_of_product(actor, "board", form)[2].decode()

    decide(impact="The port is glued shut.", **said)
    assert "The port is glued shut." in written()
    came()
    assert "The port is glued shut." not in written()
    assert form == "csaf" or WHY in written()  # CSAF has no words for what is looked into


def test_a_release_of_other_hardware_or_on_other_units_takes_nothing_from_it(came, decide, actor):
    """Nobody runs it yet: it is for revision B alone, and the order has no unit with it."""
    from asbuilt.designed.vulnerability.deciding.vex_export import vex_of_product

    for said in SAID[:2]:
        decide(impact="The port is glued shut.", **said)
    came(runs=False, revisions="B")
    text = vex_of_product(actor, "board", "openvex")[2].decode()
    assert text.count("The port is glued shut.") == 2


def test_a_release_for_the_revision_that_nobody_runs_yet_is_open_in_published_vex(came, decide, actor):
    from asbuilt.designed.vulnerability.deciding.vex_export import vex_of_product

    decide(impact="The port is glued shut.", revision="A")
    came(runs=False)
    assert "The port is glued shut." not in vex_of_product(actor, "board", "openvex")[2].decode()


def test_a_release_that_is_corrected_is_the_one_that_was_looked_at(security, decide, asked, actor):
    """Its day is written anew, its image is the same."""
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.ledger.facts import all_facts, fact_id

    shape = "firmware.release/1"
    decide(revision="A")
    (fact,) = [one for one in all_facts(actor.tenant, shape) if "1.0.0" in one.values]
    name = fact_id(actor.tenant, fact.entry, shape, fact.row)
    correct_fact(actor, name, {"released_at": at(1, 9)}, reason="typo", person="045", decided_at=1)
    assert asked(f"cve:{MBEDTLS}") == {}


def test_silicon_has_no_release_as_its_premise(came, decide, asked, actor):
    from asbuilt.designed.vulnerability.feeds.noting import note
    from asbuilt.designed.vulnerability.matching.evaluating import catch_up

    note(actor, record={"vulnerability": RADIO, "title": "Radio", "affected": [{"maker": "Acme", "mpn": "AX-1"}]})
    catch_up(actor)
    for said in SAID[:2]:
        decide(vulnerability=RADIO, **said)
    assert asked(f"cve:{RADIO}") == {}
    came()
    assert asked(f"cve:{RADIO}") == {}


def test_what_it_brings_in_of_other_components_is_of_its_own(came, decide, asked, security):
    """The decision looked at lwIP alone; that the release also came after changes nothing for a release before."""
    security.feed(osv(LWIP, "lwip", "2.2.0"), name="more")
    decide(vulnerability=LWIP, revision="A")
    assert asked(f"cve:{LWIP}") == {}
    came()
    assert asked(f"cve:{LWIP}") == {}
