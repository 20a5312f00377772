"""The customers of an answer, asked alone, are those of the whole answer: the same numbers, notes and head, the same refusal."""

from dataclasses import replace

from asbuilt.kernel.errors import AsbuiltError
from asbuilt.questions.genealogy.answering.answers import GAPS_MAX, ask
from asbuilt.questions.genealogy.answering.customers_alone import customers

SAME = ("question", "as_of", "affected", "finished", "notes", "checkpoint")


def same_customers(actor, text, as_of=None):
    """Hold both against each other; True where they were answered, False where both were refused alike."""
    try:
        whole = ask(actor, text, as_of=as_of)
    except AsbuiltError as refused:
        try:
            customers(actor, text, as_of=as_of)
        except AsbuiltError as alike:
            assert (type(alike), alike.code, alike.facts) == (type(refused), refused.code, refused.facts), text
            return False
        raise AssertionError(f"{text}: refused with {refused.code} as a whole, answered alone") from refused
    alone = customers(actor, text, as_of=as_of)
    said, told = whole.as_dict(), alone.as_dict()
    assert {key: told[key] for key in SAME} == {key: said[key] for key in SAME}, text
    assert told["by"] == {"customer": said["by"]["customer"]}, text
    assert alone.readback == whole.readback
    assert told["gaps_found"] == len(said["gaps"]) or len(said["gaps"]) > GAPS_MAX, text
    return True


def reader_of(actor, party):
    """What a reader of this party may see."""
    return replace(actor, party=party)
