"""Reads of grants and permits: the documents as they were signed, what they say, and how much of each share is spent.

A permit is `issued`, `revoked` (its stations program no more once they hear of it) or `closed` (each station's share ended by
a certificate that its key signed). What an ended share did not spend returned to the grant; until then it counts in full,
also of a revoked permit: nobody knows what a station does that has not heard.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from asbuilt.designed.firmware.register import newest_trust
from asbuilt.kernel import envelope, keys, permits, trust
from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.kernel.notes import base64_text, strict_base64
from asbuilt.storage import reading

ISSUED, REVOKED, ENDED, CLOSED = "issued", "revoked", "ended", "closed"
ENVELOPE_BYTES_MAX = permits.PERMIT_BYTES_MAX * 3 // 2 + 8192


@dataclass(frozen=True)
class Ended:
    """What a station's certificate says of its share: units spent, SHA-256 of the certificate, when (µs), entry."""

    permit_id: str
    station: str
    spent: int
    sha256: str
    happened_at: int
    entry: int
    closed: bool = True


@dataclass(frozen=True)
class Counted:
    """A share as the records that arrived have it: units passed, failed, begun and counted, rework, attempts."""

    station: str
    units: int
    rework_units: int
    passed: int
    failed: int
    spent: int
    rework: int
    attempts: int
    last_at: int | None
    ended: Ended | None


@dataclass(frozen=True)
class PermitSeen:
    """A permit with its document, state, and what ended of it; `happened_at` is when it was recorded (µs)."""

    permit: permits.Permit
    document: bytes
    operator: int | None
    happened_at: int
    entry: int
    state: str
    reason: str = ""
    ended: dict[str, Ended] = field(default_factory=dict)


@dataclass(frozen=True)
class GrantSeen:
    """A grant with its document, its permits, and the units that no permit holds."""

    grant: permits.Grant
    document: bytes
    happened_at: int
    permits: tuple[PermitSeen, ...]
    left: int


def key_text(key: keys.PublicKey) -> str:
    """A public key as tables write it: algorithm and base64."""
    return f"{key.algorithm} {base64_text(key.raw)}"


def key_of_text(text: str, *, sealing: bool = False) -> keys.PublicKey:
    """The key of such a text; Invalid where it is none."""
    algorithm, _, raw = text.partition(" ")
    lengths = {keys.ED25519: 32, keys.P256: 65} if not sealing else {keys.X25519: 32, keys.ECDH_P256: 65}
    try:
        found = strict_base64(raw)
        if len(found) != lengths[algorithm]:
            raise ValueError("is no key of its algorithm")
    except (ValueError, KeyError):
        raise Invalid(
            "programming.key_text", "This is no public key.", {}, "Write the algorithm, a blank, and base64."
        ) from None
    return keys.PublicKey(algorithm, found)


def checked_grant(tenant: int, document: bytes, at: int) -> permits.Grant:
    """The grant of a document, once a key that may grant at that instant (µs), when it is recorded, is found to have signed it."""
    store = newest_trust(tenant)
    found = permits.open_grant(document, brand_owner_keys=[key.key for key in store.keys_of(trust.GRANT_ISSUER, at)])
    permits.check_grant_threshold(document, store, at)
    return found


def checked_permit(tenant: int, document: bytes, at: int) -> permits.Permit:
    """The permit of a document under its grant, and with all permits of that grant within its units; `at` is the instant
    (µs) at which it is recorded: a key that was revoked by then does not count."""
    unchecked = permits.parse_permit(envelope.parse(document, bytes_max=ENVELOPE_BYTES_MAX).payload)
    seen = grant_of(tenant, unchecked.grant_id)
    store = newest_trust(tenant)
    found = permits.open_permit(
        document, grant=seen.grant, release_keys=[key.key for key in store.keys_of(trust.RELEASE_SIGNER)],
        revoked_keys=store.revoked_at(at),
    )  # fmt: skip
    others = [one for one in seen.permits if one.permit.permit_id != found.permit_id]
    if len(others) < len(seen.permits):
        raise Invalid(
            "programming.permit_twice",
            f"Permit {found.permit_id} was recorded before.",
            {"permit": found.permit_id},
            "",
        )
    ends = [end for one in others for end in one.ended.values()]
    permits.check_split(seen.grant, [*(one.permit for one in others), found], ends)
    return found


