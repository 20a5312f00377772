"""Answers: a question asked of the record, with its three numbers, who has the units, and what the record does not know."""

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.access.rights import RECORD_READ
from asbuilt.built.programming.modules import module_rows
from asbuilt.designed.parties.queries import names as party_names
from asbuilt.designed.parties.queries import names_of
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import parse_instant
from asbuilt.kernel.spans import CERTAIN, POSSIBLE, UNRECORDED, UnitSet, opened, united
from asbuilt.questions.genealogy.answering.serials import serials_of
from asbuilt.questions.genealogy.evaluating.came_out import left_with
from asbuilt.questions.genealogy.evaluating.evaluate import units_of
from asbuilt.questions.genealogy.evaluating.firmware import runs_over, units_of_releases
from asbuilt.questions.genealogy.evaluating.history import sent_to
from asbuilt.questions.genealogy.evaluating.last_in_doubt import may_run
from asbuilt.questions.genealogy.evaluating.states import outside_now, returned_now
from asbuilt.questions.genealogy.evaluating.tool_only import on_a_tools_word, weak_attempts
from asbuilt.questions.genealogy.evaluating.view import BEGUN, BUILT, SCRAPPED, BlockRow, Gap, View
from asbuilt.questions.genealogy.words import language
from asbuilt.questions.genealogy.words.language import And, Or, Term
from asbuilt.questions.genealogy.words.more_terms import NOTES_ABOVE
from asbuilt.questions.genealogy.words.saying import readback, unparse
from asbuilt.questions.genealogy.words.terms import gettext_noop as _
from asbuilt.storage import reading

GAPS_MAX = 50
POSITIONS_SAID_MAX = 6


@dataclass
class Answer:
    """An answer with everything that pages, commands and certificates say of it."""

    question: str
    readback: str
    as_of: str | None
    view: View
    affected: UnitSet
    finished: UnitSet
    by: dict[str, list[dict]]
    gaps: list[str]
    notes: list[str]
    checkpoint: dict
    elapsed_ms: float = 0.0
    with_serials: bool = False
    tops: dict[int, int] = field(default_factory=dict)

    def serials(self) -> list[dict]:
        """All affected units in axis order, by serial number, ORDER#n where a unit has none."""
        return [{"serial": serial, "certainty": grade} for _, serial, grade in serials_of(self.view, self.affected)]

    def as_dict(self) -> dict:
        """The JSON of design section 6."""
        said = {
            "question": self.question,
            "as_of": self.as_of,
            "affected": self.affected.counts(),
            "finished": self.finished.counts(),
            "by": self.by,
            "spans": [list(span) for span in self.affected.spans()],
            "gaps": self.gaps,
            "notes": self.notes,
            "checkpoint": self.checkpoint,
            "elapsed_ms": self.elapsed_ms,
        }
        if self.with_serials:
            said["serials"] = self.serials()
        return said


def ask(
    actor: Actor,
    question: str,
    *,
    as_of: str | None = None,
    serials: bool = False,
    gettext=None,
    number=None,
    trust: bool = True,
) -> Answer:
    """The answer to a question, as known now or at `as_of` (a day or an instant). Reads one snapshot of the record.

    `gettext` and `number` say it in another language than English. Without `trust` whoever asks says himself how far it can be trusted. Raises Invalid for grammar, NotFound for a name that nothing has, NotAllowed without the right to read.
    """
    actor.require(RECORD_READ)
    began = time.perf_counter()
    language.parse(question, gettext=gettext or language.same)
    language.refuse_backwards(question, gettext=gettext or language.same)
    with reading.snapshot(prepared=not as_of):
        view, affected, notes = evaluated(actor, question, as_of, gettext, number, trust=trust)
        answer = _answer(view, question, read_back(question, gettext), as_of, affected, notes)
        answer.with_serials = serials
    answer.elapsed_ms = round((time.perf_counter() - began) * 1000, 2)
    return answer


def evaluated(
    actor: Actor,
    question: str,
    as_of: str | None,
    gettext,
    number,
    states: bool = True,
    trust: bool = True,
    at_once=None,
) -> tuple[View, UnitSet, list[str]]:
    """The view of a question, the units that it means, and what is noted of it. Inside a snapshot. `states`: their states are asked for next;
    `trust`: how far terms of rooms above can be trusted is noted too; `at_once`: what was read of the one lot that is asked for."""
    say = gettext or language.same
    tree = language.parse(question, gettext=say)
    view = View(actor, say=say, number=number or "{:,}".format, states=states)
    if as_of:
        view.entry = entry_known_at(view, as_of)
    if at_once is not None:
        view.told(at_once)
    affected = units_of(view, tree)
    notes = list(view.notes)
    if not affected and isinstance(tree, And):
        notes += _meet_inside(view, tree)
    for name in sorted(NOTES_ABOVE.keys() & _names(tree)) if trust else ():
        notes += NOTES_ABOVE[name](view)
    return view, affected, notes


