"""smartPCN archives (.pcn): a maker's change or end of life notice as a ZIP of `PCNbody.xml`, `Attachments.xml` and files.

    read_smart_pcn(content, file="PCN-2026-17.pcn")  ->  SmartPcn(number, maker, title, issued_on, parts, changes, dates, attachments)

Nothing is unpacked to disk: the two XML files are read in memory, the others are only named. Names of elements are taken without their
namespace. Refused, each by its own code: what is no ZIP; encrypted, split, linked or doubled members; names that leave the archive; more
members or more bytes than the limits, whatever the directory claims; XML that is neither stored nor deflated, or with a document type (so no entity
is ever declared); a body without maker, number or part; a date that is none.
Standard: VDMA 24903:2017, as far as public importers show it (reference/ems-formats.md, 5).
"""

import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from itertools import islice

from asbuilt.formats.foreign import refusal
from asbuilt.formats.xml_elements import Element, XmlRefused, elements_of
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import parse_date

MEMBERS_MAX = 500
XML_BYTES_MAX = 8 * 1024**2
UNPACKED_BYTES_MAX = 256 * 1024**2
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # another one takes as much memory as the archive says
RATIO_MAX = 200
"""Bytes that a packed byte may become, of all members together; texts of notices stay below 30."""
PARTS_MAX = 5_000
CHANGES_MAX = 500
TEXT_CHARACTERS_MAX = 20_000
_SLACK = 1024**2  # small archives of zeros are no bombs

# what the library raises at bytes that are no archive, or not the one that its directory tells of
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, RuntimeError, ValueError, LookupError, OverflowError,
)  # fmt: skip

BODY, ATTACHMENTS = "pcnbody.xml", "attachments.xml"
DATES = {
    "pcnSOP": "first_made", "pcnEOS": "last_buy", "pcnEOPeffDate": "last_made", "pcnLTD": "last_ship", "pcnEOSR": "last_service",
}  # fmt: skip
"""Element of the life cycle -> the date of ours: start and end of production, end of sale, last delivery, end of service."""


@dataclass(frozen=True)
class PcnPart:
    """A part that the notice is about: order code (`mpn`), the maker's type, revision, category, kinds of change."""

    mpn: str
    type: str
    revision: str
    category: str
    changes: tuple[str, ...]


@dataclass(frozen=True)
class PcnChange:
    """What changes, and how the changed product is told from the unchanged one, in the maker's words."""

    title: str
    detail: str
    identification: str


@dataclass(frozen=True)
class SmartPcn:
    """A notice as its archive says it; `dates` by our names, days as YYYY-MM-DD."""

    number: str
    maker: str
    title: str
    issued_on: str
    parts: tuple[PcnPart, ...]
    changes: tuple[PcnChange, ...]
    dates: dict[str, str]
    attachments: tuple[str, ...]


def read_smart_pcn(content: bytes, *, file: str) -> SmartPcn:
    """The notice; Invalid with the reason where the archive is not one that we take."""
    try:
        archive = zipfile.ZipFile(BytesIO(content))
    except _BROKEN:
        raise _refused("smartpcn.no_archive", file, "is no ZIP archive", "Send the .pcn file as it came.") from None
    with archive:
        members = _checked(archive, len(content), file)
        body = members.get(BODY)
        if body is None:
            raise _refused("smartpcn.no_body", file, "holds no PCNbody.xml", "Send the .pcn file as it came.")
        root = _xml(archive, body, file)
        if ATTACHMENTS in members:
            _xml(
                archive, members[ATTACHMENTS], file
            )  # read for its dangers; the files themselves are named by the archive
    names = tuple(
        sorted(one.filename for key, one in members.items() if key not in (BODY, ATTACHMENTS) and not one.is_dir())
    )
    return _notice(root, names, file)


def _checked(archive: zipfile.ZipFile, packed: int, file: str) -> dict[str, zipfile.ZipInfo]:
    """Name without folder case -> member, once every member was looked at."""
    found, unpacked = {}, 0
    listed = archive.infolist()
    if len(listed) > MEMBERS_MAX:
        reason = f"holds {len(listed):,} files; {MEMBERS_MAX} are taken"
        raise _refused("smartpcn.members_many", file, reason, "Ask the maker for an archive of the notice alone.")
    for one in listed:
        _refuse_member(one, file)
        key = one.filename.casefold()
        if key in found:
            raise _refused(
                "smartpcn.member_twice", file, f"holds {_shown(one)} twice", "Ask the maker for a whole one."
            )
        found[key] = one
        unpacked += one.file_size
    if unpacked > UNPACKED_BYTES_MAX or unpacked > max(packed * RATIO_MAX, _SLACK):
        reason = f"would unpack to {unpacked:,} bytes, more than a notice has"
        raise _refused("smartpcn.bomb", file, reason, "Do not open it by hand; ask the maker for another one.")
    return found


