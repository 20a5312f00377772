"""Device UIDs: one device sits on one unit, so a UID on two units is worth a warning. Memory: two bitmaps of hashes."""

from collections import Counter
from collections.abc import Iterable, Sequence

from pyroaring import BitMap

from asbuilt.storage import reading

SUSPECTS_MAX = 100_000
FEW_UIDS = 1_000
WAITING_MAX = 32_768
_MASK = 0x3FFFFFFF  # few containers, full ones: a bitmap of 32 bits costs twice the memory
_SPREAD = 0x9E3779B1  # 2^32 divided by the golden ratio: neighbours land far apart
_HOLDERS = "SELECT uid, unit FROM programming_record WHERE tenant = %s AND until_entry IS NULL"


def uid_bytes(text: str) -> bytes | None:
    """The UID as stored: the bytes of an even number of hex digits, else the text in UTF-8; None for the empty text."""
    if not text:
        return None
    if len(text) % 2 == 0 and text.isalnum() and text.isascii():
        try:
            return bytes.fromhex(text)
        except ValueError:
            pass
    return text.encode()


def uid_column(texts: Sequence[str]) -> list[bytes | None]:
    """`uid_bytes` of a whole column; quick where all are hex."""
    if " " not in "".join(texts) and all(texts):
        try:
            return [bytes.fromhex(text) for text in texts]
        except ValueError:
            pass  # one of them is not hex
    return list(map(uid_bytes, texts))


class UidCheck:
    """Collects the UIDs of a file and tells which of them stand on several units."""

    def __init__(self, tenant: int, entry: int):
        self.tenant, self.entry = tenant, entry
        self._uids, self._pairs = BitMap(), BitMap()
        self._waiting: list[tuple[int, bytes]] = []
        self._suspects: set[bytes] = set()
        self._all: set[bytes] | None = set()

    def take(self, units: Sequence[int], uids: Sequence[bytes | None]) -> None:
        """UIDs as read on these units. Joining bitmaps of hashes is dear, so it is done for many rows at once."""
        if None in uids:
            read = [(unit, uid) for unit, uid in zip(units, uids, strict=True) if uid is not None]
            self._waiting += read
        else:
            self._waiting += zip(units, uids, strict=True)
        if len(self._waiting) >= WAITING_MAX:
            self._join()

    def _join(self) -> None:
        read, self._waiting = self._waiting, []
        hashes = [hash(uid) for _, uid in read]
        marks = [mark & _MASK for mark in hashes]
        pairs = [(mark >> 7 ^ unit * _SPREAD) & _MASK for mark, (unit, _) in zip(hashes, read, strict=True)]
        new = BitMap(sorted(marks))  # sorted, because a bitmap takes random order four times as slowly
        met = new & self._uids
        if len(new) != len(marks):
            met |= BitMap([mark for mark, times in Counter(marks).items() if times > 1])
        if met:
            again = [n for n, mark in enumerate(marks) if mark in met]
            self._suspect([(read[n][1], marks[n], pairs[n]) for n in again])
        self._uids |= new
        self._pairs |= BitMap(sorted(pairs))
        if self._all is not None:
            self._all.update(uid for _, uid in read)
            if len(self._all) > FEW_UIDS:
                self._all = None

    def _suspect(self, again: Iterable[tuple[bytes, int, int]]) -> None:
        # a second record of the same unit has the same UID; only a known UID with a new unit is looked at
        marks, pairs = set(), set()
        for uid, mark, pair in again:
            known = mark in marks or mark in self._uids
            if known and pair not in pairs and pair not in self._pairs and len(self._suspects) < SUSPECTS_MAX:
                self._suspects.add(uid)
            marks.add(mark)
            pairs.add(pair)

    def doubled(self, any_before: bool) -> list[tuple[bytes, list[int]]]:
        """(UID, its units) for each that this file put on a further unit. Reads the records once in doubt."""
        self._join()
        if any_before:
            self._suspects.update(self._all if self._all is not None else self._recorded_before())
        found: dict[bytes, set[int]] = {}
        for uid, unit in self._holders(sorted(self._suspects)):
            found.setdefault(uid, set()).add(unit)
        return [(uid, sorted(units)) for uid, units in sorted(found.items()) if len(units) > 1]

    def _recorded_before(self) -> Iterable[bytes]:
        sql = (
            "SELECT unit, uid FROM programming_record WHERE tenant = %s AND entry < %s AND uid IS NOT NULL "
            "AND until_entry IS NULL"
        )
        found = set()
        for unit, uid in reading.stream(sql, (self.tenant, self.entry)):
            mark = hash(bytes(uid))
            if mark & _MASK in self._uids and (mark >> 7 ^ unit * _SPREAD) & _MASK not in self._pairs:
                found.add(bytes(uid))
                if len(found) >= SUSPECTS_MAX:
                    break
        return found

    def _holders(self, uids: list[bytes]) -> Iterable[tuple[bytes, int]]:
        if not uids:
            return
        wanted = set(uids)
        if len(uids) <= FEW_UIDS:
            marks = ",".join(["%s"] * len(uids))
            rows = reading.fetch(f"{_HOLDERS} AND uid IN ({marks})", (self.tenant, *uids))
        else:
            rows = reading.stream(f"{_HOLDERS} AND uid IS NOT NULL", (self.tenant,))
        for uid, unit in rows:
            if bytes(uid) in wanted:
                yield bytes(uid), unit
