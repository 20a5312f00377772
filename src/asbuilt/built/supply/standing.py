"""May this package be mounted? Reads for gate and setups: its status now, and how long its material lasts.

    standing_of(tenant, "PK-004417")            in quarantine since ..., by whom, why, what to do
    floor_life(tenant, "PK-004388", at)         over since ...: bake it

Both give a verdict with its reason and what to do; mounting itself is done elsewhere. A status is the one said last by the
time at which it was so, ties by entry; lots.csv says the first.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from asbuilt.built.supply import moisture
from asbuilt.built.supply.moisture import DAY_US, HOUR_US, Event
from asbuilt.kernel.instants import format_instant
from asbuilt.storage import reading

RELEASED, QUARANTINE, REJECTED = "released", "quarantine", "rejected"


def gettext_noop(text: str) -> str:
    """Mark a text for the translators and leave it as it is."""
    return text


_ = gettext_noop
# why a package may not be mounted, and what to do; pages say both in their own language
WHY = {
    "quarantine": _("Package %(package)s is in quarantine since %(at)s: %(reason)s."),
    "quarantine_since": _("Package %(package)s is in quarantine since %(at)s."),
    "quarantine_bare": _("Package %(package)s is in quarantine."),
    "rejected": _("Package %(package)s is rejected since %(at)s: %(reason)s."),
    "rejected_since": _("Package %(package)s is rejected since %(at)s."),
    "rejected_bare": _("Package %(package)s is rejected."),
    "expired": _("%(package)s expired on %(day)s."),
    "bake_first": _("%(package)s is level 6: it is baked before use."),
    "hours_unknown": _("Nobody said how long %(package)s may lie open; a package of level 6 has it on its label."),
    "floor_over": _("Floor life of %(package)s ended %(at)s (%(hours)s h)."),
    "bag_over": _("The dry bag of %(package)s was sealed on %(day)s; it keeps %(days)s days."),
    "discarded": _("%(package)s was thrown away."),
    "thaws_over": _("%(package)s was thawed %(times)s times, %(most)s at most."),
    "open_over": _("Life after opening of %(package)s ended %(at)s."),
    "stencil_over": _("Stencil life of %(package)s ended %(at)s."),
    "not_thawed": _("%(package)s is not thawed: %(hours)s h at room temperature, closed."),
    "thawing": _("%(package)s is not thawed: %(hours)s h at room temperature, closed; ready %(at)s."),
}
_AWAY = _("Throw it away and take another one.")
_BAKE = _("Bake it as J-STD-033 has it for its body and thickness, or take another package.")
_RED = _("Put it on the red shelf and take another package.")
_QUALITY = _("Put it on the red shelf; take another package. A quality lead may release it.")
TO_DO = {
    "quarantine": _QUALITY,
    "quarantine_since": _QUALITY,
    "quarantine_bare": _QUALITY,
    "rejected": _RED,
    "rejected_since": _RED,
    "rejected_bare": _RED,
    "expired": _RED,
    "bake_first": _BAKE,
    "hours_unknown": _("Record the hours of the label (floor_hours_max) first."),
    "floor_over": _BAKE,
    "bag_over": _BAKE,
    "discarded": _AWAY,
    "thaws_over": _AWAY,
    "open_over": _AWAY,
    "stencil_over": _AWAY,
    "not_thawed": _("Take it out of the cold and say so here."),
    "thawing": _("Wait until it is ready."),
}
LIFE_CELLS = (
    "msl", "sealed_on", "expires_on", "floor_hours_max", "thaw_hours_min", "thaws_max", "open_hours_max",
    "stencil_hours_max",
)  # fmt: skip
PASTE_CELLS = ("thaw_hours_min", "open_hours_max", "stencil_hours_max", "thaws_max")
PASTE_EVENTS = frozenset({"thawing", "cooled", "applied", "removed"})


@dataclass(frozen=True)
class Standing:
    """The status of a package: since when, by whom (a person's number), why; whether it may be mounted.

    Where it may not, `because` names the reason (a key of `WHY`) and `facts` what stands in its sentence; `entry` is the log's of the status.
    """

    package: str
    status: str
    since: int | None
    by: int | None
    reason: str
    may_mount: bool
    because: str = ""
    facts: dict = field(default_factory=dict)
    entry: int = field(default=0, compare=False)

    @property
    def why(self) -> str:
        """Why it may not be mounted, as a sentence; empty where it may."""
        return _told(self.because, self.facts)

    @property
    def remedy(self) -> str:
        """What to do then."""
        return TO_DO.get(self.because, "")


@dataclass(frozen=True)
class FloorLife:
    """How long a package's material lasts: of which kind the clock is, its state, when it ends, whether it may be mounted.

    Where it may not, `because` names the reason and `facts` what stands in its sentence.
    kind: none, moisture or paste. state: none, closed, running, paused, over; cold, thawing, thawed, open, applied,
    discarded; expired. `left_us` and `ends_at` are None where no clock runs.
    """

    package: str
    kind: str
    level: str
    state: str
    may_mount: bool
    since: int | None = None
    ends_at: int | None = None
    left_us: int | None = None
    because: str = ""
    facts: dict = field(default_factory=dict)
    rule_set: str = ""

    @property
    def why(self) -> str:
        """Why it may not be mounted, as a sentence; empty where it may."""
        return _told(self.because, self.facts)

    @property
    def remedy(self) -> str:
        """What to do then."""
        return TO_DO.get(self.because, "")


@dataclass(frozen=True)
class _Package:
    code: str
    part: str
    mpn: str
    maker: str
    status: str
    entry: int
    received_at: int | None


def standing_of(tenant: int, package: str) -> Standing | None:
    """The status of one package; None where there is no such package. Two statements."""
    return standings_of(tenant, [package]).get(package)


def standings_of(tenant: int, packages: Iterable[str]) -> dict[str, Standing]:
    """Code -> status of those of these packages that there are. Two statements."""
    codes = sorted(set(packages))
    last, found = _said_last(tenant, codes), {}
    for one in _packages(tenant, codes):
        *said, entry = last.get(one.code, (one.status, one.received_at, None, "", one.entry))
        found[one.code] = replace(_standing(one.code, *said), entry=entry)
    return found


def not_released(tenant: int, packages: Iterable[int]) -> list[tuple[int, str, str]]:
    """(number, code, status now) of those of these packages that are not released, by code. One statement."""
    now, stopped = standing_sql("p")
    sql = f"SELECT p.number, p.code, {now} FROM supply_package p WHERE p.tenant = %s AND {reading.any_of('p.number')} AND {stopped} ORDER BY p.code"
    return reading.fetch(sql, (tenant, reading.list_param(packages)))


def standing_sql(package: str) -> tuple[str, str]:
    """(its status now, whether it is not released) of a package as expressions, for statements that ask more of many packages."""
    of_package = f"FROM supply_package_status s WHERE s.tenant = {package}.tenant AND s.package = {package}.code AND s.until_entry IS NULL"
    now = f'COALESCE((SELECT s.status {of_package} ORDER BY s.happened_at DESC, s.entry DESC, s."row" DESC LIMIT 1), {package}.status)'
    # of most nobody said anything since they came: what was said last is looked for only where something was
    said = f"({package}.status <> '{RELEASED}' OR (SELECT s.package {of_package} LIMIT 1) IS NOT NULL)"
    return now, f"({said} AND {now} <> '{RELEASED}')"


def statuses_said(tenant: int, packages: Iterable[str], as_of: int | None = None) -> dict[str, str]:
    """Code -> status of those of which one was said after they came, by entry `as_of`; the others have that of lots.csv.

    One statement.
    """
    return {code: said[0] for code, said in _said_last(tenant, sorted(set(packages)), as_of).items()}


def statuses_at(tenant: int, packages: Iterable[str]) -> Callable[[str, str, int | None], str]:
    """A function of a package's code, its status of lots.csv and an instant (None: now): its status then. One statement."""
    said = defaultdict(list)
    for code, status, since, *_ in _said(tenant, sorted(set(packages))):
        said[code].append((since, status))

    def status(code: str, first: str, at: int | None) -> str:
        return next((one for since, one in reversed(said.get(code, ())) if at is None or since <= at), first)

    return status


def _said_last(
    tenant: int, codes: list[str], as_of: int | None = None
) -> dict[str, tuple[str, int, int | None, str, int]]:
    return {code: tuple(said) for code, *said in _said(tenant, codes, as_of)}


def _said(tenant: int, codes: list[str], as_of: int | None = None) -> list[tuple]:
    """(package, status, happened at, operator, reason, entry) of every status said of these packages, the last one last."""
    stands = "until_entry IS NULL"
    if as_of is not None:
        stands = f"entry <= {int(as_of)} AND (until_entry IS NULL OR until_entry > {int(as_of)})"
    sql = (
        "SELECT package, status, happened_at, operator, reason, entry FROM supply_package_status WHERE tenant = %s AND "
        f"{stands} AND " + reading.any_of("package", "text") + ' ORDER BY happened_at, entry, "row"'
    )
    return reading.fetch(sql, (tenant, reading.list_param(codes)))


def _standing(code: str, status: str, since: int | None, by: int | None, reason: str) -> Standing:
    if status == RELEASED:
        return Standing(code, status, since, by, reason, True)
    # only the first status, from lots.csv, may come without its time; it never has a reason
    because = status if reason else f"{status}_since" if since is not None else f"{status}_bare"
    facts = {"package": code, "at": since, "reason": reason.removesuffix(".")}
    return Standing(code, status, since, by, reason, False, because, facts)


def _told(because: str, facts: dict) -> str:
    """The sentence in English, instants as the record writes them."""
    if not because:
        return ""
    said = {
        name: format_instant(value) if name == "at" and value is not None else value for name, value in facts.items()
    }
    return WHY[because] % said


def statuses_now(tenant: int, packages: Iterable[str]) -> dict[str, str]:
    """Code -> status now, for lists and pages. Two statements."""
    return {code: one.status for code, one in standings_of(tenant, packages).items()}


def floor_life(tenant: int, package: str, at: int) -> FloorLife | None:
    """How the clocks of a package stand at an instant; None where there is no such package. Five statements."""
    return floor_lives(tenant, [package], at).get(package)


def floor_lives(tenant: int, packages: Iterable[str], at: int) -> dict[str, FloorLife]:
    """Code -> how its clocks stand at an instant, of those of these packages that there are. Four statements, and some
    more where days count."""
    found = _packages(tenant, sorted(set(packages)))
    said, events, levels = _lives(tenant, found), _events(tenant, found), _catalogue_levels(tenant, found)
    return {one.code: _life_of(tenant, one, said[one.code], events[one.code], levels, at) for one in found}


def _life_of(tenant: int, one: _Package, said: dict, events: list[Event], levels: dict, at: int) -> FloorLife:
    expired = _expired(tenant, one, said, at)
    if expired:
        return expired
    if any(event.event in PASTE_EVENTS for event in events) or any(said[name] is not None for name in PASTE_CELLS):
        return _paste(one, said, events, at)
    level = said["msl"] or _catalogue_level(levels.get(one.part, ()), one)
    if not level or moisture.floor_hours_of(level) is None:
        return FloorLife(one.code, "none", level, "none", True, rule_set=moisture.rule_set())
    return _moisture(tenant, one, said, level, events, at)


def _packages(tenant: int, codes: Iterable[str]) -> list[_Package]:
    sql = (
        "SELECT p.code, c.code, l.mpn, l.maker, p.status, p.entry, p.received_at FROM supply_package p "
        "JOIN supply_lot l ON l.tenant = p.tenant AND l.number = p.lot "
        "JOIN catalog_part c ON c.tenant = p.tenant AND c.number = p.part WHERE p.tenant = %s AND p.until_entry IS NULL AND "
    )
    rows = reading.fetch(sql + reading.any_of("p.code", "text"), (tenant, reading.list_param(codes)))
    return [_Package(*row) for row in rows]


def _lives(tenant: int, packages: list[_Package]) -> dict[str, dict]:
    """Code -> what was said last of each cell: of the package, else of its part."""
    named = ", ".join(LIFE_CELLS)
    sql = (
        f"SELECT part, package, {named} FROM supply_life WHERE tenant = %s AND until_entry IS NULL AND "
        f"({reading.any_of('package', 'text')} OR (package = '' AND {reading.any_of('part', 'text')})) "
        'ORDER BY happened_at, entry, "row"'
    )
    codes, parts = ([getattr(one, name) for one in packages] for name in ("code", "part"))
    rows = reading.fetch(sql, (tenant, reading.list_param(codes), reading.list_param(sorted(set(parts)))))
    of_package, of_part = defaultdict(dict), defaultdict(dict)
    for part, package, *cells in rows:
        said = {name: cell for name, cell in zip(LIFE_CELLS, cells, strict=True) if cell not in (None, "")}
        (of_package[package] if package else of_part[part]).update(said)
    return {one.code: dict.fromkeys(LIFE_CELLS) | of_part[one.part] | of_package[one.code] for one in packages}


def _catalogue_levels(tenant: int, packages: list[_Package]) -> dict[str, list[tuple[str, str, str]]]:
    """Part -> (mpn, maker, level) of its manufacturer parts that have one."""
    sql = (
        "SELECT c.code, m.mpn, m.maker, m.msl FROM catalog_manufacturer_part m JOIN catalog_part c ON c.tenant = m.tenant "
        "AND c.number = m.part WHERE m.tenant = %s AND m.until_entry IS NULL AND m.msl <> '' AND "
    )
    found = defaultdict(list)
    parts = sorted({one.part for one in packages})
    for part, *said in reading.fetch(sql + reading.any_of("c.code", "text"), (tenant, reading.list_param(parts))):
        found[part].append(tuple(said))
    return found


def _catalogue_level(said: Iterable[tuple[str, str, str]], one: _Package) -> str:
    """The level of the manufacturer part, of several the most sensitive; empty where none is recorded."""
    known = moisture.levels()
    fits = [
        msl.casefold()
        for mpn, maker, msl in said
        if moisture.level_known(msl)
        and (not one.mpn or mpn in ("", one.mpn))
        and (not one.maker or maker in ("", one.maker))
    ]
    return max(fits, key=known.index, default="")


def _events(tenant: int, packages: list[_Package]) -> dict[str, list[Event]]:
    """Code -> what happened to the package, oldest first."""
    sql = (
        "SELECT package, event, happened_at, readings FROM supply_package_handling WHERE tenant = %s AND "
        f'{reading.any_of("package", "text")} AND until_entry IS NULL ORDER BY happened_at, entry, "row"'
    )
    found = defaultdict(list)
    for code, event, at, readings in reading.fetch(sql, (tenant, reading.list_param([one.code for one in packages]))):
        found[code].append(Event(event, at, json.loads(readings) if readings else {}))
    return found


def _zone(tenant: int) -> ZoneInfo:
    return ZoneInfo(reading.fetch_one("SELECT time_zone FROM access_tenant WHERE number = %s", (tenant,))[0])


def _end_of(day: str, zone: ZoneInfo) -> int:
    after = datetime.fromisoformat(day).replace(tzinfo=zone) + timedelta(days=1)
    return int(after.timestamp()) * 1_000_000


def _expired(tenant: int, one: _Package, said: dict, at: int) -> FloorLife | None:
    if not said["expires_on"] or at < (end := _end_of(said["expires_on"], _zone(tenant))):
        return None
    facts = {"package": one.code, "day": said["expires_on"]}
    return FloorLife(one.code, "none", "", "expired", False, end, end, 0, "expired", facts, moisture.rule_set())


def _moisture(tenant: int, one: _Package, said: dict, level: str, events: list[Event], at: int) -> FloorLife:
    hours = said["floor_hours_max"]
    if hours is None:
        hours = moisture.floor_hours_of(level) or 0
    clock = moisture.moisture_clock(events, level=level, floor_hours=hours, now=at)
    given = (one.code, "moisture", level)
    rules = moisture.rule_set()

    def no(state: str, because: str, since=None, ends=None, **facts) -> FloorLife:
        left = 0 if state == "over" else None
        return FloorLife(*given, state, False, since, ends, left, because, {"package": one.code, **facts}, rules)

    if level == "6" and not clock.baked:
        return no(clock.state, "bake_first", clock.since)
    if level == "6" and not hours:
        return no(clock.state, "hours_unknown", clock.since)
    if clock.state == "over":
        return no("over", "floor_over", clock.since, clock.ends_at, at=clock.since, hours=hours)
    if clock.state == "closed" and said["sealed_on"]:
        end = _end_of(said["sealed_on"], _zone(tenant)) - DAY_US + moisture.bag_days() * DAY_US
        if at >= end:
            return no("over", "bag_over", end, end, day=said["sealed_on"], days=moisture.bag_days())
    return FloorLife(*given, clock.state, True, clock.since, clock.ends_at, clock.left_us, rule_set=rules)


def _paste(one: _Package, said: dict, events: list[Event], at: int) -> FloorLife:
    rule = {name: said[name] if said[name] is not None else moisture.paste_rule(name) for name in PASTE_CELLS}
    clock = moisture.paste_clock(events, thaw_hours=rule["thaw_hours_min"] or 0, now=at)
    given = (one.code, "paste", "")
    rules = moisture.rule_set()

    def no(state: str, because: str, since=None, ends=None, **facts) -> FloorLife:
        left = 0 if state in ("over", "discarded") else None
        return FloorLife(*given, state, False, since, ends, left, because, {"package": one.code, **facts}, rules)

    if clock.state == "discarded":
        return no("discarded", "discarded", clock.since)
    if rule["thaws_max"] is not None and clock.thaws > rule["thaws_max"]:
        return no("over", "thaws_over", clock.since, times=clock.thaws, most=rule["thaws_max"])
    ends = _paste_ends(rule, clock, at)
    over = [(when, what) for when, what in ends if when <= at]
    if over:
        when, what = min(over)
        return no("over", what, when, when, at=when)
    if clock.state in ("cold", "thawing") and rule["thaw_hours_min"]:
        because = "thawing" if clock.thawed_at else "not_thawed"
        return no(clock.state, because, clock.since, clock.thawed_at, hours=rule["thaw_hours_min"], at=clock.thawed_at)
    end = min((when for when, what in ends), default=None)
    left = None if end is None else end - at
    return FloorLife(*given, clock.state, True, clock.since, end, left, rule_set=rules)


def _paste_ends(rule: dict, clock, at: int) -> list[tuple[int, str]]:
    ends = []
    if rule["open_hours_max"] is not None and clock.opened_at is not None:
        ends.append((clock.opened_at + rule["open_hours_max"] * HOUR_US, "open_over"))
    if rule["stencil_hours_max"] is not None and (clock.applied_at is not None or clock.on_stencil_us):
        ends.append((at + rule["stencil_hours_max"] * HOUR_US - clock.on_stencil_us, "stencil_over"))
    return ends
