"""A factory whose releases have SBOMs and whose feeds speak of vulnerabilities in a third of the components.

Each firmware release of each product gets an SBOM of fifty components, half of them shared by all. Both go in through the product's own
doors and are matched; a home that is kept has them once. Makers' parts that an advisory speaks of come beside them where a bench asks for it.
"""

import json
import random
import tempfile
from pathlib import Path

from ground.factory import VERSIONS, Factory

COMPONENTS, SHARED, VULNERABILITIES, PARTS_SPOKEN_OF = 50, 25, 200, 20
WRITTEN, WRITTEN_OF_PARTS = "secured", "secured_of_parts"


def sbom(product: str, place: int) -> bytes:
    """An SBOM: shared components in the version of the release's place, the others of the product alone."""
    listed = []
    for n in range(COMPONENTS):
        name = f"lib{n}" if n < SHARED else f"{product.lower()}-lib{n}"
        version = f"1.{place}.{n}"
        listed.append(
            {
                "type": "library",
                "bom-ref": name,
                "name": name,
                "version": version,
                "purl": f"pkg:generic/{name}@{version}",
            }
        )
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": listed}).encode()


def advisory(n: int, chosen: random.Random, products: list[str]) -> tuple[dict, str, int]:
    """A record about a component before the version of a place: (record, component, place)."""
    number = chosen.randrange(COMPONENTS)
    name = f"lib{number}" if number < SHARED else f"{chosen.choice(products).lower()}-lib{number}"
    place = chosen.randrange(1, len(VERSIONS) + 1)
    said = {
        "schema_version": "1.6.0", "id": f"CVE-2026-{10_000 + n}", "modified": "2026-10-01T00:00:00Z", "published": "2026-10-01T00:00:00Z", "summary": f"Flaw in {name}",
        "affected": [{"package": {"ecosystem": "", "name": name, "purl": f"pkg:generic/{name}"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": f"1.{place}.0"}]}]}],
    }  # fmt: skip
    return said, name, place


def advisories(factory: Factory, seed: int) -> dict[str, tuple[dict, str, int]]:
    """Vulnerability -> (record, component, place)."""
    chosen, codes = random.Random(f"{seed}/advisories"), [product.code for product in factory.products]
    return {said[0]["id"]: said for said in (advisory(n, chosen, codes) for n in range(VULNERABILITIES))}


def secured(place, factory: Factory, seed: int) -> dict[str, tuple[str, int]]:
    """SBOMs of every release and a feed, written where they are not there yet; returns vulnerability -> (component, place)."""
    said = advisories(factory, seed)
    if not (place.folder / WRITTEN).exists():
        with tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as folder:
            _write(place, factory, [record for record, _, _ in said.values()], Path(folder))
        (place.folder / WRITTEN).touch()
    return {name: (component, before) for name, (_, component, before) in said.items()}


def parts_spoken_of(place, seed: int) -> None:
    """Vulnerabilities that an advisory of the house says of makers' parts, written where they are not there yet."""
    from asbuilt.designed.vulnerability.feeds.noting import note
    from asbuilt.designed.vulnerability.matching.evaluating import catch_up
    from asbuilt.storage import reading

    if (place.folder / WRITTEN_OF_PARTS).exists():
        return
    known = reading.fetch(
        "SELECT DISTINCT maker, mpn FROM catalog_manufacturer_part WHERE mpn <> '' ORDER BY mpn, maker"
    )
    for n, (maker, mpn) in enumerate(random.Random(f"{seed}/parts").sample(known, PARTS_SPOKEN_OF)):
        affected = [{"maker": maker, "mpn": mpn}]
        note(place.actor, record={"vulnerability": f"BENCH-2026-{n}", "title": "Erratum", "affected": affected})
    catch_up(place.actor)
    (place.folder / WRITTEN_OF_PARTS).touch()


def _write(place, factory: Factory, records: list[dict], folder: Path) -> None:
    from asbuilt.designed.components.actions import add_sbom
    from asbuilt.designed.components.bindings import Binding
    from asbuilt.designed.vulnerability.feeds.setting import set_feed
    from asbuilt.designed.vulnerability.feeds.taking import take_feed
    from asbuilt.designed.vulnerability.matching.evaluating import catch_up

    for product in factory.products:
        for n, version in enumerate(VERSIONS):
            add_sbom(
                place.actor,
                binding=Binding(product.code, "", version),
                content=sbom(product.code, n),
                file_name="sbom.json",
            )
    for record in records:
        (folder / f"{record['id']}.json").write_text(json.dumps(record))
    set_feed(place.actor, name="osv", kind="osv", source=str(folder))
    take_feed(place.actor, "osv")
    catch_up(place.actor)
