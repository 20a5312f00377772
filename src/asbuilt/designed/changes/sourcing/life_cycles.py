"""A distributor's file of life cycle states: MPN, maker, state, day of the last order, in whatever columns it has.

    read_life_cycles(content, file="mouser.csv")  ->  rows with our word for each state; the words stand in data/life_cycles.json

Refused: a file without MPN and state, a word that nobody knows (it is named, with the nearest), a date that is none.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from asbuilt.formats.foreign import ROWS_MAX, ForeignRow, read_foreign, refusal
from asbuilt.formats.nearest import did_you_mean
from asbuilt.formats.refusals import ErrorList
from asbuilt.kernel.instants import parse_date

FILE_TAKEN, LIFE_CYCLE = "life_cycles_taken", "life_cycle"
PREFIX = "LC-"
ROLES = {
    "mpn": "mpn", "manufacturerpartnumber": "mpn", "mfrpartnumber": "mpn", "mfgpartnumber": "mpn", "manufacturerpart#": "mpn", "partnumber": "mpn",
    "mfrpart#": "mpn", "mfgpart#": "mpn", "mfrpartno": "mpn", "herstellerteilenummer": "mpn",
    "manufacturer": "maker", "mfr": "maker", "mfg": "maker", "maker": "maker", "brand": "maker", "hersteller": "maker",
    "lifecycle": "state", "lifecyclestatus": "state", "lifecyclestate": "state", "status": "state", "partstatus": "state", "productstatus": "state",
    "state": "state",
    "lastbuy": "last_buy", "lasttimebuy": "last_buy", "lasttimebuydate": "last_buy", "lastbuydate": "last_buy", "ltb": "last_buy",
    "ltbdate": "last_buy",
}  # fmt: skip
NEEDED = ("mpn", "state")
CELL_CHARACTERS_MAX = 200
_DATA = Path(__file__).with_name("data") / "life_cycles.json"


@dataclass(frozen=True)
class StateRow:
    """A row of a file: our word for the state, and the file's own."""

    mpn: str
    maker: str
    state: str
    said: str
    last_buy: str


@cache
def words() -> dict[str, str]:
    """What a file may say of a state, in lower case -> our word."""
    states = json.loads(_DATA.read_text(encoding="utf-8"))["states"]
    return {word: state for state, known in states.items() for word in known}


def read_life_cycles(content: bytes, *, file: str) -> list[StateRow]:
    """The rows of a file; Invalid with every row that is wrong."""
    table = read_foreign(content, file=file, roles=ROLES, needed=NEEDED, kind="life cycle states")
    if not table.rows:
        raise refusal("changes.life_cycles_empty", file, None, "holds no row", "Send one with parts.")
    if len(table.rows) > ROWS_MAX:
        raise refusal("changes.life_cycles_many", file, None, f"holds more than {ROWS_MAX:,} rows", "Split it.")
    errors = ErrorList()
    found = [row for each in table.rows if (row := _row(each, file, errors)) is not None]
    errors.raise_if_any(file)
    return found


def _row(row: ForeignRow, file: str, errors: ErrorList) -> StateRow | None:
    mpn, said = row["mpn"].strip(), row["state"].strip()
    if not mpn:
        return None
    for column in ("mpn", "maker", "state"):
        if len(row[column]) > CELL_CHARACTERS_MAX:
            reason = f"has more than {CELL_CHARACTERS_MAX} characters"
            errors.add("changes.life_cycle_long", file, row.line, column, row[column][:40], reason, "Shorten it.")
            return None
    state = words().get(" ".join(said.casefold().split()))
    if state is None:
        remedy = did_you_mean(said.casefold(), words()) or "Have the word added to the list of states."
        errors.add("changes.life_cycle_word", file, row.line, "state", said, "is no state that is known", remedy)
        return None
    day = row["last_buy"].strip().partition("T")[0]
    try:
        if day:
            parse_date(day)
    except ValueError as refused:
        errors.add(
            "changes.life_cycle_date", file, row.line, "last_buy", day, f"is no date: {refused}", "Write 2027-03-15."
        )
        return None
    return StateRow(mpn, row["maker"].strip(), state, said, day)
