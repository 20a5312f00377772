"""`cve:` and `component:`: which units, how sure, with decisions, as known then, and nothing of it to whom it does not concern."""

import pytest
from vulnerable_factory import LWIP, MBEDTLS, component, osv

from asbuilt.kernel.errors import Invalid, NotFound

FIRST = {f"S000{n}": "certain" for n in range(4)}  # run 1.0.0
LAST = {f"S000{n}": "certain" for n in range(4, 8)}  # run 1.1.0


def test_units_that_run_a_release_with_the_flaw_are_exposed(security, asked):
    assert asked(f"cve:{MBEDTLS}") == FIRST
    assert asked(f"cve:{MBEDTLS.lower()}") == FIRST
    assert asked(f"cve:{MBEDTLS} in:shipped") == {"S0000": "certain", "S0001": "certain"}
    assert asked(f"order:WO -cve:{MBEDTLS}") == LAST
    assert asked(f"cve:{MBEDTLS} or firmware:1.1.0") == {**FIRST, **LAST}


def test_a_name_that_no_feed_has_is_an_error_and_one_without_findings_is_nobody(security, asked):
    security.feed(osv("CVE-2099-1", "nothing-of-ours", "9"), name="more")
    assert asked("cve:CVE-2099-1") == {}
    with pytest.raises(NotFound) as unknown:
        asked("cve:CVE-2024-23171")
    assert MBEDTLS in unknown.value.remedy


def test_a_version_that_cannot_be_compared_makes_it_possible(security, asked):
    security.sbom(component("mbedtls", "custom-build"), component("lwip", "2.1.3"), version="1.1.0", serial=2)
    assert asked(f"cve:{MBEDTLS}") == {**FIRST, **dict.fromkeys(LAST, "possible")}


def test_a_release_without_components_is_silence_and_no_all_clear(actor, load, tmp_path, asked):
    from vulnerable_factory import Security, boards

    load(boards())
    (tmp_path / "s").mkdir()
    security = Security(actor, tmp_path / "s")
    security.sbom(component("mbedtls", "2.28.7"), version="1.0.0")
    security.feed(osv(MBEDTLS, "mbedtls", "2.28.8"))
    assert asked(f"cve:{MBEDTLS}") == {**FIRST, **dict.fromkeys(LAST, "unrecorded")}
    assert asked(f"order:WO -cve:{MBEDTLS}") == dict.fromkeys(LAST, "unrecorded")
    assert asked("component:mbedtls") == {**FIRST, **dict.fromkeys(LAST, "unrecorded")}


def test_a_decision_moves_units_out_and_a_new_sbom_or_record_brings_them_back(security, asked, decide):
    made = decide(version="1.0.0", impact="RSA is configured out.")
    assert made.components == ("mbedtls 2.28.7",) and [one.record for one in made.known] == [MBEDTLS]
    assert asked(f"cve:{MBEDTLS}") == {}
    # the component changed: what was looked at is not what is in there now
    security.sbom(component("mbedtls", "2.28.6"), component("lwip", "2.1.3"), version="1.0.0", serial=2)
    assert asked(f"cve:{MBEDTLS}") == FIRST
    assert decide(version="1.0.0").components == ("mbedtls 2.28.6",)
    assert asked(f"cve:{MBEDTLS}") == {}
    security.exploited(MBEDTLS)
    assert asked(f"cve:{MBEDTLS}") == FIRST


def test_a_decision_ends_on_the_day_of_its_review(security, asked, decide):
    from asbuilt.ledger import clock

    decide(version="1.0.0", review_on="2026-12-31")
    try:
        clock.set_clock(lambda: 1_798_761_599_000_000)  # 2026-12-31T23:59:59Z
        assert asked(f"cve:{MBEDTLS}") == {}
        clock.set_clock(lambda: 1_798_761_600_000_000)
        assert asked(f"cve:{MBEDTLS}") == FIRST
    finally:
        clock.set_clock(None)


def test_decisions_about_units_and_revisions_take_out_units(security, asked, decide):
    decide(question="unit:S0000..S0002", impact="The port is glued shut.")
    assert asked(f"cve:{MBEDTLS}") == {"S0003": "certain"}
    decide(revision="A")
    assert asked(f"cve:{MBEDTLS}") == {}
    decide("affected", revision="A")
    assert asked(f"cve:{MBEDTLS}") == {"S0003": "certain"}


@pytest.mark.parametrize("status", ["affected", "under_investigation"])
def test_only_not_affected_and_fixed_take_out(security, asked, decide, status):
    decide(status, version="1.0.0")
    assert asked(f"cve:{MBEDTLS}") == FIRST
    decide("fixed", version="1.0.0")
    assert asked(f"cve:{MBEDTLS}") == {}