def grant_document(tenant: int, grant_id: str) -> bytes | None:
    """The grant as it was signed, or None. One statement."""
    sql = 'SELECT document FROM programming_grant WHERE tenant = %s AND "grant" = %s AND until_entry IS NULL'
    row = reading.fetch_one(sql, (tenant, grant_id))
    return row[0].encode() if row else None


def grant_entries(tenant: int) -> dict[str, int]:
    """Grant -> the entry that recorded it. One statement."""
    sql = 'SELECT "grant", entry FROM programming_grant WHERE tenant = %s AND until_entry IS NULL'
    return dict(reading.fetch(sql, (tenant,)))


def recorded_times(tenant: int, entries: set[int]) -> dict[int, int]:
    """Entry -> when the log recorded it (µs). One statement."""
    sql = "SELECT number, recorded_at FROM ledger_entry WHERE tenant = %s AND " + reading.any_of("number")
    return dict(reading.fetch(sql, (tenant, reading.list_param(sorted(entries))))) if entries else {}


def plan_document(tenant: int, sha256: str) -> bytes | None:
    """The bytes of a plan, or None. One statement."""
    sql = "SELECT document FROM programming_plan WHERE tenant = %s AND sha256 = %s AND until_entry IS NULL"
    row = reading.fetch_one(sql, (tenant, sha256))
    return row[0].encode() if row else None


def grant_of(tenant: int, grant_id: str) -> GrantSeen:
    """The grant with its permits; NotFound where there is none. Three statements."""
    found = grants(tenant, grant_id)
    if not found:
        raise NotFound(
            "programming.grant_unknown", f"There is no grant {grant_id[:40]}.", {"grant": grant_id[:40]},
            "Import the file that the brand owner signed.",
        )  # fmt: skip
    return found[0]


def grants(tenant: int, grant_id: str | None = None) -> list[GrantSeen]:
    """The grants, newest first. Three statements."""
    where, params = (' AND "grant" = %s', (grant_id,)) if grant_id else ("", ())
    sql = f"SELECT document, happened_at FROM programming_grant WHERE tenant = %s AND until_entry IS NULL{where}"
    rows = reading.fetch(sql + " ORDER BY entry DESC", (tenant, *params))
    issued = issued_permits(tenant, grant=grant_id) if rows else []
    found = []
    for document, happened_at in rows:
        grant = permits.parse_grant(envelope.parse(document.encode(), bytes_max=ENVELOPE_BYTES_MAX).payload)
        mine = tuple(one for one in issued if one.permit.grant_id == grant.grant_id)
        ends = [end for one in mine for end in one.ended.values()]
        left = permits.check_split(grant, [one.permit for one in mine], ends)
        found.append(GrantSeen(grant, document.encode(), happened_at, mine, left))
    return found


def permit_of(tenant: int, permit_id: str) -> PermitSeen:
    """The permit; NotFound where there is none. Two statements."""
    found = issued_permits(tenant, permit=permit_id)
    if not found:
        raise NotFound(
            "programming.permit_unknown", f"There is no permit {permit_id[:40]}.", {"permit": permit_id[:40]},
            "`asbuilt permit show` lists them.",
        )  # fmt: skip
    return found[0]


