"""Reads of change notices and of life cycles, without asking who reads: rooms above narrow them to what a reader may see."""

from collections.abc import Iterable
from dataclasses import dataclass

from asbuilt.designed.changes.said.lines import Line, codes_of, lines_named, lines_of
from asbuilt.designed.changes.said.stating import CODE_CHARACTERS_MAX, unknown
from asbuilt.designed.changes.sourcing.life_cycles import LIFE_CYCLE
from asbuilt.designed.changes.sourcing.notice_file import NOTICE, PREFIX, TAKEN, ChangeNotice, notice_of
from asbuilt.storage import reading

NOTICES_MAX = 1_000
CYCLES_MAX = 5_000


def standing_notice(tenant: int, code: str) -> ChangeNotice:
    """The change notice with this code. NotFound: there is none. One statement."""
    lines = lines_of(tenant, [code[:CODE_CHARACTERS_MAX]]).get(code, []) if code.startswith(PREFIX) else []
    if not lines or lines[0].kind != TAKEN:
        raise unknown(NOTICE, code)
    return notice_of(lines)


def standing_notices(tenant: int, *, open_only: bool = False) -> list[ChangeNotice]:
    """The newest 1,000 change notices, the newest first. Two statements."""
    codes = codes_of(tenant, TAKEN, NOTICES_MAX)
    lines = lines_of(tenant, codes)
    found = [notice_of(lines[code]) for code in codes]
    return [one for one in found if one.open or not open_only]


def known_notice(tenant: int, maker: str, number: str) -> str:
    """The code under which this notice of this maker was taken; empty where it was not. One statement."""
    for line in lines_named(tenant, TAKEN, [number]):
        if line.said["maker"].casefold() == maker.casefold():
            return line.about
    return ""


@dataclass(frozen=True)
class LifeCycle:
    """The state of a maker's part as a file said it last: our word, its own, until when it can be bought; from which file, when."""

    mpn: str
    maker: str
    state: str
    said: str
    last_buy: str
    file: str
    sha256: str
    source: str
    code: str
    happened_at: int


def life_cycles(tenant: int, mpns: Iterable[str] | None = None) -> list[LifeCycle]:
    """Of each maker's part what was said last (of these, or of all), by MPN and maker. One statement."""
    if mpns is None:
        codes = codes_of(tenant, LIFE_CYCLE, CYCLES_MAX)
        lines = [line for some in lines_of(tenant, codes).values() for line in some if line.kind == LIFE_CYCLE]
        lines.sort(key=lambda line: (line.entry, line.row))
    else:
        lines = lines_named(tenant, LIFE_CYCLE, mpns)
    last: dict[tuple[str, str], Line] = {(line.name, line.said["maker"]): line for line in lines}
    found = []
    for (mpn, maker), line in sorted(last.items()):
        said = line.said
        found.append(
            LifeCycle(
                mpn,
                maker,
                said["state"],
                said["said"],
                said.get("last_buy", ""),
                said["file"],
                said["sha256"],
                said["source"],
                line.about,
                line.happened_at,
            )  # fmt: skip
        )
    return found


def makers_parts(tenant: int) -> dict[str, set[str]]:
    """MPN in lower case -> the spellings that approved parts have. One statement."""
    sql = "SELECT DISTINCT mpn FROM catalog_manufacturer_part WHERE tenant = %s AND until_entry IS NULL AND mpn <> ''"
    found: dict[str, set[str]] = {}
    for (mpn,) in reading.fetch(sql, (tenant,)):
        found.setdefault(mpn.casefold(), set()).add(mpn)
    return found
