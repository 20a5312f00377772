"""Names in questions: what a code means to this reader, and what he probably meant where nothing has it.

Codes compare exactly, else case-blind where only one fits. A bare code that names several things answers for all of them
and says which. Suggestions are computed on what the reader may see.
"""

from collections.abc import Iterable

from asbuilt.designed.parties.queries import called_at
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.errors import NotFound
from asbuilt.questions.genealogy.evaluating.borne import borne, not_gone
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words.terms import gettext_noop as _
from asbuilt.storage import reading

SUGGESTED_FROM_MAX = 2000


def unknown(kind: str, text: str, known: Iterable[str]) -> NotFound:
    """The clear error for a name that nothing has."""
    return NotFound(
        "question.unknown_name",
        f"There is no {kind} {text}.",
        {"kind": kind, "value": text},
        did_you_mean(text, known) or "Look at its spelling.",
    )


def either(view: View, forms: Iterable[str]) -> str:
    """Narrower questions as one of which is meant: `A or B`."""
    return f" {view.say(_('or'))} ".join(forms)


def numbers(view: View, kind: str, text: str, table: str, columns: Iterable[str], key: str = "number") -> list[int]:
    """The numbers of the rows that have this code in one of the columns; exactly, else case-blind if one fits.

    None where the name came later than the moment of the question. NotFound for a name that nothing has, or had and was withdrawn.
    """
    columns = tuple(columns)
    if (table, columns, key, text) not in view.names:
        view.names[table, columns, key, text] = _numbers(view, kind, text, table, columns, key)
    return list(view.names[table, columns, key, text])


def _parties_then(view: View, kind: str, text: str) -> list[int]:
    """Parties by code or name as they were called at the moment of the question; none where all are called so since. Two statements."""
    known = called_at(view.tenant, view.entry)
    exactly = sorted(number for number, called in known.items() if text in called)
    if exactly:
        return exactly
    alike = [(number, one) for number, called in known.items() for one in called if one.lower() == text.lower()]
    if len({one for _, one in alike}) == 1:
        return sorted({number for number, _ in alike})
    sql = (
        "SELECT 1 FROM parties_party t WHERE t.tenant = %s AND (lower(t.code) = lower(%s) OR lower(t.name) = lower(%s))"
        f"{not_gone(view, 't')} LIMIT 1"
    )
    if reading.fetch_one(sql, (view.tenant, text, text)):
        return []  # it came later than the moment of the question
    raise unknown(kind, text, suggestions(view, "parties_party", ("code", "name")))


def _numbers(view: View, kind: str, text: str, table: str, columns: tuple[str, ...], key: str) -> list[int]:
    if view.entry is not None and table == "parties_party":
        return _parties_then(view, kind, text)
    seen = view.seen("t") if table in WITH_ENTRY else borne(view, table)
    where = " OR ".join(f"t.{column} = %s" for column in columns)
    sql = f"SELECT DISTINCT t.{key} FROM {table} t WHERE t.tenant = %s AND ({where}){seen}"
    found = [row[0] for row in reading.fetch(sql, (view.tenant, *[text] * len(columns)))]
    if found:
        return sorted(found)
    written = ", ".join(f"CASE WHEN lower(t.{column}) = lower(%s) THEN t.{column} END" for column in columns)
    where = " OR ".join(f"lower(t.{column}) = lower(%s)" for column in columns)
    sql = f"SELECT DISTINCT t.{key}, {written} FROM {table} t WHERE t.tenant = %s AND ({where}){seen}"
    texts = (*[text] * len(columns), view.tenant, *[text] * len(columns))
    rows = reading.fetch(sql, texts)
    # one code may name several rows: a lot code of two makers
    if len({code for _, *codes in rows for code in codes if code is not None}) == 1:
        return sorted({row[0] for row in rows})
    later = f"{sql.removesuffix(seen)}{not_gone(view, 't')} LIMIT 1"
    if view.entry is not None and table in WITH_ENTRY and reading.fetch_one(later, texts):
        return []  # it came later than the moment of the question
    raise unknown(kind, text, suggestions(view, table, columns))


def position(view: View, text: str) -> str:
    """The position as BOMs write it. A reader with a narrow view is not told which positions others have."""
    if view.visible is not None or text in view.positions:
        return text
    for condition in ("refdes = %s", "lower(refdes) = lower(%s)"):
        sql = f'SELECT DISTINCT refdes, "group" FROM catalog_group_position WHERE tenant = %s AND {condition}'
        rows = reading.fetch(sql, (view.tenant, text))
        if len({refdes for refdes, _ in rows}) == 1 and _on_a_bom(view, {group for _, group in rows}):
            return rows[0][0]
    raise unknown("position", text, suggestions(view, "catalog_group_position", ("refdes",)))


def _on_a_bom(view: View, groups: Iterable[int]) -> bool:
    """Whether a line of a BOM that was not withdrawn by then has one of these groups of positions. One statement."""
    sql = "SELECT 1 FROM catalog_bom_line k WHERE k.tenant = %s AND " + reading.any_of('k."group"')
    listed = reading.list_param(sorted(groups))
    return reading.fetch_one(f"{sql}{not_gone(view, 'k')} LIMIT 1", (view.tenant, listed)) is not None


WITH_ENTRY = frozenset({
    "parties_party", "catalog_manufacturer_part", "catalog_bom_line", "firmware_release", "supply_package",
    "production_order", "production_block", "production_panel", "shipping_line",
})  # fmt: skip


def suggestions(view: View, table: str, columns: Iterable[str]) -> list[str]:
    """Codes to suggest. A party reader gets none: what he may see is found by asking, not by guessing."""
    if view.visible is not None:
        return []
    found: list[str] = []
    # what completion would offer: a name that was withdrawn is no advice
    seen = view.seen("t") if table in WITH_ENTRY else borne(view, table)
    for column in columns:
        sql = f"SELECT DISTINCT t.{column} FROM {table} t WHERE t.tenant = %s{seen} LIMIT {SUGGESTED_FROM_MAX}"
        found += [row[0] for row in reading.fetch(sql, (view.tenant,)) if row[0]]
    return found
