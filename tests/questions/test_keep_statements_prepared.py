"""Statements that PostgreSQL reads once and keeps: odd texts go in whole, an error leaves the next one alone, and no more are kept than allowed."""

import pytest

ODD = ['a"b\\c{d},e', "NULL", "", "per%cent", "{}", "\\", '"', "ü, 漢", " spaced "]


def test_texts_with_every_sign_that_an_array_knows_are_found(actor):
    from asbuilt.storage import reading

    listed = "json_each(%s)" if reading.vendor() == "sqlite" else "unnest(%s::text[])"
    value = "value" if reading.vendor() == "sqlite" else "unnest"
    with reading.snapshot(plans_kept=True):
        found = [reading.fetch(f"SELECT {value} FROM {listed}", (reading.list_param(ODD),)) for _ in range(3)]
        asked = f"SELECT 'a like' WHERE 'WO-7' LIKE 'WO%%' AND {reading.any_of('%s', 'text')}"
        said = reading.fetch(asked, (ODD[0], reading.list_param([*ODD, None])))
    assert found == [[(text,) for text in ODD]] * 3
    assert said == [("a like",)]


def test_after_a_statement_that_failed_the_next_question_is_answered(actor):
    from asbuilt.questions.genealogy.answering.answers import ask
    from asbuilt.storage import reading

    for _ in range(2):
        with pytest.raises(Exception, match="nowhere"), reading.snapshot(plans_kept=True):
            reading.fetch("SELECT 1 FROM nowhere")
        assert ask(actor, "in:planned").affected.counts()["certain"] == 0


def test_of_many_statements_the_connection_keeps_the_last_ones(actor):
    from asbuilt.storage import reading
    from asbuilt.storage.prepared import KEPT_MAX

    with reading.snapshot(plans_kept=True):
        for number in [*range(KEPT_MAX + 20), 0, 1, KEPT_MAX]:
            assert reading.fetch(f"SELECT {number} + %s", (1,)) == [(number + 1,)]
        if reading.vendor() == "postgresql":
            ((kept,),) = reading.fetch("SELECT count(*) FROM pg_prepared_statements")
            assert 2 <= kept <= KEPT_MAX + 1


def test_a_number_and_a_text_in_one_place_are_two_statements(actor):
    from asbuilt.storage import reading

    cast = "CAST(%s AS TEXT)"
    with reading.snapshot(plans_kept=True):
        found = [reading.fetch(f"SELECT {cast}", (given,)) for given in (1, "1", 1 << 40, None, 2)]
    assert found == [[("1",)], [("1",)], [(str(1 << 40),)], [(None,)], [("2",)]]


def test_no_statement_is_compiled(actor):
    from django.db import connections

    from asbuilt.storage import reading

    if reading.vendor() == "postgresql":
        for alias in ("default", "reader"):
            with connections[alias].cursor() as cursor:
                cursor.execute("SHOW jit")
                assert cursor.fetchone() == ("off",), alias
    assert reading.fetch("SELECT 1") == [(1,)]
