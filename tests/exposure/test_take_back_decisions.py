"""A decision about a vulnerability that is withdrawn or corrected: what it had taken out is open again, what was known then stays so, and
only who may decide takes it back."""

import pytest
from vulnerable_factory import MBEDTLS

from asbuilt.kernel.errors import Invalid, NotAllowed

OPEN = {f"S000{n}" for n in range(4)}


@pytest.fixture
def fact(actor):
    """fact() -> the id of the newest decision's fact."""
    from asbuilt.designed.vulnerability.deciding.events import DECISION
    from asbuilt.ledger.facts import all_facts, fact_id

    def newest() -> str:
        row = max(all_facts(actor.tenant, DECISION.name), key=lambda one: (one.entry, one.row))
        return fact_id(actor.tenant, row.entry, DECISION.name, row.row)

    return newest


@pytest.fixture
def state(actor, asked):
    """state() -> (exposed units, whether the release is open at its gate, whether exported VEX says not affected)."""
    from asbuilt.designed.vulnerability.deciding.findings_in import open_in_release
    from asbuilt.designed.vulnerability.deciding.vex_export import vex_of_product

    def seen(**known):
        try:
            said = '"not_affected"' in vex_of_product(actor, "board", "openvex")[2].decode()
        except Invalid:  # nothing to say
            said = False
        return set(asked(f"cve:{MBEDTLS}", **known)), bool(open_in_release(actor.tenant, "board", "", "1.0.0")), said

    return seen


def taken_back(actor, fact: str, who=None):
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.ledger import clock

    withdraw_facts(who or actor, [Withdraw(fact, "wrong product", "045", clock.now())])


def corrected(actor, fact: str, who=None, **cells):
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.ledger import clock

    correct_fact(who or actor, fact, cells, reason="typo", person="045", decided_at=clock.now())


def test_withdrawn_it_closes_nothing_any_more(security, decide, actor, fact, state):
    from asbuilt.kernel.instants import format_instant
    from asbuilt.ledger import clock

    decide(version="1.0.0")
    assert state() == (set(), False, True)
    then = format_instant(clock.now())
    taken_back(actor, fact())
    assert state() == (OPEN, True, False)
    assert state(as_of=then)[0] == set()


def test_a_newer_one_withdrawn_gives_the_word_back_to_the_older(security, decide, actor, fact, state):
    decide(version="1.0.0")
    decide("affected", version="1.0.0")
    assert state() == (OPEN, True, False)
    taken_back(actor, fact())
    assert state() == (set(), False, True)


def test_corrected_it_says_what_it_says_now_and_rests_on_what_it_rested_on(security, decide, actor, fact, state):
    decide(version="1.0.0")
    corrected(actor, fact(), impact="RSA is off.")
    assert state() == (set(), False, True)
    corrected(actor, fact(), version="1.1.0")  # it was the other release
    assert state() == (OPEN, True, True)
    corrected(actor, fact(), version="1.0.0", status="affected", justification="", action="Update to 1.1.0.")
    assert state() == (OPEN, True, False)
    security.exploited(MBEDTLS)  # the premise is the old one: it lapses
    corrected(actor, fact(), status="not_affected", justification="vulnerable_code_not_present", action="")
    assert state() == (OPEN, True, False)


@pytest.mark.parametrize("role", ["engineer", "quality_lead"])
def test_who_may_not_decide_takes_nothing_back_and_turns_nothing_round(
    security, decide, actor, person, fact, state, role
):
    decide("affected", version="1.0.0")
    who = person(role)
    with pytest.raises(NotAllowed):
        taken_back(actor, fact(), who)
    with pytest.raises(NotAllowed):
        corrected(actor, fact(), who, status="not_affected", justification="vulnerable_code_not_present", action="")
    assert state() == (OPEN, True, False)
