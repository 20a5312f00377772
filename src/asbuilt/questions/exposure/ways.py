"""Ways: how a vulnerability, or a component, comes in; as the record was known at the view's moment.

A way leads from a finding (component or part, vulnerability, affected or unsure, why) to a place: the firmware release, hardware revision or
purchased part whose current SBOM lists the component, or the pieces of a part on the board that an advisory speaks of. Whoever asks takes the
units behind a place from `reach`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from asbuilt.designed.components.bindings import Binding
from asbuilt.designed.components.package_versions import name_key
from asbuilt.designed.components.queries import CURRENT, CURRENT_AS_OF
from asbuilt.designed.vulnerability.deciding.findings_in import label_of
from asbuilt.designed.vulnerability.deciding.sentences import Sentence, sentence
from asbuilt.formats.advisory.records import VersionRange
from asbuilt.formats.matching import subjects
from asbuilt.formats.matching.grounds import read_grounds
from asbuilt.formats.versions.matches import Match, any_of
from asbuilt.formats.versions.ranges import within as within_range
from asbuilt.formats.versions.schemes import scheme_of
from asbuilt.questions.exposure import pieces
from asbuilt.questions.exposure.pieces import Found, OfPart
from asbuilt.questions.exposure.places import Places, places_at
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words.language import Comparison, Component, Range, Value
from asbuilt.storage import reading

RELEASE, REVISION, PART, DRAFT, BOARD = "release", "revision", "part", "draft", "board"
OPTIONAL = ("optional", "excluded")
AFFECTED, UNSURE = "affected", "unsure"


@dataclass(frozen=True)
class Way:
    """One way in. `place` tells places apart; `release`, `revision`, `part` are numbers, at most one of them; `pieces` (packages that
    are meant, that may be, parts that admit them) stands for a part on the board. `part_names` are what a decision may call the part. Of a release
    `recorded` is the entry that it was recorded by, `made_for` the hardware revisions that it names, if any."""

    vulnerability: str
    state: str
    label: str
    grounds: str
    since_at: int
    binding: Binding | None
    release: int | None = None
    revision: int | None = None
    part: int | None = None
    lot: str = ""
    recorded: int = 0
    made_for: frozenset[str] = frozenset()
    scope: str = ""
    part_names: tuple[str, ...] = ()
    pieces: Found | None = field(default=None)
    products: tuple[str, ...] = ()

    @property
    def place(self) -> tuple:
        """What tells the place from others."""
        if self.pieces is not None:
            return (BOARD, self.label, self.pieces)
        return (self.release, self.revision, self.part, self.lot, self.binding.name if self.binding else "")

    @property
    def place_kind(self) -> str:
        """release, draft, revision, part or board."""
        if self.pieces is not None:
            return BOARD
        if self.binding is not None and self.binding.kind == RELEASE:
            return RELEASE if self.release is not None else DRAFT
        return self.binding.kind if self.binding is not None else PART

    @property
    def place_words(self) -> str:
        """`WIDGET app 2.3.1`, `WIDGET revision B`, `ESP32-MOD lot 2327`; of a part on the board its name."""
        return self.binding.name if self.binding is not None and self.pieces is None else self.label


_COLUMNS = "SELECT c.sbom, v.name, f.state, f.grounds, f.first_seen_at, pv.name, pv.version, min(c.scope) FROM "
_LISTED = "vulnerability_finding f JOIN components_sbom_component c ON c.tenant = f.tenant AND c.package_version = f.package_version "
_NAMED = (
    " JOIN components_package_version pv ON pv.tenant = f.tenant AND pv.number = f.package_version "
    "JOIN vulnerability_vulnerability v ON v.tenant = f.tenant AND v.number = f.vulnerability "
)
_GROUPED = " GROUP BY c.sbom, v.name, f.number, f.state, f.grounds, f.first_seen_at, pv.name, pv.version ORDER BY v.name, f.number, c.sbom"


def ways_of_vulnerability(view: View, name: str) -> list[Way]:
    """The ways of one vulnerability. Four statements, and three a part on the board."""
    return _ways(view, " AND v.name = %s", (name,), name=name)


def every_way(view: View) -> list[Way]:
    """Every way that stands. Three statements, and three a part on the board."""
    return _ways(view)


def _ways(view: View, more: str = "", params: Sequence = (), name: str = "") -> list[Way]:
    """The ways that `more` leaves, through current SBOMs and on the board."""
    seen = view.seen("f")
    among, values = f"c.sbom IN ({_current(view)})", _current_params(view)
    sql = f"{_COLUMNS}{_LISTED}{_NAMED}WHERE c.tenant = %s AND f.package_version > 0{seen}{more} AND {among}{_GROUPED}"
    rows = reading.fetch(sql, (view.tenant, *params, *values))
    there = places_at(view, {row[0] for row in rows})
    return [way for row in rows for way in _through(row, there)] + ways_of_board(view, name)


def ways_of_board(view: View, name: str = "") -> list[Way]:
    """The ways of parts on the board, of one vulnerability where it is named. One statement, and three a part."""
    rows = _found_in_parts(view, " AND v.name = %s" if name else "", (name,) if name else ())
    return [way for *row, key in rows for way in _of_board(view, *row, key, pieces.of_part(view, key))]


def parts_spoken_of(view: View) -> list[str]:
    """The parts MAKER/MPN in which something is found. One statement."""
    sql = f"SELECT DISTINCT f.part FROM vulnerability_finding f WHERE f.tenant = %s AND f.package_version = 0{view.seen('f')}"
    return [key for (key,) in reading.fetch(sql, (view.tenant,))]


def ways_of_board_on_few(view: View, parts: list[str] | None = None) -> list[Way]:
    """Those of parts that may be on the view's few units; `parts` are those that are spoken of, where they were read. No statement more where none of
    these is on the units."""
    keys = parts_spoken_of(view) if parts is None else parts
    there = pieces.on_few(view, keys) if keys else {}
    if not there:
        return []
    rows = _found_in_parts(view, f" AND {reading.any_of('f.part', 'text')}", (reading.list_param(sorted(there)),))
    return [way for *row, key in rows for way in _of_board(view, *row, key, there[key])]


def _found_in_parts(view: View, more: str, params: Sequence) -> list[tuple]:
    sql = (
        "SELECT v.name, f.grounds, f.first_seen_at, f.part FROM vulnerability_finding f "
        "JOIN vulnerability_vulnerability v ON v.tenant = f.tenant AND v.number = f.vulnerability "
        f"WHERE f.tenant = %s AND f.package_version = 0{view.seen('f')}{more} ORDER BY v.name, f.part"
    )
    return reading.fetch(sql, (view.tenant, *params))


def _current(view: View) -> str:
    return CURRENT if view.entry is None else CURRENT_AS_OF


def _current_params(view: View) -> tuple:
    return (view.tenant,) if view.entry is None else (view.tenant, view.entry, view.entry)


def _through(row: tuple, places: Places) -> Iterator[Way]:
    sbom, name, state, grounds, since, component, version, scope = row
    label = label_of(component, version)
    for place in places[sbom]:
        yield Way(name, state, label, grounds, since, *place, scope=scope or "")


# ---- parts on the board


def _of_board(view: View, name: str, grounds: str, since: int, key: str, of: OfPart) -> Iterator[Way]:
    """Sure of the pieces that a record names; where one speaks of the part as such, of all of them, as sure as that record is.

    Each record speaks for itself: that one knows of a lot takes nothing from what another says of the whole part."""
    said = [one for one in read_grounds(grounds) if one.match != Match.NO]
    of_part = max((one.match for one in said if not one.pieces), default=Match.NO)
    ways = [(AFFECTED if of_part == Match.YES else UNSURE, ())] if of_part != Match.NO else []
    for sure in (True, False):
        named = [piece for one in said for piece in one.pieces if piece.sure == sure]
        if named and of_part != Match.YES:
            ways.append((AFFECTED if sure else UNSURE, named))
    for state, named in ways:
        meant, either = pieces.meant(view, of, named)
        names = (key, key.partition("/")[2], *of.codes)
        yield Way(name, state, key, grounds, since, None, part_names=names, pieces=meant, part=0)
        if either:
            found = (either, frozenset(), meant[2])
            yield Way(name, UNSURE, key, grounds, since, None, part_names=names, pieces=found, part=0)


# ---- components


def ways_of_component(view: View, asked: Component) -> list[Way] | None:
    """The places of a component in these versions; unsure where a version cannot be compared. None: nothing is called so. Three statements."""
    key = name_key(asked.name.text)
    sql = "SELECT number, name, version, purl_canonical FROM components_package_version WHERE tenant = %s AND (name_key = %s OR purl_name_key = %s)"
    rows = [row for row in reading.fetch(sql, (view.tenant, key, key)) if _called(row[1], row[3], asked.name.text)]
    if not rows:
        return None
    fits = {number: _fits(asked, version, purl, name) for number, name, version, purl in rows}
    wanted = sorted(number for number, match in fits.items() if match != Match.NO)
    if not wanted:
        return []
    sql = (
        "SELECT DISTINCT pv.number, pv.name, pv.version, c.sbom FROM components_package_version pv JOIN components_sbom_component c "
        f"ON c.tenant = pv.tenant AND c.package_version = pv.number WHERE pv.tenant = %s AND {reading.any_of('pv.number')} "
        f"AND c.sbom IN ({_current(view)}) ORDER BY pv.number, c.sbom"
    )
    rows = reading.fetch(sql, (view.tenant, reading.list_param(wanted), *_current_params(view)))
    places = places_at(view, {sbom for *_, sbom in rows})
    states = {number: AFFECTED if fits[number] == Match.YES else UNSURE for number in wanted}
    found = (
        row
        for number, name, version, sbom in rows
        for row in _through((sbom, "", states[number], "", 0, name, version, ""), places)
    )
    return list(dict.fromkeys(found))


def _called(name: str, purl: str, asked: str) -> bool:
    wanted = asked.casefold()
    return name.casefold() == wanted or subjects.purl_name(purl).casefold() == wanted


def _fits(asked: Component, version: str, purl: str, name: str) -> Match:
    if not asked.matches:
        return Match.YES
    scheme = scheme_of(subjects.purl_type(purl), subjects.purl_name(purl) or name)
    return any_of(_one_fits(match, version, scheme) for match in asked.matches)


def _one_fits(match, version: str, scheme: str) -> Match:
    if isinstance(match, Value):
        if match.text == version:
            return Match.YES
        bounds = VersionRange(exact=match.text)
    elif isinstance(match, Comparison):
        text, included = match.value.text, match.sign.endswith("=")
        bounds = (
            VersionRange(high=text, high_included=included)
            if match.sign[0] == "<"
            else VersionRange(low=text, low_included=included)
        )
    else:
        assert isinstance(match, Range)
        low, high = (end.text if end else "" for end in (match.low, match.high))
        bounds = VersionRange(low=low, high=high, high_included=True)
    return within_range(scheme, version, bounds)


def component_names(view: View, prefix: str, most: int) -> list[str]:
    """Names of components that begin so, each once. One statement."""
    key = name_key(prefix)
    sql = "SELECT DISTINCT name_key FROM components_package_version WHERE tenant = %s AND name_key >= %s ORDER BY name_key LIMIT %s"
    return [name for (name,) in reading.fetch(sql, (view.tenant, key, most)) if name.startswith(key)]


# ---- what changed


def found_between(view: View, since: int, until: int) -> list[tuple[Way, int]]:
    """Ways that were found after an instant up to another and still stand, with when."""
    ways = _ways(view, " AND f.first_seen_at > %s AND f.first_seen_at <= %s", (since, until))
    return [(way, way.since_at) for way in ways if since < way.since_at <= until]


def ways_through(view: View, sboms: Iterable[int]) -> list[tuple[Way, int]]:
    """Ways that stand through these SBOMs, with the SBOM. Two statements where there is one."""
    places = places_at(view, set(sboms))
    if not places:
        return []
    found_in = f"f.tenant = c.tenant AND f.package_version = c.package_version{view.seen('f')}"
    sql = (
        f"{_COLUMNS}components_sbom_component c {reading.each('f', 'vulnerability_finding', found_in)}{_NAMED}WHERE c.tenant = %s "
        f"AND f.package_version > 0{view.seen('f')} AND {reading.any_of('c.sbom')}{_GROUPED}"
    )
    rows = reading.fetch(sql, (view.tenant, reading.list_param(sorted(places))))
    return [(way, row[0]) for row in rows for way in _through(row, places)]


def retracted_between(view: View, then: int, now: int) -> list[tuple[Way, int, Sentence]]:
    """Findings in components of current SBOMs that were retracted after entry `then` up to `now`, with when and why."""

    def turned(part: str) -> str:
        return part.replace("f.grounds", "f.ended").replace("f.first_seen_at", "e.recorded_at")

    sql = (
        f"{turned(_COLUMNS)}{_LISTED}{_NAMED}JOIN ledger_entry e ON e.tenant = f.tenant AND e.number = f.until_entry "
        "WHERE f.tenant = %s AND f.until_entry > %s AND f.until_entry <= %s AND f.ended <> 'replaced' AND NOT EXISTS (SELECT 1 FROM "
        "vulnerability_finding g WHERE g.tenant = f.tenant AND g.vulnerability = f.vulnerability AND g.package_version = f.package_version "
        f"AND g.part = f.part AND g.until_entry IS NULL) AND c.sbom IN ({_current(view)}){turned(_GROUPED)}"
    )
    rows = reading.fetch(sql, (view.tenant, then, now, *_current_params(view)))
    places = places_at(view, {row[0] for row in rows})
    return [
        (replace(way, grounds=""), way.since_at, sentence(way.grounds)) for row in rows for way in _through(row, places)
    ]
