"""What the tests of the tables of this room share."""

import pytest
from elsewhere import another_home  # noqa: F401
from production.floor import floor
from supply.conftest import person, stranger  # noqa: F401


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
    from asbuilt.questions.genealogy.answering import answers

    return lambda question: {
        row["serial"]: row["certainty"] for row in answers.ask(actor, question, serials=True).as_dict()["serials"]
    }


@pytest.fixture
def sql():
    """sql(statement) -> rows."""
    from asbuilt.storage import reading

    return lambda statement, *values: reading.fetch(statement, values)


@pytest.fixture
def findings(actor):
    """findings() -> what `ledger verify` finds."""
    from asbuilt.ledger.verifying import verify

    return lambda: [f"{one.code} {one.what}" for one in verify(actor.tenant).findings]


@pytest.fixture
def moved(actor, another_home, tmp_path):  # noqa: F811
    """moved() exports, imports into an empty home, stays there, and refuses a second export of other bytes."""
    from asbuilt.built.exchange.actions import import_folder
    from asbuilt.built.exchange.exporting import export_folder
    from asbuilt.formats.tables import TABLES

    def there() -> None:
        export_folder(actor, tmp_path / "first")
        another_home()
        import_folder(actor, tmp_path / "first")
        export_folder(actor, tmp_path / "second")
        for name in TABLES:
            first, second = (tmp_path / folder / f"{name}.csv" for folder in ("first", "second"))
            assert first.read_bytes() == second.read_bytes(), name

    return there


@pytest.fixture
def withdraw(actor):
    """withdraw("blocks", order="WO-2") withdraws the rows of a table with these cells; all of them in one call."""

    def of(table: str, **cells: str):
        from asbuilt.built.exchange.exporting import rows_of
        from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
        from asbuilt.formats.tables import TABLES, fact_id

        named = TABLES[table]
        rows = [dict(zip(named.columns, row, strict=True)) for row in rows_of(actor.tenant, table)]
        chosen = [row for row in rows if cells.items() <= row.items()]
        assert chosen, (table, cells, rows)
        facts = [fact_id(named, list(row.values())) for row in chosen]
        return withdraw_facts(actor, [Withdraw(one, "planned wrongly", "045", 1_800_000_000_000_000) for one in facts])

    return of


@pytest.fixture
def correct(actor):
    """correct("orders", {"order": "WO-1"}, customer="own") corrects the one row with these cells."""

    def of(table: str, which: dict[str, str], **cells: str):
        from asbuilt.built.exchange.correcting import correct_fact
        from asbuilt.built.exchange.exporting import rows_of
        from asbuilt.formats.tables import TABLES, fact_id

        named = TABLES[table]
        rows = [dict(zip(named.columns, row, strict=True)) for row in rows_of(actor.tenant, table)]
        (row,) = [row for row in rows if which.items() <= row.items()]
        said = {"reason": "planned wrongly", "person": "045", "decided_at": 1_800_000_000_000_000}
        return correct_fact(actor, fact_id(named, list(row.values())), cells, **said)

    return of


@pytest.fixture
def refused():
    """refused(NotFound, "production.order_unknown", verb, …) calls the verb, which must refuse so; returns the refusal."""

    def of(kind, code: str, verb, *args, **named):
        with pytest.raises(kind) as caught:
            verb(*args, **named)
        assert (type(caught.value), caught.value.code) == (kind, code), caught.value
        assert caught.value.remedy
        return caught.value

    return of
