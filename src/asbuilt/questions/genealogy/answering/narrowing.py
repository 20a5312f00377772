"""The next terms of a question, each with the three numbers that it would leave: what most often comes next.

Only terms that divide the answer are offered. The counts are of the same units that the longer question gives.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.questions.genealogy.answering.answers import Answer
from asbuilt.questions.genealogy.answering.whereabouts import Whereabouts, whereabouts
from asbuilt.questions.genealogy.evaluating import history
from asbuilt.questions.genealogy.words import language
from asbuilt.questions.genealogy.words.language import Or, Term, Value
from asbuilt.questions.genealogy.words.saying import unparse
from asbuilt.storage import reading

OFFERED_MAX = 8
STATES_MAX, COUNTRIES_MAX, ORDERS_MAX, CUSTOMERS_MAX = 2, 1, 2, 2


@dataclass(frozen=True)
class Next:
    """A term to add, the question with it, and its three numbers."""

    term: str
    question: str
    counts: dict[str, int]


def narrow(answer: Answer, where: Whereabouts | None = None) -> list[Next]:
    """Terms that divide the answer: in:, customer:, country:, -reworked, product:, order:. Three statements beside `where`."""
    total = answer.affected.unrecorded
    if len(total) < 2:
        return []
    with reading.snapshot():
        where = where or whereabouts(answer)
        offered = [
            *_states(where),
            *_customers(where),
            *_countries(where),
            *_reworked(answer),
            *_products(answer),
            *_orders(answer),
        ]
    tree = language.parse(answer.question)
    written = f"({answer.question.strip()})" if isinstance(tree, Or) else answer.question.strip()
    found = []
    for term, units in offered:
        left = len(units & total)
        if 0 < left < len(total) and term not in answer.question:
            found.append(Next(term, f"{written} {term}", answer.affected.within(units).counts()))
    return found[:OFFERED_MAX]


def written(name: str, text: str) -> str:
    """`customer:"Distributor X"`: a term as it is typed."""
    return unparse(Term(name, (Value(text),)))


def _states(where: Whereabouts) -> Iterable[tuple[str, BitMap]]:
    most = sorted(where.states.items(), key=lambda pair: -len(pair[1]))
    return [(f"in:{state}", units) for state, units in most[:STATES_MAX]]


def _customers(where: Whereabouts) -> Iterable[tuple[str, BitMap]]:
    return _most(((place.customer, place.units) for place in where.places), "customer", CUSTOMERS_MAX)


def _countries(where: Whereabouts) -> Iterable[tuple[str, BitMap]]:
    return _most(((place.country, place.units) for place in where.places), "country", COUNTRIES_MAX)


def _most(pairs: Iterable[tuple[str, BitMap]], name: str, most: int) -> list[tuple[str, BitMap]]:
    found: dict[str, BitMap] = {}
    for text, units in pairs:
        if text:
            found.setdefault(text, BitMap()).update(units)
    ordered = sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [(written(name, text), units) for text, units in ordered[:most]]


def _reworked(answer: Answer) -> Iterable[tuple[str, BitMap]]:
    reworked = history.reworked(answer.view, answer.affected.unrecorded).certain & answer.affected.unrecorded
    return [("-reworked", answer.affected.unrecorded - reworked)] if reworked else []


def _products(answer: Answer) -> list[tuple[str, BitMap]]:
    sql = "SELECT number, code FROM catalog_product WHERE tenant = %s"
    codes = dict(reading.fetch(sql, (answer.view.tenant,)))
    blocks = answer.view.blocks_over(answer.affected.unrecorded)
    pairs = [
        (codes[block.product], BitMap(range(block.first, block.until)) & answer.affected.unrecorded) for block in blocks
    ]
    return _most(pairs, "product", 1)


def _orders(answer: Answer) -> list[tuple[str, BitMap]]:
    blocks = answer.view.blocks_over(answer.affected.unrecorded)
    sql = "SELECT o.number, o.code FROM production_order o WHERE o.tenant = %s AND " + reading.any_of("o.number")
    numbers = sorted({block.order for block in blocks})
    codes = (
        dict(reading.fetch(sql + answer.view.seen("o"), (answer.view.tenant, reading.list_param(numbers))))
        if numbers
        else {}
    )
    pairs = [
        (codes[block.order], BitMap(range(block.first, block.until)) & answer.affected.unrecorded)
        for block in blocks
        if block.order in codes
    ]
    return _most(pairs, "order", ORDERS_MAX)
