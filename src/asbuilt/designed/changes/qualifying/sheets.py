"""Alternates of a part: a sheet of candidates with what they can do for security, beside the part in use. Pure over lines, and its reads.

A candidate is `stated` until a qualification run begins, `running` in it, then `qualified` or `not_qualified`; a qualification can be revoked.
A candidate that was approved in parts.csv before the sheet named it stays approved: `running` says nothing against it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from asbuilt.designed.changes.qualifying.rule_files import NO, YES, properties
from asbuilt.designed.changes.said.lines import Line, codes_of, lines_named, lines_of
from asbuilt.designed.changes.said.stating import CODE_CHARACTERS_MAX, unknown

PREFIX, SHEET = "ALT-", "alternates sheet"
OPENED, CANDIDATE = "sheet_opened", "candidate"
# what runs say of a candidate, in the file of its sheet
RUN_BEGUN, RUN_ENDED = "candidate_run", "candidate_judged"
CURRENT, ALTERNATE = "current", "alternate"
STATED, RUNNING, QUALIFIED, NOT_QUALIFIED, REVOKED = "stated", "running", "qualified", "not_qualified", "revoked"
LOWER, SAME, HIGHER, DIFFERENT, UNKNOWN = "lower", "same", "higher", "different", "unknown"
SHEETS_MAX = 1_000


@dataclass
class Candidate:
    """A maker's part on a sheet; `run` and `order` of its last qualification run."""

    mpn: str
    maker: str
    role: str
    properties: dict[str, str]
    words: str
    file: dict[str, str]
    entry: int
    state: str = STATED
    run: str = ""
    order: str = ""


@dataclass
class Sheet:
    """The sheet of a part."""

    code: str
    part: str
    title: str
    notice: str
    opened_at: int
    lines: Sequence[Line]
    candidates: dict[tuple[str, str], Candidate] = field(default_factory=dict)

    @property
    def current(self) -> Candidate | None:
        """The part in use that the others are compared with; None where none was named."""
        return next((one for one in self.candidates.values() if one.role == CURRENT), None)

    def named(self, mpn: str, maker: str) -> Candidate | None:
        """The candidate that is called so, however it is written."""
        wanted = (mpn.casefold(), maker.casefold())
        return next(
            (one for one in self.candidates.values() if (one.mpn.casefold(), one.maker.casefold()) == wanted), None
        )

    def find(self, mpn: str, maker: str = "") -> Candidate | None:
        """The candidate of this MPN, of this maker where one is named."""
        fits = [
            one for (name, of), one in self.candidates.items() if name.casefold() == mpn.casefold()
            and (not maker or of.casefold() == maker.casefold())
        ]  # fmt: skip
        return fits[0] if len(fits) == 1 else None


def sheet_of(lines: Sequence[Line]) -> Sheet:
    """The sheet of these lines, the earliest first; the first one opened it."""
    first, said = lines[0], lines[0].said
    found = Sheet(first.about, first.name, said["title"], said.get("notice", ""), first.happened_at, lines)
    for line in lines[1:]:
        more = line.said
        key = (line.name, more["maker"])
        before = found.candidates.get(key)
        if line.kind == CANDIDATE:
            file = {name: more[name] for name in ("file", "sha256") if name in more}
            one = Candidate(line.name, more["maker"], more["role"], more["properties"], line.why, file, line.entry)
            if before is not None:
                one.entry, one.state, one.run, one.order = before.entry, before.state, before.run, before.order
            found.candidates[key] = one
        elif before is not None and line.kind == RUN_BEGUN:
            before.state, before.run, before.order = RUNNING, more["run"], more["order"]
        elif before is not None and line.kind == RUN_ENDED:
            before.state = more["verdict"]
    return found


def standing_sheet(tenant: int, code: str) -> Sheet:
    """The sheet with this code. NotFound: there is none. One statement."""
    lines = lines_of(tenant, [code[:CODE_CHARACTERS_MAX]]).get(code, []) if code.startswith(PREFIX) else []
    if not lines or lines[0].kind != OPENED:
        raise unknown(SHEET, code)
    return sheet_of(lines)


def standing_sheets(tenant: int, as_of: int | None = None) -> list[Sheet]:
    """The newest 1,000 sheets, the newest first, as they are now or were by an entry. Two statements."""
    codes = codes_of(tenant, OPENED, SHEETS_MAX)
    lines = lines_of(tenant, codes)
    return _by([lines[code] for code in codes], as_of)


def _by(files: Iterable[Sequence[Line]], as_of: int | None) -> list[Sheet]:
    said = ([line for line in lines if as_of is None or line.entry <= as_of] for lines in files)
    return [sheet_of(lines) for lines in said if lines]


def alternates(tenant: int, parts: Iterable[str], as_of: int | None = None) -> dict[str, list[Candidate]]:
    """Part -> the alternates that sheets name for it (never what is in use), now or by an entry. One statement where no sheet names one, else two."""
    found: dict[str, list[Candidate]] = {}
    for sheet in sheets_of_parts(tenant, parts, as_of):
        found.setdefault(sheet.part, []).extend(one for one in sheet.candidates.values() if one.role == ALTERNATE)
    return found


def sheets_of_parts(tenant: int, parts: Iterable[str], as_of: int | None = None) -> list[Sheet]:
    """The sheets of these parts. One statement where there is none, else two."""
    opened = lines_named(tenant, OPENED, parts)
    return _by(lines_of(tenant, [line.about for line in opened]).values(), as_of)


def was_meant(one: Candidate, as_of: int | None) -> bool:
    """Whether a candidate, read as of an entry, might be mounted anywhere then. Of what left at a moment that nobody here knows (None) it is taken
    that it was, where a run qualified it once."""
    return one.state == QUALIFIED or (as_of is None and one.state == REVOKED)


def compared(sheet: Sheet) -> list[dict]:
    """For each property: what is in use, and each alternate with how it compares; what nobody said stands as unknown."""
    current = sheet.current
    rows = []
    for one in properties()[1]:
        mine = current.properties.get(one.key, "") if current is not None else ""
        others = [
            {"mpn": each.mpn, "maker": each.maker, "value": each.properties.get(one.key, ""),
             "compares": _compares(one.kind, mine, each.properties.get(one.key, ""))}
            for each in sheet.candidates.values() if each.role == ALTERNATE
        ]  # fmt: skip
        rows.append(
            {"key": one.key, "words": one.words, "annex": list(one.annex), "current": mine, "alternates": others}
        )
    return rows


def _compares(kind: str, current: str, other: str) -> str:
    if not current or not other:
        return UNKNOWN
    if current.casefold() == other.casefold():
        return SAME
    if kind == "yes_no":
        return LOWER if (current, other) == (YES, NO) else HIGHER
    return DIFFERENT