def issued_permits(tenant: int, *, permit: str | None = None, grant: str | None = None) -> list[PermitSeen]:
    """The permits, newest first. Two statements."""
    said = {'"permit"': permit, '"grant"': grant}
    given = {name: value for name, value in said.items() if value is not None}
    where = "".join(f" AND {name} = %s" for name in given)
    sql = (
        "SELECT permit, document, operator, happened_at, entry FROM programming_permit WHERE tenant = %s "
        f"AND until_entry IS NULL{where} ORDER BY entry DESC"
    )
    rows = reading.fetch(sql, (tenant, *given.values()))
    states = _states(tenant, permit)
    found = []
    for permit_id, document, operator, happened_at, entry in rows:
        parsed = permits.parse_permit(envelope.parse(document.encode(), bytes_max=ENVELOPE_BYTES_MAX).payload)
        state, reason, ended = states.get(permit_id, (ISSUED, "", {}))
        found.append(PermitSeen(parsed, document.encode(), operator, happened_at, entry, state, reason, ended))
    return found


def taken_of_order(tenant: int, order: str) -> int:
    """Units of an order that its permits hold; what ended shares did not spend is free again. Two statements."""
    return sum(
        one.ended[share.station].spent if share.station in one.ended else share.units
        for one in issued_permits(tenant)
        if one.permit.work_order == order
        for share in one.permit.stations
    )


def _states(tenant: int, permit: str | None) -> dict[str, tuple[str, str, dict[str, Ended]]]:
    where, params = (" AND permit = %s", (permit,)) if permit else ("", ())
    sql = (
        "SELECT permit, station, state, spent, sha256, reason, happened_at, entry FROM programming_permit_state "
        f'WHERE tenant = %s AND until_entry IS NULL{where} ORDER BY entry, "row"'
    )
    found: dict[str, tuple[str, str, dict[str, Ended]]] = {}
    for permit_id, station, state, spent, sha256, reason, happened_at, entry in reading.fetch(sql, (tenant, *params)):
        now, why, ended = found.get(permit_id, (ISSUED, "", {}))
        if state == ENDED:
            ended = {**ended, station: Ended(permit_id, station, spent, sha256, happened_at, entry)}
        else:
            now, why = state, reason
        found[permit_id] = (now, why, ended)
    return found


def counters(tenant: int, seen: PermitSeen) -> list[Counted]:
    """Each station's share as far as its records arrived, in the order of the permit. One statement."""
    sql = (
        "SELECT station, uid, rework, result, happened_at FROM programming_station_record WHERE tenant = %s AND permit = %s "
        "AND result IN ('pass', 'fail', 'void', 'aborted') AND until_entry IS NULL ORDER BY station, seq"
    )
    rows: dict[str, list[tuple]] = {}
    for station, *said in reading.fetch(sql, (tenant, seen.permit.permit_id)):
        rows.setdefault(station, []).append(tuple(said))
    found = []
    for share in seen.permit.stations:
        passed, begun, again = set(), set(), set()
        for uid, rework, result, _ in rows.get(share.station, ()):
            if result != "void":
                (again if rework == "true" else begun).add(uid)
            if result == "pass":
                passed.add(uid)
        mine = rows.get(share.station, ())
        found.append(
            Counted(
                share.station, share.units, share.rework_units, len(passed), len((begun | again) - passed), len(begun),
                len(again), len(mine), max((row[3] for row in mine), default=None), seen.ended.get(share.station),
            )
        )  # fmt: skip
    return found


def revocations(tenant: int) -> tuple[int, list[str]]:
    """(revocation epoch, the revoked permits, newest first). The epoch counts every revocation ever recorded, also one that was
    withdrawn since: it never goes back. One statement."""
    sql = (
        "SELECT permit, until_entry FROM programming_permit_state WHERE tenant = %s AND state = 'revoked' "
        'ORDER BY entry DESC, "row" DESC'
    )
    rows = reading.fetch(sql, (tenant,))
    return len(rows), [permit for permit, until in rows if until is None]


def of_station(seen: Sequence[PermitSeen], station: str) -> list[PermitSeen]:
    """Those of these permits that have a share for the station and are not closed."""
    return [one for one in seen if one.state != CLOSED and one.permit.share_of(station) is not None]
