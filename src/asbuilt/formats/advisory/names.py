"""Names of software and hardware as keys: purl, CPE, repository address, vendor and product, maker and part number.

A name that is written wrongly still gives a key where its meaning is plain (a CPE with too few parts, a trailing escape);
what cannot be one gives "". Sources: package-url specification; NISTIR 7695 (CPE naming 2.3), 6.2 and 6.1 (CPE 2.2 URI).
"""

import re
from functools import lru_cache

from asbuilt.formats.matching import subjects
from asbuilt.formats.matching.distributions import ecosystem_of
from asbuilt.formats.matching.masks import escaped, literal
from asbuilt.formats.percent_encoding import encoded

CPE_PARTS = 11
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_ADDRESS = re.compile(r"(?:[a-z0-9+.-]+:)?//(?:[^/@]*@)?([^/:?#]+)(?::[0-9]*)?(/[^?#]*)?", re.IGNORECASE)
_CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{4,19}")
_LOWERED = {"github", "bitbucket", "pypi", "deb", "apk", "rpm", "composer", "hex", "generic", "gitlab"}


def unquote(text: str) -> str:
    """Percent-encoding undone; what is none stays as it is."""
    if "%" not in text:
        return text
    raw = _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), text.encode("utf-8", "replace"))
    return raw.decode("utf-8", "replace").replace("\0", "")


def cve_name(text: str) -> str:
    """`CVE-2024-1234` as it is written officially, or "" where the text is no CVE id."""
    upper = text.strip().upper()
    return upper if _CVE.fullmatch(upper) else ""


@lru_cache(8192)
def split_cpe(name: str) -> tuple[str, ...]:
    """The eleven attributes of a CPE 2.3 or 2.2 name, unescaped, part to other; `*` any, `-` not applicable; () if none.

    Missing attributes are `*`; what comes after the eleventh is left out.
    """
    if name.startswith("cpe:2.3:"):
        parts = [_unescaped(part) for part in _fields(name[8:])]
    elif name.startswith("cpe:/"):
        parts = [unquote(part) or "*" for part in name[5:].split(":")]
    else:
        return ()
    parts = [part.lower() or "*" for part in parts[:CPE_PARTS]]
    return tuple(parts + ["*"] * (CPE_PARTS - len(parts)))


def _fields(text: str) -> list[str]:
    if "\\" not in text:
        return text.split(":")
    found, start, at = [], 0, 0
    while at < len(text):
        if text[at] == "\\":
            at += 2
            continue
        if text[at] == ":":
            found.append(text[start:at])
            start = at + 1
        at += 1
    found.append(text[start:])
    return found


def _unescaped(part: str) -> str:
    if "\\" not in part:
        return part
    # a backslash at the very end escapes nothing: it is left out
    return re.sub(r"\\(.?)", r"\1", part)


def cpe_key(name: str) -> str:
    """`part:vendor:product` of a CPE name, "" where it is none or names no product."""
    parts = split_cpe(name)
    if not parts or parts[2] in ("*", "-"):
        return ""
    return ":".join(parts[:3])


def purl_key(purl: str) -> str:
    """The purl without version, qualifiers and subpath, in its canonical case; "" where it is none. openEuler's records write `&distro=…` where
    `?` belongs."""
    if purl[:4].lower() != "pkg:":
        return ""
    plain = purl[4:].split("#", 1)[0].split("?", 1)[0].split("&", 1)[0].strip("/")
    head, slash, last = plain.rpartition("/")
    at = last.find("@", 1)
    plain = head + slash + (last if at < 0 else last[:at])
    type_, slash, rest = plain.partition("/")
    if not slash or not rest or rest.endswith("/"):
        return ""
    type_ = type_.lower()
    if type_ in _LOWERED:
        rest = rest.lower()
    if type_ == "pypi":
        rest = rest.replace("_", "-")
    return f"pkg:{type_}/{rest.replace('@', '%40')}"


def purl_version(purl: str) -> str:
    """The version in a purl, decoded, "" without one; of an RPM with the epoch that stands in a qualifier."""
    return subjects.purl_version(purl)


def purl_ecosystem(purl: str) -> str:
    """The release of a distribution that a purl names by its qualifier `distro`, as OSV writes ecosystems: Debian:12; "" where it names none."""
    if subjects.purl_type(purl) not in subjects.TYPES_OF_DISTRIBUTIONS:
        return ""
    return ecosystem_of(subjects.purl_ecosystem(subjects.purl_head(purl)), subjects.purl_qualifier(purl, "distro"))


def purl_at(purl: str, version: str) -> str:
    """The purl as a statement speaks of it: with this version, else with its own, and with the release of a distribution that it names."""
    key, said = purl_key(purl), version or purl_version(purl)
    kept = [(name, subjects.purl_qualifier(purl, name)) for name in ("distro",) if purl_ecosystem(purl)]
    more = "&".join(f"{name}={encoded(value)}" for name, value in kept)
    return key + (f"@{encoded(said, ':')}" if said else "") + (f"?{more}" if more else "")


def repository_key(address: str) -> str:
    """A repository's address that compares: https, host and path in lower case, without `.git`, user or query."""
    text = address.strip()
    if text.startswith("git@") and ":" in text:
        text = "https://" + text[4:].replace(":", "/", 1)
    found = _ADDRESS.match(text.removeprefix("git+"))
    if found is None:
        return ""
    path = (found[2] or "").rstrip("/").removesuffix(".git").lower()
    return f"https://{found[1].lower()}{path}" if path else ""


def name_key(vendor: str, product: str) -> str:
    """`vendor/product` in lower case; "" where the product is not named."""
    vendor, product = _named(vendor), _named(product)
    return f"{vendor}/{product}" if product else ""


def _named(text: str) -> str:
    lower = " ".join(text.lower().split())
    return "" if lower in ("n/a", "unknown", "unspecified", "-", "*") else lower


def model_key(maker: str, model: str) -> tuple[str, str]:
    """(part or mask, key) of a CSAF model number, which may hold wildcards; key "" without one."""
    said = literal(model)
    if said is not None:
        return "part", part_key(maker, said)
    return "mask", f"{escaped(' '.join(maker.upper().split()))}/{model.strip().upper()}"


@lru_cache(16_384)  # a verdict asks it of each package on the unit
def part_key(maker: str, mpn: str) -> str:
    """`MAKER/MPN` in upper case; "" without a part number."""
    return f"{' '.join(maker.upper().split())}/{mpn.strip().upper()}" if mpn.strip() else ""
