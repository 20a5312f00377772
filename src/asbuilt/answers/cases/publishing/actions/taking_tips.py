"""Tips of strangers: taken through the public form, answered by people, erased on demand.

    take_tip(tenant, words="…", …)        -> (reference, code): what the reporter keeps; a signal waits for a person, no case opens
    answer_tip(actor, tip="TIP-1", words="…")     the first answer is the acknowledgement
    erase_tip(actor, tip="TIP-1", rule="gdpr.17-1")

What a stranger sends is kept as evidence of class `personal`, each piece encrypted under a key of its own and salted, so that it is never the
same evidence as something else and can be erased alone. The record holds hashes, sizes and times, no word of the reporter. Nothing is unpacked,
parsed or shown but as text. Refused: too much, another kind of file, more tips a day than the house can look at.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings

from asbuilt.access.actor import Actor, public_door
from asbuilt.access.rights import PERSON_ERASE, SIGNAL_NOTE, TIP_HANDLE
from asbuilt.answers.cases import events
from asbuilt.answers.cases.handling import statements as handled
from asbuilt.answers.cases.handling.actions.stating import state, text
from asbuilt.answers.cases.handling.case_file import CaseFile
from asbuilt.answers.cases.handling.statements import New, free_code
from asbuilt.answers.cases.publishing import said as kinds
from asbuilt.answers.cases.publishing.mailing import mail_reporter, said_of
from asbuilt.answers.cases.publishing.publisher import publisher_of
from asbuilt.answers.cases.publishing.tips import SALT_BYTES, tip_of
from asbuilt.kernel.errors import Invalid, Unavailable
from asbuilt.kernel.instants import DAY_US, format_instant
from asbuilt.ledger import erasure
from asbuilt.ledger.recording import Entry
from asbuilt.storage import reading

WORDS_CHARACTERS_MAX = 20_000
LINE_CHARACTERS_MAX = 200
FILES_MAX = 5
FILE_BYTES_MAX = 10 * 1024**2
FILES_BYTES_MAX = 20 * 1024**2
TIPS_A_DAY_MAX = 200
ENDINGS = (
    "txt", "log", "md", "csv", "json", "xml", "pdf", "png", "jpg", "jpeg", "bin", "hex", "elf", "pcap", "pcapng", "zip", "gz", "tar",
    "7z", "asc", "gpg", "pgp", "eml",
)  # fmt: skip
EVIDENCE, SOURCE = "personal", "tip"
_PGP = "-----BEGIN PGP MESSAGE-----"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Attached:
    """A file as it came: its name, size and bytes."""

    name: str
    size: int
    stream: BinaryIO


class _Salted:
    """A stream behind a salt."""

    def __init__(self, stream: BinaryIO):
        self._salt, self._stream = secrets.token_bytes(SALT_BYTES), stream

    def read(self, size: int) -> bytes:
        salt, self._salt = self._salt, b""
        return salt or self._stream.read(size)


def take_tip(
    tenant: int,
    *,
    words: str,
    product: str = "",
    version: str = "",
    contact: str = "",
    credit: str = "",
    files: Sequence[Attached] = (),
    request_key: str | None = None,
) -> tuple[str, str]:
    """Keep what a stranger reports; returns the reference and the code that shows how it stands. Anonymous where `contact` is empty."""
    actor = public_door(tenant)
    said = {
        "words": _text("words", words.replace("\r\n", "\n"), WORDS_CHARACTERS_MAX, needed=True),
        **{
            name: _text(name, value, LINE_CHARACTERS_MAX)
            for name, value in (("product", product), ("version", version), ("contact", contact), ("credit", credit))
        },
    }
    _refuse_files(files)
    said["files"] = [{"name": _name(one.name), "bytes": one.size} for one in files]
    said["encrypted"] = _PGP in words
    asked = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    content = json.dumps({**said, "salt": secrets.token_hex(SALT_BYTES)}, ensure_ascii=False, sort_keys=True).encode()
    code = _code(tenant, request_key)

    def lines(entry: Entry, _: CaseFile | None) -> list[New]:
        _refuse_flood(entry)
        signal = free_code(entry.tenant, handled.SIGNAL, "S-")
        tip = free_code(entry.tenant, kinds.TIP, "TIP-")
        told = f"Tip {tip} came through the public form: {len(said['words']):,} characters, {len(files)} files."
        publisher = publisher_of(entry.tenant)
        days = publisher.ack_days if publisher is not None else 0
        of = {
            "contents": kept[0].sha256, "files": [one.sha256 for one in kept[1:]], "code": hashlib.sha256(code.encode()).hexdigest(),
            "ack_due_at": format_instant(entry.recorded_at + days * DAY_US) if days else "",
        }  # fmt: skip
        return [
            New(signal, handled.SIGNAL, name=SOURCE, at=entry.recorded_at, said={"words": told, "reference": tip}),
            New(tip, kinds.TIP, name=signal, at=entry.recorded_at, said={key: value for key, value in of.items() if value}),
        ]  # fmt: skip

    contents = [(content, "tip.json"), *((_Salted(one.stream), f"attached-{n}") for n, one in enumerate(files, 1))]
    with kinds.kept(tenant, contents, EVIDENCE) as kept:
        entry = state(
            actor, events.TIP_TAKEN, SIGNAL_NOTE, [asked], lines, attached=kept,
            request_key=f"tip:{request_key[:60]}" if request_key else None,
        )  # fmt: skip
    sql = "SELECT about FROM cases_statement WHERE tenant = %s AND entry = %s AND kind = %s"
    return reading.fetch_one(sql, (tenant, entry, kinds.TIP))[0], code


def answer_tip(actor: Actor, *, tip: str, words: str, request_key: str | None = None) -> int:
    """What the reporter finds under his code, and gets by mail where the tip has an address; the first one acknowledges. Returns the entry."""
    kinds.refuse_party(actor)
    actor.require(TIP_HANDLE)
    words = text("words", words)
    first = tip_of(actor.tenant, tip)[0]

    def lines(entry: Entry, _: CaseFile | None) -> list[New]:
        mailed = mail_reporter(entry.tenant, first, words)
        return [New(tip, kinds.ANSWERED, words, said=said_of(mailed))]

    asked = ["answer", tip, words]
    return state(actor, events.TIP_ANSWERED, TIP_HANDLE, asked, lines, request_key=request_key)


def erase_tip(actor: Actor, *, tip: str, rule: str) -> int:
    """Erase all that the reporter sent: its keys are destroyed, hashes and times stay. Returns the last entry that says so."""
    kinds.refuse_party(actor)
    actor.require(PERSON_ERASE)
    line = tip_of(actor.tenant, tip)[0]
    number = 0
    for sha256 in (line.said["contents"], *line.said.get("files", ())):
        number = erasure.erase_evidence(actor, sha256=sha256, rule=rule)
    return number


def _code(tenant: int, request_key: str | None) -> str:
    """26 letters that nobody guesses; the same for the same form, so that sending it twice shows the same."""
    of = f"{tenant}/{request_key}".encode() if request_key else os.urandom(32)
    made = hmac.new(settings.SECRET_KEY.encode(), b"tip\x00" + of, hashlib.sha256).digest()
    return base64.b32encode(made).decode()[:26]


def _text(field: str, said: str, most: int, *, needed: bool = False) -> str:
    said = said.strip()
    if needed and not said:
        raise Invalid("cases.tip_empty", f"{field}: is empty.", {"field": field}, "Say what you found.")
    if len(said) > most:
        reason = f"{field}: has {len(said):,} characters, the most is {most:,}."
        raise Invalid("cases.tip_long", reason, {"field": field}, "Attach it as a file.")
    # a stranger's text may hold anything; what moves a cursor or turns the reading direction is no part of what he says
    return _CONTROL.sub("\ufffd", said)


def _refuse_files(files: Sequence[Attached]) -> None:
    if len(files) > FILES_MAX:
        raise Invalid(
            "cases.tip_files", f"At most {FILES_MAX} files.", {"field": "files"}, "Put them into one archive."
        )
    for one in files:
        ending = one.name.rpartition(".")[2].lower()
        if "." not in one.name or ending not in ENDINGS:
            reason = f"files: {_name(one.name)} is of no kind that is taken."
            raise Invalid("cases.tip_kind", reason, {"field": "files"}, f"Kinds are {', '.join(ENDINGS)}.")
        if not 0 < one.size <= FILE_BYTES_MAX:
            reason = f"files: {_name(one.name)} has {one.size:,} bytes; 1 to {FILE_BYTES_MAX:,} are taken."
            raise Invalid("cases.tip_file_size", reason, {"field": "files"}, "Send less, or ask for another way.")
    if sum(one.size for one in files) > FILES_BYTES_MAX:
        reason = f"files: together more than {FILES_BYTES_MAX:,} bytes."
        raise Invalid("cases.tip_file_size", reason, {"field": "files"}, "Send less, or ask for another way.")


def _name(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in last if one.isprintable() and one not in '<>:"|?*')[-120:].strip(". ") or "file"


def _refuse_flood(entry: Entry) -> None:
    sql = "SELECT count(*) FROM cases_statement WHERE tenant = %s AND kind = %s AND happened_at > %s"
    came = reading.fetch_one(sql, (entry.tenant, kinds.TIP, entry.recorded_at - DAY_US))[0]
    if came >= TIPS_A_DAY_MAX:
        said = "More reports came today than this form takes."
        raise Unavailable("cases.tips_many", said, {"most": TIPS_A_DAY_MAX}, "Write to the mail address of the policy.")