def _names(node) -> set[str]:
    """The terms that a question has."""
    if isinstance(node, Term):
        return {node.name}
    return set().union(*map(_names, node.parts if isinstance(node, And | Or) else (node.part,)))


def read_back(question: str, gettext=None) -> str:
    """A question in plain words; in English those said last are remembered, as holds and watch lists ask the same again."""
    return readback(language.parse(question, gettext=gettext), gettext=gettext) if gettext else _in_english(question)


@lru_cache(language.PARSED_REMEMBERED_MAX)
def _in_english(question: str) -> str:
    return readback(language.parse(question))


def entry_known_at(view: View, text: str) -> int:
    """The last entry that was recorded by a moment; a day means its end in the tenant's time zone."""
    try:
        if "T" in text:
            moment = parse_instant(text)
        else:
            day = date.fromisoformat(text) + timedelta(days=1)
            midnight = datetime(day.year, day.month, day.day, tzinfo=view.zone).astimezone(UTC)
            moment = int(midnight.timestamp()) * 1_000_000 - 1
    except (ValueError, OverflowError) as error:
        raise Invalid(
            "question.as_of",
            f"{text[:80]} is no day and no instant: {error}.",
            {},
            "Write 2027-03-15 or 2027-03-15T08:00:00Z.",
        ) from None
    sql = "SELECT max(number) FROM ledger_entry WHERE tenant = %s AND recorded_at <= %s"
    return reading.fetch_one(sql, (view.tenant, moment))[0] or 0


def _answer(view: View, question: str, readback: str, as_of: str | None, affected: UnitSet, notes: list[str]) -> Answer:
    tops = tops_of(view, affected)
    finished = finished_of(affected, tops)
    blocks = view.blocks_over(affected.unrecorded)
    orders = _orders(view, blocks)
    of_order = _by_order(affected, blocks)
    sent = sent_to(view, finished.unrecorded)
    by = {
        "customer": by_customer(sent, finished),
        "owner": _rows("owner", _summed((orders[order][1], counts) for order, counts in of_order.items())),
        "order": _rows("order", ((orders[order][0], counts) for order, counts in of_order.items())),
        "firmware": _by_firmware(view, affected),
        "state": _by_state(view, sent, finished),
    }
    return Answer(
        question,
        readback,
        as_of,
        view,
        affected,
        finished,
        by,
        [
            *_gaps(view, affected, {order: said[0] for order, said in orders.items()}),
            *gone_astray(view, finished.unrecorded),
        ],
        notes,
        head_of(view),
        tops=tops,
    )


def head_of(view: View) -> dict:
    """The head of the log that the answer was read under."""
    size, root = view.recorded.size, view.recorded.root
    return {"size": 0, "root": ""} if size is None else {"size": size, "root": bytes(root).hex()}


def tops_of(view: View, affected: UnitSet) -> dict[int, int]:
    """Unit -> the outermost unit that contains it, where the reader sees that one."""
    return {unit: top for unit, top in view.outermost(affected.unrecorded).items() if view.sees(top)}


def finished_of(affected: UnitSet, tops: dict[int, int]) -> UnitSet:
    """The outermost units that contain them, each with the highest grade among those inside."""
    if not tops:
        return affected
    inside = BitMap(tops)
    grades = []
    for units in (affected.certain, affected.possible, affected.unrecorded):
        grades.append((units - inside) | BitMap(tops[unit] for unit in units & inside))
    return UnitSet(*grades)


def _rows(key: str, counted: Iterable[tuple[str | None, dict[str, int]]]) -> list[dict]:
    """One row for each group that counts something, most first, None last."""
    rows = [{key: name, **counts} for name, counts in counted if any(counts.values())]
    if len(rows) > 1:
        rows.sort(key=lambda row: (row[key] is None, -row[CERTAIN], -row[POSSIBLE], -row[UNRECORDED], str(row[key])))
    return rows


def by_customer(sent: dict[str, BitMap], finished: UnitSet) -> list[dict]:
    """The three numbers of each customer, and of those not shipped."""
    counted = [(customer, finished.count_in(units)) for customer, units in sent.items()]
    # a unit is with one customer at a time, so those with none are the rest of the count
    left = finished.counts()
    for grade in left:
        left[grade] -= sum([counts[grade] for _name, counts in counted])
    return _rows("customer", [*counted, (None, left)])


