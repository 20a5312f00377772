"""Stations: a one-time code, enrolment with the station's own keys, closing, and the release of an alarm from here.

    open_enrolment(actor, station="ST-01", site="CZ-BRNO", ems="EMS-1")   -> the code, shown once; a newer one voids it
    enrol(code, public=PEM, transfer=PEM)                                  -> what the station has to know
    close_station(actor, station=…, reason=…) · release_station_alarm(actor, station=…, alarm=…, reason=…)

A code is used once and ends after a day. An enrolled name may be enrolled anew (a new machine): its old keys count no more.
"""

from dataclasses import dataclass

from asbuilt.access import credentials
from asbuilt.access.actor import Actor
from asbuilt.access.rights import STATION_MANAGE, STATION_RELEASE, STATION_SYNC
from asbuilt.built.programming import events, models
from asbuilt.built.programming.actions.stating import refuse_reason, state_row
from asbuilt.built.programming.permits import key_text
from asbuilt.built.programming.stations import CLOSED, ENROLLED, StationSeen, alarms, check_name, station_of
from asbuilt.designed.firmware.register import trust_chain
from asbuilt.kernel import keys
from asbuilt.kernel.documents import name, text
from asbuilt.kernel.errors import Invalid, NotAllowed, NotFound, Refused
from asbuilt.ledger import clock, keyring, origins, sequencing
from asbuilt.ledger.recording import AlreadyRecorded, digest, recording
from asbuilt.storage import bulk
from asbuilt.storage.transactions import write_tx

CODE_SECONDS = 86_400


@dataclass(frozen=True)
class Enrolled:
    """What a station is told at its enrolment: name, site, EMS, SHA-256 of the first trust store, keys of the server (PEM)."""

    station: str
    site: str
    ems: str
    pinned: str
    server_keys: tuple[str, ...]


def station_actor(tenant: int, station: str) -> Actor:
    """A station that proved who it is: it may fetch its folder and send what it did, nothing else."""
    return Actor(tenant, f"station:{station}", frozenset({STATION_SYNC}))


def open_enrolment(actor: Actor, *, station: str, site: str, ems: str) -> str:
    """A one-time code for this name; shown once, kept as a hash."""
    actor.require(STATION_MANAGE)
    check_name(station), name()(site, "site"), text(least=1)(ems, "ems")
    if not trust_chain(actor.tenant):
        raise Refused(
            "programming.trust_missing",
            "A station trusts nobody before a trust store is set.",
            {},
            "Set its first version with `asbuilt firmware trust set`.",
        )
    secret = credentials.new_secret(credentials.STATION, actor.tenant)
    with recording(actor, events.ENROLMENT_OPENED) as entry:
        models.Enrolment.objects.of(actor.tenant).filter(station=station, used_at=None).update(expires_at=0)
        row = (
            actor.tenant,
            credentials.hash_of(secret),
            station,
            site,
            ems,
            entry.recorded_at + CODE_SECONDS * 1_000_000,
            entry.number,
        )
        bulk.insert_rows(
            "programming_enrolment", ("tenant", "hash", "station", "site", "ems", "expires_at", "entry"), [row]
        )
        entry.notes = {"station": station, "site": site}
    sequencing.after_commit(actor.tenant)
    return secret


def enrol(code: str, *, public: str, transfer: str) -> Enrolled:
    """Use the code up: from now on these public keys (PEM) are the station's. NotAllowed for a code that is none any more."""
    tenant = credentials.tenant_in(credentials.STATION, code)
    signing, opening = keys.public_from_pem(public), keys.public_from_pem(transfer, sealing=True)
    if signing.algorithm not in keys.SIGNING or opening.algorithm not in keys.SEALING:
        raise Invalid(
            "programming.station_keys",
            "One key signs, the other opens.",
            {},
            "Send the two public keys of the station.",
        )
    if tenant is None:
        raise _unusable()
    with write_tx(tenant):
        found = models.Enrolment.objects.of(tenant).filter(hash=credentials.hash_of(code)).first()
        if found is None or found.used_at is not None or found.expires_at <= clock.now():
            raise _unusable()
        actor = station_actor(tenant, found.station)
        with recording(actor, events.ENROLLED) as entry:
            cells = {
                "station": found.station, "state": ENROLLED, "site": found.site, "ems": found.ems,
                "public": key_text(signing), "transfer": key_text(opening),
            }  # fmt: skip
            state_row(actor, entry, "stations", cells)
            entry.notes = {"station": found.station, "key": signing.key_id}
            models.Enrolment.objects.of(tenant).filter(hash=found.hash).update(used_at=entry.recorded_at)
    sequencing.after_commit(tenant)
    pinned = trust_chain(tenant)[0].sha256
    server = (keys.public_to_pem(keyring.record_public(origins.origin(tenant))),)
    return Enrolled(found.station, found.site, found.ems, pinned, server)


def enrol_by_hand(actor: Actor, *, station: str, site: str, ems: str, public: str, transfer: str) -> Enrolled:
    """The same for a station without a network: its public keys came on a stick."""
    return enrol(open_enrolment(actor, station=station, site=site, ems=ems), public=public, transfer=transfer)


def close_station(actor: Actor, *, station: str, reason: str, request_key: str | None = None) -> StationSeen:
    """The station is not one any more: its requests are refused, its records counted up to now."""
    actor.require(STATION_MANAGE)
    refuse_reason(reason)
    with write_tx(actor.tenant):
        seen = station_of(actor.tenant, station)
        if seen.state != CLOSED:
            with recording(actor, events.STATION_CLOSED) as entry:
                cells = {
                    "station": station,
                    "state": CLOSED,
                    "site": seen.site,
                    "ems": seen.ems,
                    "public": key_text(seen.public),
                    "transfer": key_text(seen.transfer),
                }
                state_row(actor, entry, "stations", cells)
                entry.hide("reason", reason)
                entry.notes = {"station": station}
    sequencing.after_commit(actor.tenant)
    return station_of(actor.tenant, station)


def release_station_alarm(
    actor: Actor, *, station: str, alarm: str, reason: str, request_key: str | None = None
) -> int:
    """Let the station go on; the release travels with its next bulletin. Returns the entry."""
    actor.require(STATION_RELEASE)
    refuse_reason(reason)
    content = digest(station.encode(), alarm.encode(), reason.encode())
    try:
        with recording(actor, events.ALARM_RELEASED, request_key=request_key, content=content) as entry:
            standing = [
                one for one in alarms(actor.tenant, station_of(actor.tenant, station).station) if one.alarm == alarm
            ]
            if not standing:
                raise NotFound(
                    "programming.alarm_unknown",
                    "No such alarm stands at this station.",
                    {"station": station},
                    "Look at the station's page.",
                )
            state_row(actor, entry, "alarm_releases", {"station": station, "alarm": alarm, "reason": reason})
            entry.notes = {"station": station, "alarm": alarm, "code": standing[0].code}
            number = entry.number
    except AlreadyRecorded as known:
        number = known.number
    sequencing.after_commit(actor.tenant)
    return number


def _unusable() -> NotAllowed:
    return NotAllowed(
        "programming.code_unusable",
        "This code was used, has ended or is none.",
        {},
        "Ask for a new one: `asbuilt station enrol NAME`.",
    )