@pytest.mark.parametrize("question", [f"cve:{MBEDTLS}", "held", f"-(unit:S0000 or cve:{MBEDTLS})", "lott:X"])
def test_a_decision_does_not_ask_for_what_it_decides(security, decide, question):
    with pytest.raises(Invalid):
        decide(question=question)


def test_components_by_name_and_version(security, asked):
    assert asked("component:mbedtls<2.28.8") == FIRST
    assert asked("component:mbedtls>=2.28.8") == LAST
    assert asked("component:MbedTLS=2.28.7") == FIRST
    assert asked("component:lwip") == {**FIRST, **LAST}
    assert asked("component:mbedtls=2.28.0..2.28.7,3.0.0") == FIRST
    assert asked("component:mbedtls>3") == {}
    with pytest.raises(NotFound) as unknown:
        asked("component:mbedtl")
    assert "mbedtls" in unknown.value.remedy


def test_a_unit_that_was_updated_is_exposed_no_more_but_once_was(security, asked, load):
    from shipping_floor import loaded

    load({"programming": [loaded("S0000", "1.1.0", day=9)]}, folder="later")
    assert sorted(asked(f"cve:{MBEDTLS}")) == ["S0001", "S0002", "S0003"]
    assert asked(f"ever:(cve:{MBEDTLS})") == FIRST
    assert asked("ever:(component:mbedtls<2.28.8) firmware:1.1.0") == {"S0000": "certain"}


def test_as_it_was_known_then(security, asked, decide, actor):
    from asbuilt.kernel.instants import format_instant
    from asbuilt.ledger import clock
    from asbuilt.storage import reading

    sql = "SELECT max(recorded_at) FROM ledger_entry WHERE tenant = %s"
    before = format_instant(reading.fetch_one(sql, (actor.tenant,))[0])
    decide(version="1.0.0")
    security.feed(osv(LWIP, "lwip", "2.2.0"), name="later")
    assert asked(f"cve:{MBEDTLS}") == {} and asked(f"cve:{LWIP}") == {**FIRST, **LAST}
    assert asked(f"cve:{MBEDTLS}", as_of=before) == FIRST
    assert asked(f"cve:{LWIP}", as_of=before) == {}
    assert clock.now() > 0


def test_components_of_a_module_and_of_a_revision(security, asked):
    security.sbom(component("wifi-blob", "7.1"), part="MOD")
    assert asked("component:wifi-blob") == {**FIRST, **LAST}
    security.sbom(component("bt-blob", "2.0"), part="MOD", lot="L1")
    # S0007 carries a module of which nobody knows the lot
    assert asked("component:bt-blob") == {**FIRST, "S0007": "unrecorded"}
    security.sbom(component("cpld", "4"), revision="A")
    assert asked("component:cpld") == {**FIRST, **LAST}


def test_a_brand_owner_sees_his_units_and_a_shop_its_own(security, asked, actor):
    from asbuilt.access.actor import person_actor
    from asbuilt.designed.parties.queries import numbers_by_name

    party = numbers_by_name(actor.tenant)
    brand, shop, other = (
        person_actor(actor.tenant, 200 + n, frozenset({"party_reader"}), party[code])
        for n, code in enumerate(("BRAND", "SHOP", "OTHER"))
    )
    assert asked(f"cve:{MBEDTLS}", brand) == FIRST
    assert asked(f"cve:{MBEDTLS}", shop) == {"S0000": "certain", "S0001": "certain"}
    with pytest.raises(NotFound):
        asked(f"cve:{MBEDTLS}", other)


def test_an_answer_about_a_vulnerability_says_how_far_it_can_be_trusted(security, actor):
    """Whoever asked with other terms beside it read 0 units, and no word of feeds and of components that none of them can find."""
    from asbuilt.questions.exposure.exposure import exposure
    from asbuilt.questions.genealogy.answering.answers import ask
    from asbuilt.questions.genealogy.answering.customers_alone import customers

    security.sbom(component("mbedtls", "2.28.8"), ("secret sauce", "1", ""), version="1.1.0", serial=2)
    for question in (f"cve:{MBEDTLS} in:scrapped", f"order:WO -(cve:{MBEDTLS})", f"ever:(cve:{MBEDTLS})"):
        notes = ask(actor, question).as_dict()["notes"]
        assert [one for one in notes if "Feed osv: taken" in one], question
        assert "3 of 4 components have a name that feeds use; of the others nothing can be found." in notes
        assert [one for one in customers(actor, question).as_dict()["notes"] if "Feed osv: taken" in one]
    assert ask(actor, "order:WO component:mbedtls").notes == []
    # the exposure says it once
    found = exposure(actor, MBEDTLS)
    assert found.answer.notes == [] and len([one for one in found.notes if "Feed osv: taken" in one]) == 1
