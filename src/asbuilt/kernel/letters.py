"""Letters that the fonts of our PDFs do not have: a maker's name in Chinese must not keep a whole file from being written.

    set_with_known(compile, said, refused)   -> compile(said); where a letter of it cannot be drawn, compile of the same with such letters by number

A PDF/A holds no letter without a picture of it (ISO 19005-2, 6.2.11.4), so the typesetter refuses the page. A letter that is not of the alphabets
below then stands as its number, `[U+56FD]`: nothing is left out, and JSON and tables have the letters themselves.
"""

import re
from collections.abc import Callable

NOT_DRAWN = "could not be displayed"
_OTHERS = re.compile(
    "[^\\n\\t\\x20-\\u024f\\u0370-\\u0377\\u037a-\\u037f\\u0384-\\u038a\\u038c\\u038e-\\u03a1\\u03a3-\\u03ff\\u0400-\\u045f\\u0490\\u0491"
    "\\u2010-\\u2015\\u2018-\\u201e\\u2020-\\u2022\\u2026\\u2030\\u2032\\u2033\\u2039\\u203a\\u20ac\\u2116\\u2122\\u2126\\u2190-\\u2193\\u2212\\u221e\\u2248\\u2260\\u2264\\u2265]"
)


def by_number(said: str) -> str:
    """The text with every letter of another alphabet as its number."""
    return _OTHERS.sub(lambda found: f"[U+{ord(found[0]):04X}]", said)


def set_with_known(compile: Callable[[str], bytes], said: str, refused: type[Exception]) -> bytes:
    """The page of a JSON text; raises `refused` for any other reason."""
    try:
        return compile(said)
    except refused as fault:
        if NOT_DRAWN not in str(fault):
            raise
        return compile(by_number(said))
