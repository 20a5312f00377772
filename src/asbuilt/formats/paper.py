"""Pages on paper: PDF/A-2b by the typesetter. Fonts come with the library, so that a page is the same everywhere. Standard: ISO 19005-2.

    paper(Path("report.typ"), {"heading": …}, made_at)   -> bytes
    set_with_known(compile, said, refused)               -> compile(text), for pages that are set in another way

Whatever stands in the record, the page is written. A PDF/A holds no letter without a picture of it (ISO 19005-2, 6.2.11.4), so the typesetter refuses
the page: a letter that is not of the alphabets below then stands as its number, `[U+56FD]`. What nobody can see stands so on every page, for it
would hide (control characters, half letters) or turn round what stands beside it (marks of direction). Nothing is left out, and JSON and tables have
the letters themselves.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path

NOT_DRAWN = "could not be displayed"
_OTHERS = re.compile(
    "[^\\n\\t\\x20-\\x7e\\xa0-\\u024f\\u0370-\\u0377\\u037a-\\u037f\\u0384-\\u038a\\u038c\\u038e-\\u03a1\\u03a3-\\u03ff\\u0400-\\u045f\\u0490\\u0491"
    "\\u2010-\\u2015\\u2018-\\u201e\\u2020-\\u2022\\u2026\\u2030\\u2032\\u2033\\u2039\\u203a\\u20ac\\u2116\\u2122\\u2126\\u2190-\\u2193\\u2212\\u221e\\u2248\\u2260\\u2264\\u2265]"
)
# control characters, separators of lines, halves of letters, letters of nobody, and what Unicode says to leave out where it is not known
# (Default_Ignorable_Code_Point: marks of direction and of no width, fillers, variants, tags), but for the soft hyphen
_UNSEEN = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ud800-\\udfff\\ufdd0-\\ufdef"
    "\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb\\ufffe\\uffff\\U0001bca0-\\U0001bca3\\U0001d173-\\U0001d17a\\U000e0000-\\U000e0fff]"
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
        return set_with_known(compiled, said, typst.TypstError)
    except typst.TypstError as refusal:
        raise NotSet(str(refusal)[:200]) from None


def by_number(said: str) -> str:
    """The text with every letter of another alphabet, and all that nobody can see, as its number."""
    return _OTHERS.sub(_number, seen(said))


def seen(said: str) -> str:
    """The text with all that nobody can see as its number; a line ends by a line feed alone."""
    return _UNSEEN.sub(_number, said.replace("\r\n", "\n"))


def _number(found: re.Match) -> str:
    return f"[U+{ord(found[0]):04X}]"


def set_with_known(compile: Callable[[str], bytes], said: dict, refused: type[Exception]) -> bytes:
    """The page that says this, from its JSON; raises `refused` for any reason other than a letter."""
    try:
        return compile(_json(said, seen))
    except refused as fault:
        if NOT_DRAWN not in str(fault):
            raise
        return compile(_json(said, by_number))


def _json(said: dict, told: Callable[[str], str]) -> str:
    def each(value: object) -> object:
        if isinstance(value, dict):
            return {name: each(part) for name, part in value.items()}
        if isinstance(value, list | tuple):
            return [each(part) for part in value]
        return told(value) if isinstance(value, str) else value

    return json.dumps(each(said), ensure_ascii=False)
