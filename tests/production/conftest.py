"""What the tests of the tables of this room share."""

import pytest
from floor import floor


@pytest.fixture
def stage(load):
    """stage("units") loads the floor without these tables."""

    def begin(*without: str) -> None:
        load(floor(*without), "floor")

    return begin


@pytest.fixture
def refusal(load):
    """refusal(table, rows) -> the class of the refusal and (code, line, column) of each row it names."""
    from asbuilt.kernel.errors import AsbuiltError

    def of(table: str, rows: list[dict]):
        with pytest.raises(AsbuiltError) as caught:
            load({table: rows}, "refused")
        named = [vars(row) for row in caught.value.rows]
        assert all(row["file"] == f"{table}.csv" and row["reason"] and row["remedy"] for row in named)
        return type(caught.value).__name__, [(row["code"], row["line"], row["column"]) for row in named]

    return of


@pytest.fixture
def ask(actor):
    """ask(question) -> {serial number: certainty}."""
    from asbuilt.questions.genealogy import answers

    return lambda question: {
        row["serial"]: row["certainty"] for row in answers.ask(actor, question, serials=True).as_dict()["serials"]
    }


@pytest.fixture
def sql():
    """sql(statement) -> rows."""
    from asbuilt.storage import reading

    return lambda statement, *values: reading.fetch(statement, values)
