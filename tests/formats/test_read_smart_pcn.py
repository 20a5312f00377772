"""smartPCN archives: what a maker says, and archives that would harm who opens them."""

import io
import struct
import zipfile
from contextlib import suppress

import pytest
from sourcing_floor import archive, pcn, pcn_body

from asbuilt.formats.smart_pcn import read_smart_pcn
from asbuilt.kernel.errors import Invalid

ENTITIES = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "boom"><!ENTITY y SYSTEM "file:///etc/passwd">]><PCNbody>&y;</PCNbody>'


def code_of(content: bytes) -> str:
    with pytest.raises(Invalid) as refused:
        read_smart_pcn(content, file="a.pcn")
    assert refused.value.remedy and "nothing was stored" in refused.value.message
    return refused.value.code.removeprefix("smartpcn.")


def test_what_the_maker_says_is_read():
    cycle = "<pcnEOS>2027-06-30</pcnEOS><pcnLTD>2027-12-31T00:00:00Z</pcnLTD><pcnSOP/>"
    found = read_smart_pcn(pcn(mpns=("W-1", "W-1U"), cycle=cycle), file="a.pcn")
    assert (found.number, found.maker, found.title, found.issued_on) == ("PCN-17", "Radio", "New flash", "2026-10-01")
    assert [(one.mpn, one.revision, one.changes) for one in found.parts] == [
        ("W-1", "2", ("SEM-FW-01",)),
        ("W-1U", "2", ("SEM-FW-01",)),
    ]
    assert found.changes[0].identification == "Date code 2640 and later"
    assert found.dates == {"last_buy": "2027-06-30", "last_ship": "2027-12-31"}
    assert found.attachments == ("files/notice.pdf",)
    # without the namespace, in another case of the name, and stored without packing
    bare = pcn_body().replace(b' xmlns="http://www.smartpcn.org/images/files/VDMA24903Schema/PCNbody"', b"")
    assert read_smart_pcn(archive({"pcnbody.XML": bare}, zipfile.ZIP_STORED), file="a.pcn").number == "PCN-17"


def lying(content: bytes, size: int) -> bytes:
    """The archive with another size of its first member in the directory: what is unpacked is more than it claims."""
    place = content.index(b"PK\x01\x02")
    return content[: place + 24] + struct.pack("<L", size) + content[place + 28 :]


def linked() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as box:
        box.writestr("PCNbody.xml", pcn_body())
        link = zipfile.ZipInfo("files/notice.pdf")
        link.external_attr = 0o120777 << 16
        box.writestr(link, "/etc/passwd")
    return out.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_hostile_archives_are_refused_by_name():
    body = pcn_body()
    bomb = archive({"PCNbody.xml": b" " * (9 * 1024**2)})
    twice = io.BytesIO()
    with zipfile.ZipFile(twice, "w") as box:
        box.writestr("PCNbody.xml", body)
        box.writestr("PCNbody.xml", ENTITIES)
    secret = archive({"PCNbody.xml": body})
    place = secret.index(b"PK\x01\x02")
    secret = secret[: place + 8] + b"\x01\x00" + secret[place + 10 :]
    found = {
        "no_archive": [b"", b"%PDF-1.4", b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18 + b"more" * 20000],
        "bomb": [bomb, archive({"PCNbody.xml": body, **{f"{n}.bin": b"\0" * 40_000_000 for n in range(2)}})],
        "broken": [lying(bomb, 1_000), archive({"PCNbody.xml": body})[:60] + b"\0" * 40 + archive({"PCNbody.xml": body})[100:]],
        "member_outside": [
            archive({"PCNbody.xml": body, name: b"x"})
            for name in ("../../etc/cron.d/x", "/etc/passwd", "a/../../b", "C:evil", "..\\..\\x")
        ],
        "member_link": [linked()],
        "member_twice": [twice.getvalue(), archive({"PCNbody.xml": body, "pcnBODY.xml": ENTITIES})],
        "encrypted": [secret],
        "members_many": [archive({"PCNbody.xml": body, **{f"{n}": b"" for n in range(500)}})],
        "no_body": [archive({"a.xml": body}), archive({})],
        "xml": [
            archive({"PCNbody.xml": content})
            for content in (ENTITIES, b"<PCNbody>" + b"<a>" * 5_000, b"\xff\xfe\x00", b"")
        ] + [archive({"PCNbody.xml": body, "Attachments.xml": ENTITIES})],
        "no_notice": [archive({"PCNbody.xml": b"<html/>"})],
        "lacking": [pcn(maker=""), pcn(number=" "), pcn(mpns=())],
        "date": [pcn(cycle="<pcnEOS>30.06.2027</pcnEOS>")],
    }  # fmt: skip
    for code, contents in found.items():
        for place, content in enumerate(contents):
            assert (code, place, code_of(content)) == (code, place, code)


def packed_by_lzma(memory: bytes) -> bytes:
    """An archive packed by LZMA that asks for so much memory before its first byte is unpacked; none of what follows is right."""
    whole = bytearray(archive({"PCNbody.xml": pcn_body()}, zipfile.ZIP_LZMA))
    options = 30 + len("PCNbody.xml") + 4
    whole[options + 1 : options + 5] = memory
    whole[options + 20] ^= 0x55
    return bytes(whole)


def test_an_archive_that_is_packed_as_no_notice_is_says_so_and_nothing_of_it_is_unpacked():
    """LZMA takes as much memory as the archive says, and breaks in a way of its own; smartPCN is an ordinary ZIP: deflated or stored."""
    body = pcn_body()
    for content in (
        packed_by_lzma(b"\0\0\1\0"),
        packed_by_lzma(b"\xff" * 4),
        archive({"PCNbody.xml": body}, zipfile.ZIP_LZMA),
        archive({"PCNbody.xml": body}, zipfile.ZIP_BZIP2),
    ):
        assert code_of(content) == "packing"
    beside = io.BytesIO(archive({"PCNbody.xml": body}))
    with zipfile.ZipFile(beside, "a", zipfile.ZIP_LZMA) as box:
        box.writestr("files/notice.pdf", b"%PDF")  # only its name is read
    assert read_smart_pcn(beside.getvalue(), file="a.pcn").attachments == ("files/notice.pdf",)


def test_an_archive_cut_or_changed_anywhere_is_refused_or_read_never_worse():
    whole = pcn()
    for place in range(0, len(whole), 3):
        for content in (whole[:place], whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :]):
            with suppress(Invalid):
                assert read_smart_pcn(content, file="a.pcn").parts


def test_parts_without_a_number_hide_none_that_have_one():
    """One entry that says nothing, then 5,001 parts: what would be cut off is refused, never left out."""
    assert code_of(pcn(mpns=("", *(f"P-{n}" for n in range(5_001))))) == "parts_many"
    assert len(read_smart_pcn(pcn(mpns=("", *(f"P-{n}" for n in range(5_000)))), file="full.pcn").parts) == 5_000
