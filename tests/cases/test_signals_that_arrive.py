"""What the record hears itself becomes a signal, once; a person looks at it, and no case opens."""

import pytest
from vulnerable_factory import MBEDTLS, secured

from asbuilt.ledger import clock


@pytest.fixture
def security(actor, load, tmp_path):
    """Boards with mbedtls before 2.28.8, of which a feed says that it is vulnerable."""
    return secured(actor, load, tmp_path / "security")


def arrive(actor) -> list[str]:
    from asbuilt.answers.cases.handling.arriving import arrive

    return arrive(actor.tenant, clock.now())


def told(actor) -> list[tuple[str, str]]:
    from asbuilt.answers.cases.handling.seen import signals_told

    return sorted((one["source"], one["reference"]) for one in signals_told(actor))


def test_an_exploited_vulnerability_of_ours_is_a_signal_once_and_opens_no_case(security, actor):
    from asbuilt.answers.cases.handling.seen import cases_told, signals_told

    assert arrive(actor) == []  # that it is there is for the inbox
    security.exploited(MBEDTLS, "CVE-2020-0001")  # the other one comes into nothing of ours
    assert len(arrive(actor)) == 1 and arrive(actor) == []
    assert told(actor) == [("kev", MBEDTLS)]
    assert "board" in signals_told(actor)[0]["words"] and cases_told(actor) == []


def test_a_signal_that_was_dismissed_does_not_come_again(security, actor):
    from asbuilt.answers.cases.handling.actions.opening import dismiss_signal

    security.exploited(MBEDTLS)
    (code,) = arrive(actor)
    dismiss_signal(actor, signal=code, why="configured out")
    assert arrive(actor) == []


def test_a_suppliers_advisory_about_what_is_in_our_products_is_a_signal(security, actor):
    statement = {
        "vulnerability": {"name": MBEDTLS},
        "products": [{"@id": "pkg:generic/mbedtls@2.28.7"}],
        "status": "affected",
        "action_statement": "Update.",
    }
    document = {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://supplier.example/1",
        "author": "Supplier",
        "version": 1,
    }
    security.feed(
        {**document, "timestamp": "2026-03-02T00:00:00Z", "statements": [statement]}, name="supplier", kind="openvex"
    )
    assert len(arrive(actor)) == 1 and arrive(actor) == []
    assert told(actor) == [("supplier", MBEDTLS)]


def test_a_verification_that_found_faults_and_a_later_one_are_two_signals(actor):
    from asbuilt.built.exchange import verify_runs
    from asbuilt.storage import bulk
    from asbuilt.storage.transactions import write_tx

    for said in (1, 2):
        ulid = verify_runs.begin_verification(actor)
        with write_tx(actor.tenant):
            sql = "UPDATE exchange_verify_run SET state = %s, finished_at = begun_at + 1, faults = %s WHERE tenant = %s AND ulid = %s"
            bulk.run(sql, (verify_runs.DONE, said, actor.tenant, ulid))
        assert len(arrive(actor)) == 1 and arrive(actor) == []
    assert [source for source, _ in told(actor)] == ["log_tamper", "log_tamper"]


def test_the_worker_notes_what_arrives(security, actor):
    from asbuilt.built.exchange.each_day import EACH_DAY

    security.exploited(MBEDTLS)
    EACH_DAY["cases.arriving"](clock.now())
    assert told(actor) == [("kev", MBEDTLS)]
