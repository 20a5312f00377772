"""Freezing an answer: kept word for word, checked by anybody, overtaken when a fact it rests on is withdrawn."""

import json

import pytest

from asbuilt.answers.register.actions import answer_document, freeze_answer
from asbuilt.answers.register.queries import frozen_answer, frozen_answers
from asbuilt.kernel.certificates import check_answer
from asbuilt.kernel.errors import Conflict, NotFound
from asbuilt.ledger import keyring, origins

TABLES = {
    "parties": [{"party": "ACME", "name": "Acme", "roles": "customer", "country": "DE"}],
    "parts": [{"part": "P1", "description": "", "mpn": "M1", "manufacturer": "Maker", "lifecycle": "", "msl": ""}],
    "bom": [{"product": "B", "revision": "A", "bom_version": "1", "line": "10", "part": "P1", "quantity": "1", "refdes": "C1"}],
    "orders": [
        {"order": "WO", "product": "B", "revision": "A", "bom_version": "1", "quantity": "3", "customer": "ACME",
         "opened_at": "2027-01-01T00:00:00Z"}
    ],
    "units": [{"order": "WO", "serial": f"S{n}", "panel": "", "position": ""} for n in (1, 2, 3)],
}  # fmt: skip


def test_it_keeps_the_answer_with_its_serial_numbers(load, actor):
    load(TABLES)
    kept = json.loads(freeze_answer(actor, "order:WO").answer)
    assert kept["affected"] == {"certain": 3, "possible": 0, "unrecorded": 0}
    assert kept["serials"] == [{"serial": f"S{n}", "certainty": "certain"} for n in (1, 2, 3)]


def test_the_same_request_gives_the_same_answer_and_another_question_is_a_conflict(load, actor):
    load(TABLES)
    first = freeze_answer(actor, "order:WO", request_key="once")
    assert freeze_answer(actor, "order:WO", request_key="once").ulid == first.ulid
    assert len(frozen_answers(actor)) == 1
    with pytest.raises(Conflict):
        freeze_answer(actor, "product:B", request_key="once")


def test_a_stranger_checks_it_with_the_public_key_alone(load, actor):
    load(TABLES)
    frozen = freeze_answer(actor, "order:WO")
    document = answer_document(actor, frozen.ulid)
    origin = origins.origin(actor.tenant)
    checked = check_answer(document, record_keys=[keyring.record_public(origin)], log_vkeys=keyring.vkeys(origin))
    assert checked.answer["affected"]["certain"] == 3


def test_a_newer_one_supersedes_it_and_it_stays_as_it_was(load, actor):
    load(TABLES)
    old = freeze_answer(actor, "order:WO")
    new = freeze_answer(actor, "order:WO", supersedes=old.ulid)
    assert new.supersedes == old.number
    assert frozen_answer(actor, old.ulid).overtaken_by == new.entry
    assert frozen_answer(actor, old.ulid).answer == old.answer


def test_an_answer_that_nobody_froze_is_not_found(load, actor):
    load(TABLES)
    with pytest.raises(NotFound):
        frozen_answer(actor, "01JZZZZZZZZZZZZZZZZZZZZZZZ")


def test_a_withdrawn_fact_overtakes_the_answers_that_speak_of_its_units(load, actor):
    from asbuilt.built.exchange.resolving import Withdraw
    from asbuilt.built.exchange.withdrawing import withdraw_facts
    from asbuilt.formats.tables import TABLES as TABLE
    from asbuilt.formats.tables import fact_id

    load(TABLES)
    frozen = freeze_answer(actor, "order:WO")
    other = freeze_answer(actor, "unit:S1")
    fact = fact_id(TABLE["units"], ["WO", "S3", "", "", ""])
    report = withdraw_facts(actor, [Withdraw(fact, "wrong label", "045", 1_800_000_000_000_000, None, None)])
    assert frozen_answer(actor, frozen.ulid).overtaken_by == report.entry
    assert frozen_answer(actor, other.ulid).overtaken_by is None
