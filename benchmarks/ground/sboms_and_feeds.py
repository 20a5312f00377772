"""Made-up components of firmware and records of feeds about them, of a size and skew that an EMS with many customers has.

Names follow a Zipf-like skew: the same hundred libraries are in most releases, a long tail in few. Versions are three numbers, so
that a naive comparison of tuples tells what is right. Of the components some carry a CPE, some a purl, some both, a few neither.
"""

import json
import random
from collections.abc import Iterator

PRODUCTS_IN_FEEDS = 60_000
PRODUCTS_IN_USE = 3_000
VERSIONS = 24
RELEASES, COMPONENTS = 1_000, 500
# of a hundred components: with a CPE, with a purl, with both, with neither
CPE, PURL, BOTH = 40, 80, 94


def product_name(number: int) -> str:
    """The name of a product."""
    return f"lib{number:05}"


def version_of(product: int, place: int) -> tuple[int, int, int]:
    """The version at a place of a product's releases, 0 the oldest."""
    return product % 3 + place // 8, place // 2 % 4, place % 2


def text(version: tuple[int, int, int]) -> str:
    """A version as it is written."""
    return ".".join(map(str, version))


def skewed(chosen: random.Random, most: int) -> int:
    """A number below `most`, low ones far more often."""
    return int(most * chosen.random() ** 3)


def kind_of(product: int) -> str:
    """cpe, purl, both or bare: a product is named one way everywhere."""
    place = product * 37 % 100
    return "cpe" if place < CPE else "purl" if place < PURL else "both" if place < BOTH else "bare"


def releases(chosen: random.Random, count: int) -> Iterator[list[tuple[int, int]]]:
    """Components of each release as (product, place of the version): what was new when it was made, or a little older."""
    for number in range(count):
        newest = VERSIONS * (number + 1) // count
        listed: dict[int, int] = {}
        while len(listed) < COMPONENTS:
            listed.setdefault(skewed(chosen, PRODUCTS_IN_USE), max(0, newest - 1 - chosen.choice((0, 0, 1, 2))))
        yield list(listed.items())


def affected_range(chosen: random.Random, product: int) -> tuple[tuple, tuple]:
    """From which version, included, up to which, excluded."""
    last = chosen.randrange(1, VERSIONS)
    return version_of(product, max(0, last - chosen.randrange(1, 6))), version_of(product, last)


def cve_name(number: int) -> str:
    """The id of one of NVD's."""
    return f"CVE-2026-{number:07}"


def osv_name(number: int) -> str:
    """The id of one of OSV's."""
    return f"OSV-2026-{number:07}"


def nvd_record(number: int, said: list[tuple[int, tuple, tuple]], platform: bool) -> dict:
    """A record of NVD's API about these (product, low, high)."""
    matches = [
        {
            "vulnerable": True, "criteria": f"cpe:2.3:a:vendor{product % 997}:{product_name(product)}:*:*:*:*:*:*:*:*",
            "versionStartIncluding": text(low), "versionEndExcluding": text(high), "matchCriteriaId": f"M{number}",
        }
        for product, low, high in said
    ]  # fmt: skip
    nodes = [{"operator": "OR", "negate": False, "cpeMatch": matches}]
    if platform:
        board = {"vulnerable": False, "criteria": f"cpe:2.3:h:vendor1:board{number % 50}:-:*:*:*:*:*:*:*"}
        nodes.append({"operator": "OR", "negate": False, "cpeMatch": [board]})
    configuration = {"nodes": nodes} | ({"operator": "AND"} if platform else {})
    return {
        "cve": {
            "id": cve_name(number), "published": "2026-10-01T00:00:00.000", "lastModified": "2026-11-01T00:00:00.000",
            "descriptions": [{"lang": "en", "value": f"A flaw in {product_name(said[0][0])}."}], "configurations": [configuration],
        }
    }  # fmt: skip


def osv_record(number: int, product: int, low: tuple, high: tuple) -> dict:
    """An OSV record about a purl."""
    events = [{"introduced": text(low)}, {"fixed": text(high)}]
    affected = {"package": {"ecosystem": "", "name": "", "purl": f"pkg:generic/{product_name(product)}"}}
    affected["ranges"] = [{"type": "ECOSYSTEM", "events": events}]
    return {"id": osv_name(number), "modified": "2026-11-01T00:00:00Z", "affected": [affected]}


class Records:
    """Records numbered from 1; three of four are NVD's, the rest OSV's. What each says is told again for the same number."""

    def __init__(self, seed: int):
        self.seed = seed

    def said(self, number: int) -> tuple[str, list[tuple[int, tuple, tuple]], bool]:
        """Kind, (product, low, high), whether a platform is asked for."""
        chosen = random.Random(self.seed * 1_000_003 + number)
        kind = "osv" if number % 4 == 0 else "nvd"
        # half of what feeds say is about what nobody here uses
        most = PRODUCTS_IN_FEEDS if number % 2 else PRODUCTS_IN_USE
        count = 1 if kind == "osv" else chosen.choice((1, 1, 2, 4))
        listed = [chosen.randrange(most) if number % 2 else skewed(chosen, most) for _ in range(count)]
        found = [(product, *affected_range(chosen, product)) for product in dict.fromkeys(listed)]
        return kind, found, kind == "nvd" and chosen.random() < 0.15

    def record(self, number: int) -> tuple[str, dict]:
        """Kind and record."""
        kind, said, platform = self.said(number)
        return kind, (osv_record(number, *said[0]) if kind == "osv" else nvd_record(number, said, platform))


def raw(record: dict) -> bytes:
    """The bytes of a record."""
    return json.dumps(record, separators=(",", ":")).encode()
