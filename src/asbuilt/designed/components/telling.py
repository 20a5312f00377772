"""SBOMs as the doors tell them: JSON-ready, the same words in CLI, API and page."""

from collections import Counter
from collections.abc import Sequence

from asbuilt.access.actor import Actor
from asbuilt.access.rights import EVIDENCE_READ, RECORD_READ, SBOM_ADD
from asbuilt.designed.components import differences, errors, queries
from asbuilt.designed.components.checking import ahead, document_told
from asbuilt.designed.components.differences import Difference
from asbuilt.designed.components.gaps import missing_sboms
from asbuilt.designed.components.queries import ListedComponent, PackageVersion, Place, Sbom
from asbuilt.formats.sbom.quality import Evaluation, evaluate
from asbuilt.formats.sbom.read import read_sbom
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock, evidence

FOUND_MAX = 200


def sboms_seen(actor: Actor) -> list[dict]:
    """The current SBOMs, the newest first."""
    actor.require(RECORD_READ)
    errors.refuse_party(actor)
    return [told(one, current=True) for one in reversed(queries.current_sboms(actor.tenant))]


def sbom_seen(actor: Actor, name: str) -> dict:
    """One SBOM with its components."""
    found = _named(actor, name)
    standing = queries.sboms_of(actor.tenant, found.binding)
    listed = [component_told(one) for one in queries.each_component(actor.tenant, found.number)]
    return {
        **told(found, current=standing[0].number == found.number),
        "others": [{"ulid": one.ulid, "place": one.place} for one in standing if one.number != found.number],
        "listed": listed,
        "depends": [list(edge) for edge in queries.dependencies_of(actor.tenant, found.number)],
        "licences": licences_of(listed),
    }


def difference_seen(actor: Actor, name: str, other: str = "") -> dict:
    """What changed from one SBOM to this one; from the one before of the same binding where none is named."""
    after = _named(actor, name)
    if other:
        before = _named(actor, other)
    else:
        older = [one for one in queries.sboms_of(actor.tenant, after.binding) if one.number < after.number]
        if not older:
            raise errors.no_earlier(after)
        before = older[0]
    return difference_told(differences.compared(actor.tenant, before, after))


def gaps_seen(actor: Actor) -> list[dict]:
    """Releases and hardware revisions without an SBOM, or with one that is older than what it is of."""
    actor.require(RECORD_READ)
    errors.refuse_party(actor)
    return [
        {"gap": gap.kind, "of": gap.binding.name, "kind": gap.binding.kind, "product": gap.binding.product, "role": gap.binding.role,
         "version": gap.binding.version, "revision": gap.binding.revision, "bom_version": gap.bom_version}
        for gap in missing_sboms(actor.tenant)
    ]  # fmt: skip


def bytes_seen(actor: Actor, name: str) -> tuple[str, bytes]:
    """File name and bytes of an SBOM, as they came."""
    actor.require(EVIDENCE_READ)
    found = _named(actor, name)
    content = b"".join(evidence.open_evidence(actor.tenant, found.sha256))
    return found.file.rsplit("/", 1)[-1] or f"{found.ulid}.sbom", content


def quality_seen(actor: Actor, name: str, profile: str) -> Evaluation:
    """What an SBOM says of a profile's fields, read from its bytes. NotFound for a profile that there is not."""
    found = _named(actor, name)
    content = b"".join(evidence.open_evidence(actor.tenant, found.sha256))
    return evaluate(read_sbom(content), profile)


def where_used(actor: Actor, name: str) -> dict:
    """Where components of this name are used: by version, in which current SBOMs.

    `name` is compared blind to case with the component's name and the one in its purl; where nothing is called so, with
    how they begin.
    """
    return used_told(actor, name, *used(actor, name))


def used(actor: Actor, name: str) -> tuple[bool, bool, list[tuple[PackageVersion, list[Place]]]]:
    """Whether anything is called exactly so; whether more begin so than were looked at; the package versions with their places in current
    SBOMs, those that have none left out."""
    actor.require(RECORD_READ)
    errors.refuse_party(actor)
    wanted = name.strip()
    found = queries.components_matching(actor.tenant, wanted) if wanted else []
    exact = bool(found)
    if wanted and not exact:
        found = queries.components_beginning(actor.tenant, wanted, FOUND_MAX + 1)
    more = not exact and len(found) > FOUND_MAX
    found = found if exact else found[:FOUND_MAX]
    places = queries.places_of(actor.tenant, [one.number for one in found])
    by_version: dict[int, list[Place]] = {}
    for one in places:
        by_version.setdefault(one.package_version, []).append(one)
    rows = [(one, by_version[one.number]) for one in found if one.number in by_version]
    return exact, more, sorted(rows, key=lambda row: (row[0].name.lower(), row[0].version))


