"""Country codes: ISO 3166-1 alpha-2 as dated data, and what a cell that is none probably means.

    tidy("de")        -> "DE"; "EL" -> "GR"; what is no code comes back as it stands
    is_code("AT")     -> True
    lack_of("Austria")   -> (code, reason, remedy) for a row error; None for a code and for the empty cell

A country that is not written as its code is found in no list of Member States, so it is refused where it comes in. Names in remedies are English.
"""

import json
from functools import cache
from pathlib import Path

from asbuilt.formats.nearest import did_you_mean

_FILE = Path(__file__).with_name("data") / "countries.json"
NOT_A_CODE = "tables.cell_not_a_country"


@cache
def _names() -> dict[str, str]:
    """Code -> English name."""
    read = json.loads(_FILE.read_text(encoding="utf-8"))
    return {**read["codes"], **read["also"]}


@cache
def _read_as() -> dict[str, str]:
    return json.loads(_FILE.read_text(encoding="utf-8"))["read_as"]


def is_code(cell: str) -> bool:
    """Whether it is a code as it stands."""
    return cell in _names()


def tidy(cell: str) -> str:
    """The code that is meant: capitals, no blanks around it, EL as GR. A cell that means none comes back unchanged."""
    if is_code(cell):
        return cell
    folded = cell.strip().upper()
    code = _read_as().get(folded, folded)
    return code if is_code(code) else cell


def lack_of(cell: str) -> tuple[str, str, str] | None:
    """Why a cell is no country code and what to write, for a row error; None where it is one, or is empty."""
    if not cell or is_code(tidy(cell)):
        return None
    named = {name.casefold(): code for code, name in _names().items()}
    wanted = cell.strip().casefold()
    if wanted in named:
        remedy = f"Write {named[wanted]}."
    else:
        near = did_you_mean(cell, _names().values()) if len(wanted) > 3 else ""
        remedy = near and f"{near} Write its code." or "Write two letters of ISO 3166-1, such as DE."
    return NOT_A_CODE, "is no country code of ISO 3166-1", remedy