def _summed(counted: Iterable[tuple[str | None, dict[str, int]]]) -> Iterable[tuple[str | None, dict[str, int]]]:
    """Groups of one name as one."""
    found: dict[str | None, dict[str, int]] = {}
    for name, counts in counted:
        there = found.get(name)
        found[name] = {grade: count + there[grade] for grade, count in counts.items()} if there else counts
    return found.items()


def _by_order(affected: UnitSet, blocks: list[BlockRow]) -> dict[int, dict[str, int]]:
    """Order -> the three numbers of its units."""
    return dict(_summed((block.order, affected.count_between(block.first, block.until)) for block in blocks))


def _orders(view: View, blocks: list[BlockRow]) -> dict[int, tuple[str, str | None]]:
    """Order -> its code and the name of its owner. One statement."""
    sql = (
        "SELECT o.number, o.code, p.name, o.owner FROM production_order o LEFT JOIN parties_party p ON p.tenant = o.tenant "
        f"AND p.number = o.owner WHERE o.tenant = %s AND {reading.any_of('o.number')}"
    )
    numbers = sorted({block.order for block in blocks})
    rows = reading.fetch(sql + view.seen("o"), (view.tenant, reading.list_param(numbers))) if numbers else []
    then = {} if view.entry is None else party_names(view.tenant, view.entry)
    return {number: (code, then.get(owner, name)) for number, code, name, owner in rows}


def _by_firmware(view: View, affected: UnitSet) -> list[dict]:
    """Units by the version that they certainly run; those of which only a tool's word is known stand with those of none."""
    rows = runs_over(view, affected.unrecorded)
    releases = _app_releases(view, {row[0] for row in rows}) if affected else []
    versions = {release: version for release, version, _packed in releases}
    of_version: dict[str, list[int]] = defaultdict(list)
    for release, version in versions.items():
        of_version[version].append(release)
    running: dict[str, list] = defaultdict(list)
    for release, first, until, units in rows:
        if release in versions:
            running[versions[release]].append(opened(first, until, units))
    for release, some in may_run(view, affected.unrecorded).items() if rows else ():
        if release in versions:
            running[versions[release]] = [held - some for held in running[versions[release]]]
    if rows and weak_attempts(view, affected.unrecorded):
        for version, held in running.items():
            mine = united(held) & affected.unrecorded
            running[version] = [mine - on_a_tools_word(view, mine, of_version[version], False)]
    packed = {version for _, version, came in releases if came}
    for version, units in _came_with(view, affected, {version: of_version[version] for version in packed}).items():
        running[version].append(units)
    groups: dict[str | None, BitMap] = {version: united(held) for version, held in running.items()}
    groups[None] = affected.unrecorded.difference(*groups.values()) if groups else affected.unrecorded
    return _rows("firmware", ((version, affected.count_in(units)) for version, units in groups.items()))


def _app_releases(view: View, loaded: set[int]) -> list[tuple[int, str, bool]]:
    """(release, version, whether packages came programmed with it) of the main firmware among those loaded and those with
    which packages or modules came. Two statements."""
    known = view.recorded
    modules = {row.release for row in module_rows(view.tenant, view.entry)} if known.module_firmware else set()
    if not known.package_programmed:
        sql = "SELECT number, version FROM firmware_release WHERE tenant = %s AND role IN ('app', '') AND "
        wanted = reading.list_param(sorted(loaded | modules))
        rows = reading.fetch(sql + reading.any_of("number"), (view.tenant, wanted))
        return [(release, version, release in modules) for release, version in rows]
    packages = "SELECT DISTINCT t.release FROM programming_package t WHERE t.tenant = %s AND t.result = 0" + view.seen(
        "t"
    )
    sql = (
        f"SELECT f.number, f.version, p.release IS NOT NULL FROM firmware_release f LEFT JOIN ({packages}) p "
        "ON p.release = f.number WHERE f.tenant = %s AND f.role IN ('app', '') "
        f"AND (p.release IS NOT NULL OR {reading.any_of('f.number')})"
    )
    rows = reading.fetch(sql, (view.tenant, view.tenant, reading.list_param(sorted(loaded | modules))))
    return [(release, version, bool(came) or release in modules) for release, version, came in rows]


