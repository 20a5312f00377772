"""What a draft of a declaration says, read once for every door: products with their variants, words, languages, texts.

    draft_of('{"products": …}')                            -> Draft, of a text
    read_draft(products, said, languages, texts)           -> the same of what a form or program says

Refused: what is no draft, and what of it is of another kind than it has to be. A text is never taken for a list of its letters.
"""

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from asbuilt.answers.compliance.filing.stating import NAME_CHARACTERS_MAX, day, text
from asbuilt.kernel.errors import Invalid

PRODUCTS_MAX = 200
LIST_MAX = 100
WORDS = ("manufacturer", "address", "url", "body", "procedure", "certificate", "place", "signatory", "function")
LISTS = ("laws", "standards")


@dataclass(frozen=True)
class Draft:
    """Products (each with `variants`), words and lists that are said, languages as asked for, texts by language."""

    products: list[dict]
    said: dict
    languages: list[str]
    texts: dict[str, str]


def draft_of(written: str | bytes) -> Draft:
    """What a text says. Invalid where it is none."""
    try:
        found = json.loads(written)
    except (ValueError, RecursionError):
        raise _wrong("it is no JSON") from None
    if not isinstance(found, dict):
        raise _wrong("it is no object")
    return read_draft(*(found.get(name) for name in ("products", "said", "languages", "texts")))


def read_draft(products: object, said: object, languages: object, texts: object) -> Draft:
    """The same of what a program says. Invalid: of another kind, too long, no day, no address."""
    family = [_of_family(one) for one in _listed("products", products)]
    if not 0 < len(family) <= PRODUCTS_MAX:
        raise Invalid("compliance.products_wrong", f"products: 1 to {PRODUCTS_MAX}.", {"field": "products"}, "Name what it is of.")  # fmt: skip
    if doubled := sorted({one["product"] for one in family if [each["product"] for each in family].count(one["product"]) > 1}):  # fmt: skip
        told = f"products: {doubled[0]} is named twice."
        raise Invalid("compliance.products_wrong", told, {"field": "products"}, "Name each once, with all its variants.")  # fmt: skip
    if not isinstance(said, dict):
        raise _wrong("said is no object")
    cells = {key: text(key, _text(key, said.get(key)), 2_000, needed=False) for key in WORDS}
    cells["signed_on"] = day("signed_on", _text("signed_on", said.get("signed_on")), needed=False)
    lists = {key: [text(key, one, 400) for one in _texts(key, said.get(key) or [])][:LIST_MAX] for key in LISTS}
    if not isinstance(texts, dict):
        raise _wrong("texts is no object")
    words = {key: text("texts", value) for key, one in texts.items() if (value := _text("texts", one)).strip()}
    if cells["url"] and not _is_address(cells["url"]):
        told = f"url: {cells['url'][:80]!a} is no internet address."
        raise Invalid("compliance.url_wrong", told, {"field": "url"}, "Write the exact one, such as https://maker.example/doc/eg-200.")  # fmt: skip
    filled = {key: value for key, value in {**cells, **lists}.items() if value}
    return Draft(family, filled, list(dict.fromkeys(_texts("languages", languages))), words)


def _of_family(one: object) -> dict:
    if not isinstance(one, dict) or not isinstance(one.get("product"), str):
        raise _wrong("a product is no object with product and variants")
    variants = [text("variants", each, NAME_CHARACTERS_MAX) for each in _texts("variants", one.get("variants") or [])]
    return {"product": one["product"], "variants": variants[:LIST_MAX]}


def _listed(field: str, given: object) -> list:
    if not isinstance(given, list | tuple):
        raise _wrong(f"{field} is no list")
    return list(given)


def _texts(field: str, given: object) -> list[str]:
    return [_text(field, one, needed=True) for one in _listed(field, given)]


def _text(field: str, given: object, *, needed: bool = False) -> str:
    if isinstance(given, str) or (given is None and not needed):
        return given or ""
    raise _wrong(f"{field} is no text")


def _is_address(url: str) -> bool:
    """Whether a browser finds something by it: a scheme of the web, a host, no blanks."""
    try:
        found = urlsplit(url)
        return found.scheme in ("http", "https") and bool(found.hostname) and url.split() == [url] and found.port != 0
    except ValueError:
        return False


def _wrong(why: str) -> Invalid:
    told = f"The draft is none of a declaration: {why}."
    return Invalid("compliance.draft_wrong", told, {"field": "draft"}, "Give products, said, languages and texts, as on the page Declarations.")  # fmt: skip
