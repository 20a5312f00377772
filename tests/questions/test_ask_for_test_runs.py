"""`tested:`: units with a test run at a station or by a plan in a window, against a count of the rows themselves."""

from datetime import datetime, timedelta
from random import Random

import pytest
from line_and_box import factory

from asbuilt.kernel.errors import Invalid, NotFound

BEGIN = datetime.fromisoformat("2026-03-01T00:00:00+00:00")


def written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def rows(seed: int) -> list[dict]:
    chance, found = Random(seed), []
    for n in range(60):
        begun = BEGIN + timedelta(minutes=chance.randrange(0, 600), seconds=n)
        found.append(
            {"serial": f"B{chance.randrange(1, 8)}", "plan": chance.choice(("ICT", "FCT", "S1")), "plan_version": "",
             "station": chance.choice(("S1", "S2", "")), "operator": "", "outcome": chance.choice(("pass", "fail", "error", "aborted")),
             "started_at": written(begun), "finished_at": written(begun + timedelta(minutes=chance.randrange(0, 30))), "measurements": ""}
        )  # fmt: skip
    return found


def counted(said: list[dict], name: str, low=None, high=None, **cells) -> list[str]:
    """Straight from the design's words: a run overlaps a window that it starts before the end of and ends at or after the beginning."""
    units = {
        row["serial"]
        for row in said
        if name in (row["station"], row["plan"])
        and (low is None or datetime.fromisoformat(row["finished_at"]) >= low)
        and (high is None or datetime.fromisoformat(row["started_at"]) <= high)
        and all(row[column] in wanted for column, wanted in cells.items())
    }
    return sorted(units)


@pytest.fixture
def ask(actor):
    from asbuilt.questions.genealogy.answering import answers

    def units(question):
        said = answers.ask(actor, question, serials=True).as_dict()
        assert said["affected"]["possible"] == said["affected"]["unrecorded"] == 0
        return sorted(row["serial"] for row in said["serials"])

    return units


def test_against_a_count(load, ask):
    said = rows(7)
    load(factory())
    load({"tests": said}, "tests")
    for minutes in range(0, 600, 45):
        low, high = BEGIN + timedelta(minutes=minutes), BEGIN + timedelta(minutes=minutes + 40)
        window = f"@{written(low)}..{written(high)}"
        for name in ("S1", "S2", "ICT"):
            assert ask(f"tested:{name}{window}") == counted(said, name, low, high), (name, window)
        assert ask(f"tested:S1(station=S1){window}") == counted(said, "S1", low, high, station=("S1",))
        assert ask(f"tested:S2(outcome=fail,error){window}") == counted(
            said, "S2", low, high, outcome=("fail", "error")
        )
        assert ask(f"tested:S1,ICT(plan=ICT outcome=pass)@..{written(high)}") == sorted(
            {
                *counted(said, "S1", None, high, plan=("ICT",), outcome=("pass",)),
                *counted(said, "ICT", None, high, plan=("ICT",), outcome=("pass",)),
            }
        )
        assert ask(f"unit:B1..B3 tested:ICT@{written(low)}..") == [
            name for name in counted(said, "ICT", low) if name in ("B1", "B2", "B3")
        ]
        assert ask(f"product:board -tested:S2{window}") == [
            f"B{n}" for n in range(1, 8) if f"B{n}" not in counted(said, "S2", low, high)
        ]


def test_as_of_and_withdrawn(load, ask, actor):
    from asbuilt.built.exchange.exporting import rows_of
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.formats.tables import TABLES, fact_id
    from asbuilt.ledger import clock

    load(factory())
    load({"tests": [row for row in rows(7) if row["station"] == "S1"][:1]}, "tests")
    (row,) = rows_of(actor.tenant, "tests")
    assert ask("tested:S1") == [row[0]]
    withdraw_facts(actor, [Withdraw(fact_id(TABLES["tests"], row), "wrong", "045", clock.now())])
    with pytest.raises(NotFound):  # no row that stands names S1
        ask("tested:S1")


@pytest.mark.parametrize(
    ("question", "kind", "code"),
    [
        ("tested:S9", NotFound, "question.unknown_name"),
        ("tested:S1(zone5>3)", Invalid, "question.tested_condition"),
        ("tested:S1(outcome=good)", Invalid, "question.value"),
        ("tested:S1(station=S9)", NotFound, "question.unknown_name"),
    ],
)
def test_what_is_refused(load, ask, question, kind, code):
    load(factory())
    load({"tests": [row for row in rows(7) if row["station"] == "S1"][:1]}, "tests")
    with pytest.raises(kind) as caught:
        ask(question)
    assert caught.value.code == code


def test_it_is_completed_and_read_back(load, actor):
    from asbuilt.questions.genealogy.answering.answers import ask
    from asbuilt.questions.genealogy.answering.completion import complete

    load(factory())
    load({"tests": rows(7)}, "tests")
    assert {one.text for one in complete(actor, "tested:S", 8)} == {"S1", "S2"}
    assert ask(actor, "tested:S1@2026-03-01").readback == "Units that were tested at S1 on 1 Mar 2026."
