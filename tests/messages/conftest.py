"""What the tests of this room share: a line whose tables are loaded, and machines that speak."""

import pytest
from machine_floor import payload, tables

from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger import clock


@pytest.fixture
def line(load):
    """The line of machine_floor, loaded; it is the day after the shift that the messages are of."""
    clock.set_clock(lambda: parse_instant("2027-03-02T08:00:00Z"))
    load(tables(), "line")


@pytest.fixture
def say(line, actor):
    """say(message, …) records these messages as they would come over the line; returns the report."""
    from asbuilt.built.messages.arriving import arrived
    from asbuilt.built.messages.groups import record_messages

    def record(*messages: dict, raw: bytes | None = None, live: bool = False):
        given = payload(*messages) if raw is None else raw
        return record_messages(actor, arrived(given, clock.now(), "test", live=live))

    return record


@pytest.fixture
def ask(actor):
    """ask(question) -> (certain, possible, unrecorded) unit counts of what is affected."""
    from asbuilt.questions.genealogy.answering import answers

    def counts(question: str, as_of: str | None = None):
        said = answers.ask(actor, question, as_of=as_of).affected.counts()
        return tuple(said[grade] for grade in ("certain", "possible", "unrecorded"))

    return counts


@pytest.fixture
def verified(actor):
    """verified() -> the findings of `ledger verify`."""
    from asbuilt.ledger.verifying import verify

    return lambda: [(finding.code, finding.what) for finding in verify(actor.tenant).findings]


@pytest.fixture
def sql():
    """sql(statement, …) -> rows."""
    from asbuilt.storage import reading

    return lambda statement, *values: reading.fetch(statement, values)
