"""Withdrawing documents and steps of routings: from an entry on they are not found any more."""

from collections.abc import Iterable, Sequence

from asbuilt.ledger.facts import FactRow
from asbuilt.ledger.recording import Entry
from asbuilt.storage import bulk, reading


def withdraw_documents(entry: Entry, facts: Sequence[FactRow]) -> set[str]:
    """Close these revisions of documents; returns their names, CODE@REVISION."""
    sql = (
        "UPDATE catalog_document SET until_entry = %s WHERE tenant = %s AND code = %s AND revision = %s "
        "AND until_entry IS NULL"
    )
    bulk.run_many(sql, [(entry.number, entry.tenant, *fact.values[:2]) for fact in facts])
    return {f"{fact.values[0]}@{fact.values[1]}" for fact in facts}


def withdraw_routing_steps(entry: Entry, facts: Sequence[FactRow]) -> None:
    """Close these steps of routings."""
    sql = (
        "UPDATE catalog_routing_step SET until_entry = %s WHERE tenant = %s AND hardware_revision IN (SELECT r.number FROM "
        "catalog_revision r JOIN catalog_product p ON p.tenant = r.tenant AND p.number = r.product WHERE r.tenant = %s "
        "AND p.code = %s AND r.code = %s) AND routing = %s AND place_in_route = %s AND until_entry IS NULL"
    )
    rows = [(entry.number, entry.tenant, entry.tenant, *fact.values[:3], int(fact.values[3])) for fact in facts]
    bulk.run_many(sql, rows)


def steps_of_subcontractors(tenant: int, parties: Sequence[int]) -> list[str]:
    """Steps of routings that one of these parties does, by name. One statement."""
    sql = "SELECT routing, step FROM catalog_routing_step WHERE tenant = %s AND until_entry IS NULL AND "
    rows = (
        reading.fetch(sql + reading.any_of("subcontractor"), (tenant, reading.list_param(parties))) if parties else []
    )
    return [f"{routing} {step}" for routing, step in rows]


def standing_no_more(tenant: int, documents: Iterable[str]) -> list[str]:
    """Those of the documents, CODE@REVISION, that no row states any more. One statement."""
    wanted = set(documents)
    if not wanted:
        return []
    sql = "SELECT code, revision FROM catalog_document WHERE tenant = %s AND until_entry IS NULL"
    return sorted(wanted - {f"{code}@{revision}" for code, revision in reading.fetch(sql, (tenant,))})


def steps_with_other_kinds(tenant: int, documents: Iterable[str]) -> list[str]:
    """Steps of routings that ask for one of these documents as what it is not any more, by name. Four statements at most."""
    wanted = set(documents)
    if not wanted:
        return []
    sql = "SELECT code, revision, kind FROM catalog_document WHERE tenant = %s AND until_entry IS NULL"
    kinds = {f"{code}@{revision}": kind for code, revision, kind in reading.fetch(sql, (tenant,))}
    found = []
    for column in ("instruction", "criteria", "procedure"):
        other = sorted(one for one in wanted if kinds.get(one, column) != column)
        sql = f"SELECT routing, step FROM catalog_routing_step WHERE tenant = %s AND until_entry IS NULL AND {reading.any_of(column, 'text')}"
        rows = reading.fetch(sql, (tenant, reading.list_param(other))) if other else []
        found += [f"{routing} {step}" for routing, step in rows]
    return found


def steps_with(tenant: int, documents: Sequence[str]) -> list[str]:
    """Steps of routings that ask for one of these documents, by name. One statement."""
    if not documents:
        return []
    asks = " OR ".join(reading.any_of(column, "text") for column in ("instruction", "criteria", "procedure"))
    sql = f"SELECT routing, step FROM catalog_routing_step WHERE tenant = %s AND until_entry IS NULL AND ({asks})"
    listed = reading.list_param(documents)
    return [f"{routing} {step}" for routing, step in reading.fetch(sql, (tenant, listed, listed, listed))]
