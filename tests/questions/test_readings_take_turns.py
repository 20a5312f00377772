"""Readings of one snapshot that need nothing of each other: each is told what it would be told alone, whoever asks first, fails or divides again."""

import pytest


def count(to: int) -> str:
    from asbuilt.storage import reading

    if reading.vendor() == "sqlite":
        return f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {to}) SELECT i FROM n WHERE i > %s"
    return f"SELECT i FROM generate_series(1, {to}) AS i WHERE i > %s"


def turns(*tasks):
    from asbuilt.storage import reading

    with reading.snapshot(plans_kept=True):
        return reading.at_once(*tasks)


def test_each_task_gets_its_own_rows_however_many_ask_at_once(actor):
    from asbuilt.storage import reading

    def asking(number: int):
        def task() -> list[int]:
            # big and small answers one behind the other, the same statement and others
            return [len(reading.fetch(count(to), (number,))) for to in (10, 20_000, 11, 10)] + [number]

        return task

    for _ in range(2):  # the second time all are prepared
        assert turns(*(asking(n) for n in range(9))) == [[10 - n, 20_000 - n, 11 - n, 10 - n, n] for n in range(9)]


def test_on_postgresql_the_server_has_all_their_statements_before_anybody_waits(actor):
    from asbuilt.storage import reading
    from asbuilt.storage.prepared import Prepared

    seen, answer, send = [], Prepared.answer, Prepared.send
    Prepared.send = lambda self, sql, params=(): (seen.append("sent"), send(self, sql, params))[1]
    Prepared.answer = lambda self: (seen.append("waits"), answer(self))[1]
    try:
        turns(*([lambda: reading.fetch(count(3), (0,))] * 4))
        seen.clear()
        turns(*([lambda: reading.fetch(count(3), (0,))] * 4))
    finally:
        Prepared.send, Prepared.answer = send, answer
    expected = ["sent"] * 4 + ["waits"] * 4 if reading.vendor() == "postgresql" else []
    assert seen == expected


def test_a_task_divides_again_and_goes_on_when_its_parts_have_ended(actor):
    from asbuilt.storage import reading

    def one(number: int) -> int:
        return reading.fetch_one("SELECT 1 + %s", (number,))[0]

    def deep(levels: int) -> int:
        if not levels:
            return one(0)
        return sum(reading.at_once(lambda: deep(levels - 1), lambda: deep(levels - 1))) + one(-1)

    assert turns(lambda: deep(4), lambda: one(6), lambda: deep(1), list) == [16, 7, 2, []]


def test_what_the_first_of_them_raised_is_raised_when_all_have_ended(actor):
    from asbuilt.kernel.errors import NotFound
    from asbuilt.storage import reading

    ended = []

    def refused(code: str):
        reading.fetch("SELECT 1")
        raise NotFound(f"turn.{code}", code)

    def going_on():
        reading.fetch(count(5), (1,))
        ended.append(len(reading.fetch(count(6), (1,))))

    with pytest.raises(NotFound) as raised:
        turns(lambda: reading.at_once(going_on, lambda: refused("left")), lambda: refused("right"))
    assert raised.value.code == "turn.left"
    if reading.vendor() == "postgresql":  # on SQLite what comes behind the refused one is not asked any more
        assert ended == [5]
    assert turns(lambda: reading.fetch("SELECT 7"), lambda: 8) == [[(7,)], 8]


def test_a_statement_that_fails_says_why_and_the_next_verdict_is_answered(actor):
    from asbuilt.storage import reading

    def fails(sql: str):
        return lambda: reading.fetch(sql, (0,))

    # one that cannot be prepared, and one that is and then fails; others are under way
    for sql, said in (("SELECT 1 FROM nowhere WHERE 1 = %s", "nowhere"), (f"SELECT {long_division()}", "division")):
        for _ in range(2):
            with pytest.raises(Exception, match=said):
                turns(lambda: reading.fetch(count(9), (0,)), fails(sql), lambda: reading.fetch(count(8), (0,)))
            assert turns(lambda: len(reading.fetch(count(9), (1,))), lambda: 3) == [8, 3]