def used_told(
    actor: Actor, name: str, exact: bool, more: bool, rows: Sequence[tuple[PackageVersion, list[Place]]]
) -> dict:
    """The same for programs."""
    ulids = {one.number: one.ulid for one in queries.current_sboms(actor.tenant)} if rows else {}

    def told_at(one: Place) -> dict:
        return {"of": one.binding.name, "kind": one.binding.kind, "sbom": ulids.get(one.sbom, ""), "ref": one.ref,
                "product": one.binding.product, "role": one.binding.role, "version": one.binding.version}  # fmt: skip

    components = [
        {"name": one.name, "group": one.group, "version": one.version, "purl": one.purl, "cpe": one.cpe, "further": further_told(one),
         "maker": one.maker, "places": [told_at(place) for place in places]}
        for one, places in rows
    ]  # fmt: skip
    return {
        "name": name.strip(),
        "exact": exact,
        "components": components,
        "more": more,
    }


def _named(actor: Actor, name: str) -> Sbom:
    actor.require(RECORD_READ)
    errors.refuse_party(actor)
    return queries.sbom_named(actor.tenant, name)


def difference_told(found: Difference) -> dict:
    """A difference for programs."""
    return {
        "before": told(found.before, current=False),
        "after": told(found.after, current=False),
        "same": found.same,
        "added": [_short(one) for one in found.added],
        "removed": [_short(one) for one in found.removed],
        "changed": [
            {"name": one.after.package.name, "group": one.after.package.group, "before": _short(one.before),
             "after": _short(one.after), "what": list(one.what)}
            for one in found.changed
        ],
    }  # fmt: skip


def _short(one: ListedComponent) -> dict:
    package = one.package
    return {
        "ref": one.ref,
        "group": package.group,
        "name": package.name,
        "version": package.version,
        "purl": package.purl,
    }


def checked(actor: Actor, content: bytes) -> dict:
    """What a file would be taken in as; Invalid with the place where it would not. Stores nothing."""
    actor.require(SBOM_ADD)
    return document_told(read_sbom(content), clock.now())


def licences_of(listed: list[dict]) -> list[dict]:
    """Licences as written with how many components have them; components without one stand under an empty licence."""
    counted = Counter(licence for one in listed for licence in one["licences"] or [""])
    return [{"licence": licence, "components": count} for licence, count in sorted(counted.items())]


def told(one: Sbom, *, current: bool) -> dict:
    """An SBOM without its components."""
    of = one.binding
    return {
        "ulid": one.ulid,
        "of": of.name,
        "kind": of.kind,
        "product": of.product,
        "role": of.role,
        "version": of.version,
        "revision": of.revision,
        "part": of.part,
        "lot": of.lot,
        "image": one.image,
        "bound_by": one.bound_by,
        "place": one.place,
        "current": current,
        "file": one.file.rsplit("/", 1)[-1],
        "sha256": one.sha256,
        "format": one.format,
        "spec_version": one.spec_version,
        "serialisation": one.serialisation,
        "components": one.components,
        "added_at": format_instant(one.happened_at),
        **_header(one.document, one.happened_at),
    }


def _header(document: dict, added_at: int) -> dict:
    names = (
        "identity", "document_version", "created_at", "authors", "tools", "lifecycle", "dependencies", "vulnerabilities",
        "unread", "doubts",
    )  # fmt: skip
    said = {name: document[name] for name in names}
    said["doubts"] = [{"place": place, "what": what} for place, what in document["doubts"]]
    said["doubts"] += ahead(document["created_at"], added_at)
    return said


def further_told(package: PackageVersion) -> list[str]:
    """The purls, CPEs and repositories of a component beside the first of each."""
    sources = [f"{address}@{commit}" for address, commit in package.sources[bool(package.vcs) :]]
    return [*package.purls[bool(package.purl_canonical) :], *package.cpes[bool(package.cpe) :], *sources]


def component_told(one: ListedComponent) -> dict:
    """A component of an SBOM."""
    package = one.package
    return {
        "place": one.place,
        "parent": one.parent,
        "ref": one.ref,
        "kind": one.kind,
        "group": package.group,
        "name": package.name,
        "version": package.version,
        "purl": package.purl,
        "cpe": package.cpe,
        "further": further_told(package),
        "supplier": one.supplier,
        "maker": package.maker,
        "licences": list(one.licences),
        "hashes": [list(pair) for pair in one.hashes],
        "scope": one.scope,
        "said": one.said,
    }
