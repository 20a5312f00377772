"""SBOMs as the doors tell them: JSON-ready, the same words in CLI, API and page."""

from collections import Counter

from asbuilt.access.actor import Actor
from asbuilt.access.rights import RECORD_READ
from asbuilt.designed.components import errors, queries
from asbuilt.designed.components.queries import ListedComponent, Sbom
from asbuilt.kernel.instants import format_instant


def sboms_seen(actor: Actor) -> list[dict]:
    """The current SBOMs, the newest first."""
    actor.require(RECORD_READ)
    errors.refuse_party(actor)
    return [told(one, current=True) for one in reversed(queries.current_sboms(actor.tenant))]


def sbom_seen(actor: Actor, name: str) -> dict:
    """One SBOM with its components."""
    actor.require(RECORD_READ)
    errors.refuse_party(actor)
    found = queries.sbom_named(actor.tenant, name)
    newest = queries.sboms_of(actor.tenant, found.binding)[0]
    listed = [component_told(one) for one in queries.each_component(actor.tenant, found.number)]
    return {
        **told(found, current=newest.number == found.number),
        "current_ulid": newest.ulid,
        "listed": listed,
        "depends": [list(edge) for edge in queries.dependencies_of(actor.tenant, found.number)],
        "licences": licences_of(listed),
    }


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
        "place": one.place,
        "current": current,
        "file": one.file.rsplit("/", 1)[-1],
        "sha256": one.sha256,
        "format": one.format,
        "spec_version": one.spec_version,
        "serialisation": one.serialisation,
        "components": one.components,
        "added_at": format_instant(one.happened_at),
        **_header(one.document),
    }


def _header(document: dict) -> dict:
    names = (
        "identity", "document_version", "created_at", "authors", "tools", "lifecycle", "dependencies", "vulnerabilities",
        "unread", "doubts",
    )  # fmt: skip
    said = {name: document[name] for name in names}
    said["doubts"] = [{"place": place, "what": what} for place, what in document["doubts"]]
    return said


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
        "supplier": one.supplier,
        "maker": package.maker,
        "licences": list(one.licences),
        "hashes": [list(pair) for pair in one.hashes],
        "scope": one.scope,
        "said": one.said,
    }