def _refuse_member(one: zipfile.ZipInfo, file: str) -> None:
    name = one.filename
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in name or "\\" in name or "\x00" in name:
        reason = f"holds a file whose name leaves the archive: {_shown(one)}"
        raise _refused("smartpcn.member_outside", file, reason, "Do not unpack it; ask the maker for another one.")
    if stat.S_ISLNK(one.external_attr >> 16):
        raise _refused("smartpcn.member_link", file, f"holds a link: {_shown(one)}", "Ask the maker for another one.")
    if one.flag_bits & 1:
        reason = f"is encrypted: {_shown(one)}"
        raise _refused("smartpcn.encrypted", file, reason, "Ask the maker for one without a password.")


def _xml(archive: zipfile.ZipFile, one: zipfile.ZipInfo, file: str) -> Element:
    """The outermost element of a member; never more bytes than the limit are unpacked, whatever its header says."""
    if one.compress_type not in PACKINGS:
        reason = f"holds {_shown(one)} packed in a way that notices are not"
        raise _refused("smartpcn.packing", file, reason, "Ask the maker for an ordinary ZIP archive.")
    try:
        with archive.open(one) as stream:
            payload = stream.read(XML_BYTES_MAX + 1)
    except _BROKEN:
        raise _refused("smartpcn.broken", file, f"is broken at {_shown(one)}", "Fetch it again.") from None
    if len(payload) > XML_BYTES_MAX:
        reason = f"holds {_shown(one)} with more than {XML_BYTES_MAX >> 20} MiB"
        raise _refused("smartpcn.bomb", file, reason, "Do not open it by hand; ask the maker for another one.")
    try:
        return elements_of(payload)
    except XmlRefused as refused:
        reason = f"holds {_shown(one)} that {refused.reason}"
        raise _refused("smartpcn.xml", file, reason, "Ask the maker for another one.") from None


def _notice(root: Element, attachments: tuple[str, ...], file: str) -> SmartPcn:
    if root.name != "PCNbody":
        reason = f"holds a body that is {root.name[:40]!a}, not PCNbody"
        raise _refused("smartpcn.no_notice", file, reason, "Send the .pcn file as it came.")
    master = root.find("masterData") or Element("masterData", 0, {})
    said = {name: _text(master, name) for name in ("pcnMfrName", "pcnNumber", "pcnTitle", "pcnIssueDate")}
    named = (_part(one) for box in root.all("ItemNumbers") for one in box.all("ItemNumber"))
    parts = tuple(islice((one for one in named if one.mpn), PARTS_MAX + 1))
    for name, value in (("pcnMfrName", said["pcnMfrName"]), ("pcnNumber", said["pcnNumber"]), ("itemMfrNumber", parts)):
        if not value:
            reason = f"says nothing of {name}"
            raise _refused("smartpcn.lacking", file, reason, "Enter the notice by hand, with what the maker says.")
    if len(parts) > PARTS_MAX:
        raise _refused(
            "smartpcn.parts_many", file, f"names more than {PARTS_MAX:,} parts", "Enter those we use by hand."
        )
    changes = tuple(
        PcnChange(
            _text(one, "pcnChangeTitle"), _text(one, "pcnChangeDetail"), _text(one, "pcnChangeIdentificationMethod")
        )
        for one in root.all("difference")[:CHANGES_MAX]
    )
    cycle = root.find("pcnLifeCycleData") or Element("pcnLifeCycleData", 0, {})
    dates = {ours: day for theirs, ours in DATES.items() if (day := _day(_text(cycle, theirs), theirs, file))}
    return SmartPcn(
        said["pcnNumber"], said["pcnMfrName"], said["pcnTitle"], _day(said["pcnIssueDate"], "pcnIssueDate", file), parts, changes,
        dates, attachments,
    )  # fmt: skip


def _part(one: Element) -> PcnPart:
    box = one.find("itemChanges") or Element("itemChanges", 0, {})
    kinds = tuple(dict.fromkeys(each.get("itemChangeType") for each in box.all("itemChange")))
    return PcnPart(
        _text(one, "itemMfrNumber"), _text(one, "itemMfrTypeIdent"), _text(one, "itemRev"), _text(one, "itemCategory"),
        tuple(kind for kind in kinds if kind),
    )  # fmt: skip


def _text(one: Element, name: str) -> str:
    printable = "".join(letter for letter in one.said(name) if letter.isprintable())
    return printable[:TEXT_CHARACTERS_MAX]


def _day(said: str, name: str, file: str) -> str:
    """The day of a date or a date with a time; empty where nothing is said."""
    day = said.partition("T")[0].strip()
    if not day:
        return ""
    try:
        parse_date(day)
    except ValueError:
        reason = f"says {said[:40]!a} for {name}, which is no date"
        raise _refused("smartpcn.date", file, reason, "Enter the notice by hand, with the right date.") from None
    return day


def _shown(one: zipfile.ZipInfo) -> str:
    return "".join(letter for letter in one.filename if letter.isprintable())[:80]


def _refused(code: str, file: str, reason: str, remedy: str) -> Invalid:
    return refusal(code, file, None, reason, remedy)
