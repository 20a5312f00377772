"""Pages on paper: PDF/A-2b by the typesetter. Fonts come with the library, so that a page is the same everywhere. Standard: ISO 19005-2.

    paper(Path("report.typ"), {"heading": …}, made_at)   -> bytes
    set_with_known(compile, said, refused)               -> compile(said), for pages that are set in another way

A maker's name in Chinese must not keep a whole file from being written.
A PDF/A holds no letter without a picture of it (ISO 19005-2, 6.2.11.4), so the typesetter refuses the page. A letter that is not of the alphabets
below then stands as its number, `[U+56FD]`: nothing is left out, and JSON and tables have the letters themselves.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path

NOT_DRAWN = "could not be displayed"
_OTHERS = re.compile(
    "[^\\n\\t\\x20-\\u024f\\u0370-\\u0377\\u037a-\\u037f\\u0384-\\u038a\\u038c\\u038e-\\u03a1\\u03a3-\\u03ff\\u0400-\\u045f\\u0490\\u0491"
    "\\u2010-\\u2015\\u2018-\\u201e\\u2020-\\u2022\\u2026\\u2030\\u2032\\u2033\\u2039\\u203a\\u20ac\\u2116\\u2122\\u2126\\u2190-\\u2193\\u2212\\u221e\\u2248\\u2260\\u2264\\u2265]"
)


class NotSet(Exception):
    """The typesetter refused; its words."""


def paper(page: Path, said: dict, made_at: int) -> bytes:
    """A page with what it is to say, as of an instant (microseconds); about 0.1 s. Raises NotSet."""
    import typst  # 34 MB that nothing else needs

    def compiled(text: str) -> bytes:
        return typst.compile(
            page.read_bytes(), format="pdf", pdf_standards="a-2b", sys_inputs={"said": text}, ignore_system_fonts=True,
            timestamp=made_at // 1_000_000,
        )  # fmt: skip

    try:
        return set_with_known(compiled, json.dumps(said, ensure_ascii=False), typst.TypstError)
    except typst.TypstError as refusal:
        raise NotSet(str(refusal)[:200]) from None


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
