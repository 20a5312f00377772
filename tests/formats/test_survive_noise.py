"""Whatever bytes arrive, the readers give rows or an Invalid, never anything else."""

import io

from hypothesis import given, settings
from hypothesis import strategies as st

from asbuilt.formats.bom import read_bom
from asbuilt.formats.placement import cross_check, read_placements
from asbuilt.formats.tables import TABLES, ErrorList, Limits, read_table
from asbuilt.kernel.errors import Invalid

# Pieces that readers trip over, and plain noise.
PIECE = st.one_of(
    st.sampled_from(
        [
            b",",
            b";",
            b"\t",
            b"\n",
            b"\r\n",
            b"\r",
            b'"',
            b'""',
            b"\x00",
            b"\x1b",
            b"\xc2\x85",
            b"\xff",
            b"\xef\xbb\xbf",
            b"{",
        ]
        + [
            b"Designator",
            b"PosX",
            b"PosY",
            b"Mid X(mil)",
            b"Reference",
            b"Quantity",
            b"R1-R4",
            b"R1-9999999",
            b"1e9",
            b"-",
        ]
        + [b"2027-03-15T08:00:00Z", b"2027-03-15T08:00:00", b"WO-1", b"SN1", "Ω".encode(), b"sep=;", b"1.5mm"]
    ),
    st.binary(max_size=6),
)
NOISE = st.lists(PIECE, max_size=60).map(b"".join)
SMALL = Limits(line_bytes=200, cell_characters=60, rows=30, errors_named=5)


@settings(max_examples=300)
@given(st.sampled_from(sorted(TABLES)), st.booleans(), NOISE)
def test_tables(name, with_header, noise):
    header = (",".join(TABLES[name].columns) + "\n").encode() if with_header else b""
    errors = ErrorList(limit=5)
    try:
        for chunk in read_table(TABLES[name], io.BytesIO(header + noise), file=name, errors=errors, limits=SMALL):
            assert len(chunk.lines) == len(chunk.rows)
            assert all(len(row) == len(TABLES[name].columns) for row in chunk.rows)
        errors.raise_if_any(name)
    except Invalid as refusal:
        assert refusal.rows
        assert len(refusal.as_text()) < 20_000


@settings(max_examples=300)
@given(st.booleans(), NOISE)
def test_boms_and_placements(with_header, noise):
    bom_header, placement_header = (
        (b"Reference,Quantity,Value\n", b"Designator,Mid X,Mid Y\n") if with_header else (b"", b"")
    )
    try:
        document = read_bom(bom_header + noise, file="bom.csv", refuse=False)
        placements = read_placements(placement_header + noise, file="pos.csv", refuse=False)
        assert all(finding.sentence for finding in cross_check(document, placements.placements))
    except Invalid as refusal:
        assert refusal.rows
