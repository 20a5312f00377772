"""A kept connection that died, as after a restart of the server: the next question connects anew."""


def test_a_question_after_a_lost_connection_is_answered(load, actor):
    from django.db import connections

    from asbuilt.questions.genealogy.answering.answers import ask
    from asbuilt.storage import reading

    ask(actor, "in:planned")
    connections["reader"].connection.close()
    assert ask(actor, "in:planned").affected.counts() == {"certain": 0, "possible": 0, "unrecorded": 0}
    # and one that dies in the middle leaves nothing behind
    try:
        with reading.snapshot():
            connections["reader"].connection.close()
            reading.fetch("SELECT 1")
        raise AssertionError("a closed connection answered")
    except Exception as lost:
        assert "closed" in str(lost)
    assert ask(actor, "in:planned").affected.counts()["certain"] == 0
