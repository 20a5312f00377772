"""Which firmware versions are for which hardware revisions, what is wrong with that, and how two releases differ.

    lines(actor, product)      a row for each hardware revision, image role and version
    faults(actor, product)     the check: revisions without a release, releases without revisions, newest one withdrawn …
    compared(actor, …)         change log and security flag of everything between two releases of a product and role

Versions stand in the release order of their product and role (SemVer where all are SemVer). A release that names no
hardware revision is for all of them as far as anybody said; such a line is marked `unsaid`.
"""

from collections import defaultdict
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.rights import RECORD_READ
from asbuilt.designed.catalog.queries import standing_products, standing_revisions
from asbuilt.designed.firmware import errors, register
from asbuilt.designed.firmware.intake import unknown_revisions
from asbuilt.designed.firmware.queries import ranks_of
from asbuilt.kernel.errors import NotFound
from asbuilt.storage import reading


@dataclass(frozen=True)
class Line:
    """One version for one hardware revision; `released_at` in µs or None, `signed` whether signatures stand behind it."""

    product: str
    revision: str
    role: str
    version: str
    state: str
    security_relevant: bool
    released_at: int | None
    sha256: str
    signed: bool
    unsaid: bool
    place: int  # in the release order of product and role, from 1; drafts 0


@dataclass(frozen=True)
class Fault:
    """What the check finds: a code, and the product, revision, role and version it is about (empty: all)."""

    code: str
    product: str
    revision: str
    role: str
    version: str
    what: str


@dataclass(frozen=True)
class Compared:
    """Two releases of a product and role and what lies after the older up to the newer, oldest first."""

    older: register.Registered
    newer: register.Registered
    between: list[register.Registered]
    security_relevant: bool
    same_image: bool
    revisions_added: list[str]
    revisions_gone: list[str]


def lines(actor: Actor, product: str | None = None) -> list[Line]:
    """The matrix of one product, or of all. NotFound for an unknown product. A few statements a product."""
    actor.require(RECORD_READ)
    known = _products(actor, product)
    drafts: dict[str, list[register.Registered]] = defaultdict(list)
    for one in register.registered(actor.tenant, product):
        drafts[one.key[0]].append(one)
    return [line for code in known for line in _of_product(actor.tenant, code, known[code], drafts[code])]


def _products(actor: Actor, product: str | None) -> dict[str, int]:
    errors.refuse_party(actor)
    known = standing_products(actor.tenant)
    if product is None:
        return known
    if product not in known:
        raise NotFound("catalog.product_unknown", f"No product is called {product}.", {"product": product})
    return {product: known[product]}


def _of_product(tenant: int, code: str, number: int, drafts: list[register.Registered]) -> list[Line]:
    revisions = standing_revisions(tenant, code)
    sql = (
        "SELECT number, role, version, sha256, revisions, released_at, security_relevant FROM firmware_release "
        "WHERE tenant = %s AND product = %s AND until_entry IS NULL ORDER BY number"
    )
    rows = reading.fetch(sql, (tenant, number))
    by_role: dict[str, list[tuple]] = defaultdict(list)
    for row in rows:
        by_role[row[1]].append((row[0], row[2], row[5]))
    places = {place: rank for of_role in by_role.values() for place, rank in ranks_of(of_role).items()}
    registered = {one.key[1:]: one for one in drafts}
    found = []
    for place, role, version, sha256, cell, released_at, security in rows:
        one = registered.get((role, version))
        state = one.state if one else register.IMPORTED
        said = (state, bool(security), released_at, bytes(sha256).hex(), one is not None)
        found += _lines(code, cell, revisions, role, version, said, places[place])
    for one in drafts:
        if one.state == register.DRAFT:
            of = one.statement
            said = (register.DRAFT, of.security_relevant, None, of.sha256, bool(one.signatures))
            found += _lines(code, one.cells[6], revisions, of.role, of.version, said, 0)
    return sorted(found, key=lambda line: (line.revision, line.role, line.place == 0, -line.place, line.version))


