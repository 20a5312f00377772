"""What an exchange table is: its name, its columns in order, the rule for the cells of each.

Each column has a rule for its cells (formats/cells.py). `~name` below marks a column that a file may leave out.
Columns that only help to find a unit where its serial number is not unique (`product`, `parent_product`,
`child_product`) stand last and are no part of the row's identity.
"""

from dataclasses import dataclass
from functools import cached_property

from asbuilt.formats.cells import Count, Instant, Json, Number, Text, Word


@dataclass(frozen=True, eq=False)
class Table:
    """One exchange table: name without `.csv`, rules by column in canonical order, which columns may be missing.

    `finders` are the optional columns at the end that only help to find a unit; `one_of` names columns of which a row
    needs at least one, `together` columns that are all filled or all empty. `widths`: how many columns it had before others
    were added at its end; a row that leaves those empty may have been recorded without them.
    """

    name: str
    rules: dict[str, Text]
    optional: frozenset[str] = frozenset()
    finders: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """All columns in canonical order, optional ones included."""
        return tuple(self.rules)

    @cached_property
    def required(self) -> frozenset[str]:
        """The columns that a file must have."""
        return frozenset(self.rules) - self.optional

    @cached_property
    def fact_width(self) -> int:
        """How many columns, from the left, make a row's identity."""
        return len(self.rules) - len(self.finders)


def table_of(
    name: str,
    *columns: tuple[str, Text],
    finders: tuple[str, ...] = (),
    one_of: tuple[str, ...] = (),
    together: tuple[str, ...] = (),
    widths: tuple[int, ...] = (),
) -> Table:
    rules = {column.removeprefix("~"): rule for column, rule in columns}
    optional = {column[1:] for column, _ in columns if column.startswith("~")}
    rules |= dict.fromkeys(finders, TEXT)
    return Table(name, rules, frozenset(optional) | frozenset(finders), finders, one_of, together, widths)


TEXT = Text()
NAMED = Text(required=True)
INSTANT = Instant(required=True)
INSTANT_OR_EMPTY = Instant()
COUNT = Count(required=True)
COUNT_OR_EMPTY = Count()
NUMBER = Number(required=True)
JSON = Json()


def word(words: str, *, required: bool = True) -> Word:
    return Word(required=required, words=tuple(words.split()))
