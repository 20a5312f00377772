"""SBOMs rebuilt: their rows from the facts, their components from the bytes that were kept. And what people said of names."""

from collections.abc import Iterator

from pyroaring import BitMap

from asbuilt.built.exchange.rebuilding_plans import withdrawals
from asbuilt.built.exchange.standing_compared import Piece, compare
from asbuilt.designed.components.events import SBOM, SBOM_1
from asbuilt.designed.components.projection import changed_sboms
from asbuilt.designed.components.withdraw import sboms_kept
from asbuilt.designed.firmware.queries import APP
from asbuilt.designed.vulnerability.events import IDENTITY
from asbuilt.designed.vulnerability.matching.withdraw import identities_kept
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.checks.report import Finding
from asbuilt.ledger.facts import all_facts

ONE = BitMap([0])


def sboms(tenant: int) -> Iterator[Finding]:
    """What differs between facts, bytes and tables."""
    yield from compare("components_sbom", _said(tenant), _found(tenant))
    for ulid, wrong in changed_sboms(tenant):
        where = {"table": "components_sbom_component", "sbom": ulid}
        yield Finding("ledger.sbom_rows_changed", f"SBOM {ulid}: {wrong}.", where)


def _said(tenant: int) -> Iterator[Piece]:
    for shape in (SBOM_1, SBOM):
        gone = withdrawals(tenant, shape.name)
        for fact in all_facts(tenant, shape.name):
            product, role, version, *rest, happened_at = fact.values[:10]
            image, bound_by = fact.values[10:] or ("", "")
            role = role or (APP if version else "")
            until = gone.get((fact.entry, fact.row), [(None,)])[0][0]
            said = (parse_instant(happened_at), image, bound_by, fact.entry, fact.row)
            yield Piece((product, role, version, *rest, *said), ONE, fact.entry, until)


def _found(tenant: int) -> Iterator[Piece]:
    for *content, until in sboms_kept(tenant):
        yield Piece(tuple(content), ONE, content[-2], until)


def identities(tenant: int) -> Iterator[Finding]:
    """What differs between facts and table of component identities."""
    gone = withdrawals(tenant, IDENTITY.name)
    said = (
        Piece((*fact.values, fact.entry, fact.row), ONE, fact.entry, gone.get((fact.entry, fact.row), [(None,)])[0][0])
        for fact in all_facts(tenant, IDENTITY.name)
    )
    found = (Piece(tuple(content), ONE, content[-2], until) for *content, until in identities_kept(tenant))
    yield from compare("vulnerability_identity", said, found)
