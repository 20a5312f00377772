"""A code as a Data Matrix on a page: its modules as one SVG path (ISO/IEC 16022, ECC 200, made by zxing-cpp).

The quiet zone of one module is part of the square. Refused: a text that no symbol holds.
"""

from dataclasses import dataclass

from asbuilt.kernel.errors import Invalid

TEXT_CHARACTERS_MAX = 1_500


@dataclass(frozen=True)
class Symbol:
    """The modules: `size` a side, quiet zone included, and the path of the dark ones."""

    size: int
    path: str


def data_matrix(text: str) -> Symbol:
    """The symbol of this text."""
    import zxingcpp

    try:
        if not text or len(text) > TEXT_CHARACTERS_MAX:
            raise ValueError(f"it has {len(text)} characters")
        made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)
    except ValueError as refusal:
        said = f"No Data Matrix holds this code: {str(refusal)[:120]}."
        raise Invalid("marks.unwritable", said, {"text": text[:200]}, "Use a shorter code.") from None
    rows = memoryview(made.to_image(scale=1, add_quiet_zones=False)).tolist()
    parts = []
    for y, row in enumerate(rows, 1):
        x = 0
        while x < len(row):
            end = x
            while end < len(row) and row[end] < 128:
                end += 1
            if end > x:
                parts.append(f"M{x + 1} {y}h{end - x}v1h-{end - x}z")
            x = end + 1
    return Symbol(len(rows) + 2, "".join(parts))