def _came_with(view: View, affected: UnitSet, versions: dict[str, list[int]]) -> dict[str, BitMap]:
    """Version -> those of the units that certainly run one of its releases, as a package on them came programmed.

    The releases of a version are asked for together: two packages of a splice may have come with it from two products.
    """
    gaps = list(view.gaps)
    found = {
        version: units_of_releases(view, releases, False, affected.unrecorded).certain & affected.unrecorded
        for version, releases in versions.items()
    }
    view.gaps[:] = gaps  # the question's own silence, not that of this count
    return found


def _by_state(view: View, sent: dict[str, BitMap], finished: UnitSet) -> list[dict]:
    left = finished.unrecorded
    counted: dict[str, dict[str, int]] = {}
    of_state = view.states_over(left)
    for name, units in (
        ("scrapped", of_state[SCRAPPED]),
        ("outside", outside_now(view, left)),
        ("returned", returned_now(view, left) if view.recorded.returned else BitMap()),
        ("shipped", united(sent.values())),
        ("stock", of_state[BUILT]),
        ("production", of_state[BEGUN]),
    ):
        if units and (mine := left & units):
            counted[name] = finished.count_in(mine)
            left = left - mine
    counted["planned"] = finished.count_in(left)
    return _rows("state", counted.items())


def gaps_of(view: View, affected: UnitSet) -> dict[Gap, BitMap]:
    """What the record does not know, with the units of the answer that it touches."""
    found: dict[Gap, BitMap] = {}
    for gap, units in view.gaps:
        mine = units & affected.unrecorded
        if mine:
            found.setdefault(gap, BitMap()).update(mine)
    return found


def _gaps(view: View, affected: UnitSet, codes: dict[int, str]) -> list[str]:
    """What `gaps_of` found, in words; `codes` of the orders that have affected units."""
    found = gaps_of(view, affected)
    if not found:
        return []
    said = sorted(_said(view, gap, len(units), codes) for gap, units in found.items())
    if len(said) <= GAPS_MAX:
        return said
    return [*said[:GAPS_MAX], view.say(_("and {count} more gaps")).format(count=view.number(len(said) - GAPS_MAX))]


def _said(view: View, gap: Gap, count: int, codes: dict[int, str]) -> str:
    units = view.say(_("1 unit") if count == 1 else _("{count} units")).format(count=view.number(count))
    at = " ".join(gap.at[:POSITIONS_SAID_MAX])
    if len(gap.at) > POSITIONS_SAID_MAX:
        at = view.say(_("{at} and {count} more")).format(at=at, count=view.number(len(gap.at) - POSITIONS_SAID_MAX))
    return view.say(gap.text).format(order=codes.get(gap.order, "?"), at=at, units=units)


def gone_astray(view: View, finished: BitMap) -> list[str]:
    """In words, by customer, how many of these units came out of what was there then, and nobody recorded where they went."""
    counted: dict[int, int] = {}
    for line, units in left_with(view, finished):
        if view.actor.party not in (None, line.customer):  # whose box it was is another's
            continue
        counted[line.customer] = counted.get(line.customer, 0) + len(units)
    if not counted:
        return []
    names = names_of(view.tenant, set(counted), view.entry)
    return [
        view.say(
            _(
                "{customer}: {units} taken out of what was there then; where to is not recorded. Counted by customer as not shipped, in this customer's notice as possible"
            )
        ).format(
            customer=names.get(party, "?"),
            units=view.say(_("1 unit") if count == 1 else _("{count} units")).format(count=view.number(count)),
        )
        for party, count in sorted(counted.items(), key=lambda one: names.get(one[0], "?"))
    ]


def _bare(part):
    """The part without parentheses of its own."""
    while isinstance(part, language.Bracket):
        part = part.part
    return part


def _meet_inside(view: View, tree: And) -> list[str]:
    """Terms that meet only inside the same finished units: say so, and offer the form that asks for it."""
    if not view.has_assemblies:
        return []
    sets = [units_of(view, part) for part in tree.parts]
    if not all(sets):
        return []
    tops = [finished_of(units, view.outermost(units.unrecorded)).unrecorded for units in sets]
    meeting = BitMap.intersection(*tops)
    if not meeting:
        return []
    parts = tuple(
        part if not meeting - units.unrecorded else language.Contains(_bare(part))
        for part, units in zip(tree.parts, sets, strict=True)
    )
    form = unparse(And(parts))
    count = len(units_of(view, And(parts)).unrecorded)
    if len(meeting) == 1:
        text = _("No unit has all of this, but these terms meet inside one finished unit. Ask {form} ({count}).")
    else:
        text = _(
            "No unit has all of this, but these terms meet inside the same {meeting} finished units. Ask {form} ({count})."
        )
    return [view.say(text).format(meeting=view.number(len(meeting)), form=form, count=view.number(count))]