def _lines(code: str, cell: str, revisions: dict[str, int], role: str, version: str, said: tuple, place: int):
    named = [revision for revision in revisions if not unknown_revisions(revision, _words(cell, revisions))]
    for revision in named or sorted(revisions):
        state, security, released_at, sha256, signed = said
        yield Line(code, revision, role, version, state, security, released_at, sha256, signed, not named, place)


def _words(cell: str, revisions: dict[str, int]) -> dict[str, int]:
    """The revisions that a cell names; a code that holds blanks itself is known whole."""
    found = {}
    for part in cell.split(";"):
        for code in [part.strip()] if part.strip() in revisions else part.split():
            found[code] = revisions.get(code, 0)
    return found


def faults(actor: Actor, product: str | None = None) -> list[Fault]:
    """What is wrong with the matrix of one product, or of all that have firmware."""
    found, by_revision = [], defaultdict(list)
    for line in lines(actor, product):
        by_revision[line.product, line.revision, line.role].append(line)
    for (code, revision, role), of_role in sorted(by_revision.items()):
        found += _faults_of(code, revision, role, of_role)
    withs = set(by_revision)
    for code in sorted({code for code, *_ in withs}):
        for revision in sorted(standing_revisions(actor.tenant, code)):
            if (code, revision, "app") not in withs:
                what = f"{code} {revision} has no application firmware."
                found.append(Fault("no_firmware", code, revision, "app", "", what))
    return found


def _faults_of(code: str, revision: str, role: str, of_role: list[Line]) -> list[Fault]:
    found = []
    issued = [line for line in of_role if line.place]
    usable = [line for line in issued if line.state != register.WITHDRAWN]
    if issued and not usable:
        what = f"Every {role} of {code} {revision} is withdrawn."
        found.append(Fault("all_withdrawn", code, revision, role, "", what))
    newest = max((line.place for line in issued), default=0)
    for line in issued:
        if line.unsaid:
            what = f"{code} {role} {line.version} names no hardware revision."
            found.append(Fault("revisions_unsaid", code, revision, role, line.version, what))
        if line.place == newest and line.state == register.WITHDRAWN:
            what = f"The newest {role} of {code} {revision}, {line.version}, is withdrawn."
            found.append(Fault("newest_withdrawn", code, revision, role, line.version, what))
        if line.place == newest and not line.signed:
            what = f"The newest {role} of {code} {revision}, {line.version}, has no signatures."
            found.append(Fault("newest_unsigned", code, revision, role, line.version, what))
    mended = max((line.place for line in usable if line.security_relevant), default=0)
    for line in usable:
        if line.place < mended:
            what = f"{code} {role} {line.version} is older than a security update and not withdrawn."
            found.append(Fault("older_than_security_update", code, revision, role, line.version, what))
    return found


def compared(actor: Actor, *, product: str, role: str, first: str, second: str) -> Compared:
    """What changed between two releases of a product and role, whichever way round they are named."""
    actor.require(RECORD_READ)
    errors.refuse_party(actor)
    of_role = register.registered(actor.tenant, product, role)
    versions = [(at, one.key[2], _issued(one)) for at, one in enumerate(of_role)]
    places = ranks_of(versions)
    chosen = {one.key[2]: (places[at], one) for at, one in enumerate(of_role)}
    for version in (first, second):
        if version not in chosen:
            raise errors.unknown_release(product, role, version)
    (low, older), (high, newer) = sorted((chosen[first], chosen[second]), key=lambda pair: pair[0])
    between = sorted((place, one.key[2], one) for place, one in chosen.values() if low < place <= high)
    listed = [one for _, _, one in between]
    before, after = set(older.statement.revisions), set(newer.statement.revisions)
    return Compared(
        older, newer, listed, any(one.statement.security_relevant for one in listed),
        older.statement.sha256 == newer.statement.sha256, sorted(after - before), sorted(before - after),
    )  # fmt: skip


def _issued(one: register.Registered) -> int | None:
    released = one.last(register.RELEASED)
    return released.happened_at if released else None
