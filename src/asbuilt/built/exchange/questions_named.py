"""Rows of holds that ask a question: names in it that a correction gives another spelling.

A hold by question is asked by names: `lot:2EKR1`. Where the row of a lot, a part, an order, a party, a release … is corrected so that it is called
otherwise, the hold follows it: what was held stays held, by nobody's leave. What a question names is for the rooms that answer questions to say.
"""

from collections.abc import Sequence

from asbuilt.built.exchange.after_withdrawal import FOLLOWING
from asbuilt.built.exchange.fact_cells import FactCells
from asbuilt.built.exchange.finding import facts_in
from asbuilt.built.exchange.resolving import Chosen, Withdraw
from asbuilt.built.exchange.withdrawing import choose, refuse_many
from asbuilt.built.production.holds import DONE, QUESTION, STANDS
from asbuilt.formats.tables import TABLES
from asbuilt.ledger.facts import fact_id, standing
from asbuilt.storage import reading

Row = tuple[str, ...]
OPEN = (
    "SELECT DISTINCT entry, question FROM production_hold WHERE tenant = %s AND until_entry IS NULL AND kind IN (%s, %s) "
    "AND lifted = %s ORDER BY entry"
)
"""The questions of open holds: what they hold, and what is done."""


class QuestionsNamed:
    """The questions of open holds, looked at before a correction and after it. One statement where no cell of theirs changes."""

    def __init__(self, tenant: int, old: Sequence[Row], new: Sequence[Row]):
        self.tenant = tenant
        self.changed = {
            before: after
            for rows in zip(old, new, strict=True)
            for before, after in zip(*rows, strict=True)
            if before and after and before != after
        }
        open_ones = reading.fetch(OPEN, (tenant, QUESTION, DONE, STANDS))
        told = [(entry, text) for entry, text in open_ones if self._speaks_of_it(text)]
        self.entries = sorted({entry for entry, _ in told})
        questions = sorted({text for _, text in told})
        self.followed = [follow(tenant, self.changed, questions) for follow in FOLLOWING.values()] if told else []

    def _speaks_of_it(self, question: str) -> bool:
        folded = question.casefold()
        return any(before.casefold() in folded for before in self.changed)

    def stated_anew(self, why: Withdraw) -> tuple[list[Chosen], list[Row]]:
        """After the correction: the rows of holds whose question speaks of another name now, and what they say."""
        renamed = {text: new for one in self.followed for text, new in one.now().items()}
        if not renamed:
            return [], []
        cells, ids, table = FactCells(self.tenant), [], TABLES["holds"]
        for fact, spans in standing(self.tenant, facts_in(self.tenant, "holds", self.entries)):
            if any(
                dict(zip(table.columns, row, strict=True))["question"] in renamed for row in cells.rows([(fact, spans)])
            ):
                ids.append(fact_id(self.tenant, fact.entry, fact.shape, fact.row))
        asked = [Withdraw(one, why.reason, why.person, why.decided_at, None, None) for one in ids]
        refuse_many(asked)
        chosen, _ = choose(self.tenant, asked) if asked else ([], 0)
        place = table.columns.index("question")
        rows = cells.rows([(one.fact, one.gone) for one in chosen]) if chosen else ()
        return chosen, [(*row[:place], renamed[row[place]], *row[place + 1 :]) for row in rows]