def long_division() -> str:
    from asbuilt.storage import reading

    # SQLite gives NULL for it, so there a function that it has not
    return "division(%s)" if reading.vendor() == "sqlite" else "1 / CAST(%s AS int)"


def test_what_two_ask_for_is_read_once_and_both_get_it(actor):
    from asbuilt.storage import reading
    from asbuilt.storage.once import once

    class Read:
        times, fail = 0, False

        @once
        def rows(self) -> list[tuple]:
            """Rows."""
            self.times += 1
            found = reading.fetch(count(4), (0,))
            if self.fail:
                self.fail = False
                raise ValueError("not this time")
            return found

    read = Read()
    assert turns(*([lambda: len(read.rows)] * 3), lambda: reading.fetch("SELECT 1")) == [4, 4, 4, [(1,)]]
    assert read.times == 1 and Read.rows.__doc__ == "Rows."
    # where the one that reads it fails, the next one reads it
    again = Read()
    again.fail = True

    def patient():
        try:
            return len(again.rows)
        except ValueError:
            return "failed"

    assert turns(patient, patient) == ["failed", 4]
    assert Read().rows == [(1,), (2,), (3,), (4,)]  # also without a snapshot


def test_texts_of_a_task_are_said_in_the_language_of_who_asks(actor):
    from django.utils import translation

    from asbuilt.storage import reading

    def said() -> str:
        reading.fetch("SELECT 1")
        return translation.get_language()

    with translation.override("de"):
        assert turns(said, lambda: reading.at_once(said, said)) == ["de", ["de", "de"]]


def test_more_statements_than_a_connection_keeps_and_rows_one_by_one_among_tasks(actor):
    from asbuilt.storage import reading
    from asbuilt.storage.prepared import KEPT_MAX

    def many(begin: int):
        return lambda: [reading.fetch_one(f"SELECT {n} + %s", (1,))[0] for n in range(begin, begin + KEPT_MAX)]

    found = turns(many(0), many(KEPT_MAX), lambda: len(list(reading.stream(count(7000), (0,), size=100))))
    assert found == [list(range(1, KEPT_MAX + 1)), list(range(KEPT_MAX + 1, 2 * KEPT_MAX + 1)), 7000]
    with reading.snapshot(plans_kept=True):
        if reading.vendor() == "postgresql":
            ((kept,),) = reading.fetch("SELECT count(*) FROM pg_prepared_statements")
            assert 2 <= kept <= KEPT_MAX + 1


def test_who_asks_past_them_is_refused_sooner_than_given_the_rows_of_another(actor):
    from asbuilt.access.queries import tenant_of_number
    from asbuilt.storage import reading

    def past():
        return tenant_of_number(actor.tenant).slug

    def asking():
        return reading.fetch("SELECT 'rows of another'")

    if reading.vendor() == "postgresql":
        with pytest.raises(RuntimeError, match="reading.fetch"):
            turns(asking, past, asking)
    else:
        assert turns(asking, past)[0] == [("rows of another",)]
    assert turns(asking) == [[("rows of another",)]] and turns() == []


def test_a_connection_lost_while_they_take_turns_leaves_nothing_behind(actor):
    from django.db import connections

    from asbuilt.storage import reading

    def lost():
        if reading.vendor() == "sqlite":
            raise OSError("closed")
        (pid,) = reading.fetch_one("SELECT pg_backend_pid()")
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        return reading.fetch(count(5), (0,))

    with pytest.raises(Exception, match="terminat|closed|lost"):
        turns(lost, lambda: reading.fetch(count(6), (0,)))
    assert turns(lambda: len(reading.fetch(count(6), (0,))), lambda: 1) == [6, 1]
