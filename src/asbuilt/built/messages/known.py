"""Known messages: which were recorded before, so that they do nothing twice; some 12 bytes a message, however many.

A row an index entry would cost a hundred bytes a message on PostgreSQL, more than a placement may cost. So eight bytes of each
message stand in buckets of some sixteen, in generations that grow by doubling:

    generation g has 1,024 * 2^g buckets, numbered from there on, and takes 16,384 * 2^g messages
    bucket = that number + 4 bytes of the message's hash, modulo the buckets; what stands in it: 8 other bytes

A message is looked for in each generation: one row of some hundred bytes, by its key. Ten million messages are ten
generations. Two messages are taken for one another with 76 bits or more, which is never.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from asbuilt.storage import bulk, reading

BUCKETS_FIRST = 1_024
IDS_A_BUCKET = 16
ID_BYTES = 8
LOOKED_UP = 1_000


def generation_of(total: int) -> int:
    """The generation that takes the next message when so many were recorded."""
    generation, room = 0, BUCKETS_FIRST * IDS_A_BUCKET
    while total >= room:
        total -= room
        generation, room = generation + 1, room * 2
    return generation


def place_of(identity: bytes, generation: int) -> tuple[int, bytes]:
    """(bucket, id) of a message in a generation."""
    hashed = sha256(identity).digest()
    buckets = BUCKETS_FIRST << generation
    return buckets + int.from_bytes(hashed[:4], "big") % buckets, hashed[4 : 4 + ID_BYTES]


def recorded_total(tenant: int) -> int:
    """How many messages were recorded. One statement over a row a machine and kind of message."""
    return int(reading.fetch_one("SELECT sum(count) FROM messages_machine_count WHERE tenant = %s", (tenant,))[0] or 0)


def known_messages(tenant: int, identities: Sequence[bytes]) -> set[bytes]:
    """Which of these were recorded before. A statement a generation and thousand messages."""
    found: set[bytes] = set()
    for generation in range(generation_of(recorded_total(tenant)) + 1):
        places = {identity: place_of(identity, generation) for identity in identities}
        rows = _rows(tenant, {bucket for bucket, _ in places.values()})
        found.update(identity for identity, (bucket, id_) in places.items() if _holds(rows.get(bucket, b""), id_))
    return found


def _holds(ids: bytes, id_: bytes) -> bool:
    at = ids.find(id_)
    while at >= 0 and at % ID_BYTES:
        at = ids.find(id_, at + 1)
    return at >= 0


def _rows(tenant: int, buckets: Iterable[int]) -> dict[int, bytes]:
    wanted, found = sorted(buckets), {}
    sql = "SELECT bucket, ids FROM messages_known WHERE tenant = %s AND " + reading.any_of("bucket")
    for start in range(0, len(wanted), LOOKED_UP):
        part = wanted[start : start + LOOKED_UP]
        for bucket, ids in reading.fetch(sql, (tenant, reading.list_param(part))):
            found[bucket] = bytes(ids)
    return found


def remember(tenant: int, identities: Sequence[bytes]) -> None:
    """These are recorded now; before they are counted."""
    generation = generation_of(recorded_total(tenant))
    places = [place_of(identity, generation) for identity in identities]
    before = _rows(tenant, {bucket for bucket, _ in places})
    rows = dict(before)
    for bucket, id_ in places:
        rows[bucket] = rows.get(bucket, b"") + id_
    fresh = ((tenant, bucket, ids) for bucket, ids in sorted(rows.items()) if bucket not in before)
    bulk.insert_rows("messages_known", ("tenant", "bucket", "ids"), fresh)
    sql = "UPDATE messages_known SET ids = %s WHERE tenant = %s AND bucket = %s"
    bulk.run_many(sql, [(rows[bucket], tenant, bucket) for bucket in sorted(before)])
