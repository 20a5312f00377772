"""match: 1,000 releases of 500 components against 300,000 records: everything matched in two minutes, one changed record in 200 ms.

Components overlap as in a factory (ground/sboms_and_feeds.py). Records go in as a feed's take writes them, package versions as SBOMs
write them. Measured is matching: everything from nothing, then one record that changed, until its findings stand. For 300 package
versions the findings are counted again by a naive comparison of tuples; the bench ends where one differs.
"""

import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ground import sboms_and_feeds as made
from ground.figures import Figures, arguments, engines, machine, percentile, spread
from ground.homes import home, server_seconds

FULL_SECONDS_MAX, ONE_MS_MAX = 120, 200
CHANGED, CHECKED, GROUP = 30, 300, 2_000


def components(place, count: int, chosen: random.Random) -> dict[tuple[int, int], int]:
    """Package versions and component rows of so many releases; (product, version place) -> package version."""
    from asbuilt.designed.components.package_versions import numbered
    from asbuilt.formats.sbom.model import SbomComponent
    from asbuilt.storage import bulk
    from asbuilt.storage.transactions import write_tx

    tenant, known = place.actor.tenant, {}
    columns = (
        "tenant",
        "sbom",
        "place",
        "package_version",
        "parent",
        "ref",
        "kind",
        "scope",
        "supplier",
        "licences",
        "hashes",
        "said",
    )
    for sbom, listed in enumerate(made.releases(chosen, count), 1):
        with write_tx(tenant):
            fresh = [one for one in listed if one not in known]
            known.update(zip(fresh, numbered(tenant, [_component(SbomComponent, *one) for one in fresh]), strict=True))
            rows = [
                (tenant, sbom, at, known[one], -1, str(at), "library", "", "", "[]", "[]", "{}")
                for at, one in enumerate(listed)
            ]
            bulk.insert_rows("components_sbom_component", columns, rows)
    return known


def _component(kind, product: int, version: int):
    name, said, named = made.product_name(product), made.text(made.version_of(product, version)), made.kind_of(product)
    cpe = f"cpe:2.3:a:vendor{product % 997}:{name}:{said}:*:*:*:*:*:*:*" if named in ("cpe", "both") else ""
    purl = f"pkg:generic/{name}@{said}" if named in ("purl", "both") else ""
    return kind(f"c{product}-{version}", kind="library", name=name, version=said, cpe=cpe, purl=purl)


def records(place, source: made.Records, count: int) -> None:
    """So many records, in groups as a take makes them."""
    from asbuilt.designed.vulnerability.feeds.groups import record_group
    from asbuilt.designed.vulnerability.feeds.queries import feed
    from asbuilt.designed.vulnerability.feeds.setting import set_feed

    actor, groups = place.actor, {"nvd": [], "osv": []}
    for kind in groups:
        set_feed(actor, name=kind, kind=kind)
    feeds, seen = {kind: feed(actor.tenant, kind) for kind in groups}, {kind: set() for kind in groups}
    for number in range(1, count + 1):
        kind, one = _raw(source, number)
        groups[kind].append(one)
        if len(groups[kind]) >= GROUP or number == count:
            record_group(actor, feeds[kind], groups[kind], seen[kind])
            groups[kind] = []
    for kind, left in groups.items():
        if left:
            record_group(actor, feeds[kind], left, seen[kind])


def _raw(source: made.Records, number: int, later: str = ""):
    from asbuilt.formats.advisory.splitting import RawRecord

    kind, record = source.record(number)
    if later:
        (record["cve"] if kind == "nvd" else record)["lastModified" if kind == "nvd" else "modified"] = later
    return kind, ("made", RawRecord(str(number), made.raw(record), record))


def expected(source: made.Records, count: int, wanted: dict[tuple[int, int], int]) -> set[tuple[int, str, str]]:
    """(package version, vulnerability, state) of these package versions, by comparing tuples."""
    by_product: dict[int, list[tuple[int, int]]] = {}
    for product, version in wanted:
        by_product.setdefault(product, []).append((product, version))
    found = set()
    for number in range(1, count + 1):
        kind, said, platform = source.said(number)
        for product, low, high in said:
            for of in by_product.get(product, ()):
                named = made.kind_of(product)
                meets = named == "both" or (named == "cpe" and kind == "nvd") or (named == "purl" and kind == "osv")
                if meets and low <= made.version_of(*of) < high:
                    name = made.cve_name(number) if kind == "nvd" else made.osv_name(number)
                    found.add((wanted[of], name, "unsure" if platform else "affected"))
    return found


def standing(tenant: int, numbers: list[int]) -> set[tuple[int, str, str]]:
    """The same as the tables have it."""
    from asbuilt.storage import reading

    sql = (
        "SELECT f.package_version, v.name, f.state FROM vulnerability_finding f JOIN vulnerability_vulnerability v "
        "ON v.tenant = f.tenant AND v.number = f.vulnerability WHERE f.tenant = %s AND f.until_entry IS NULL AND "
        + reading.any_of("f.package_version")
    )
    return set(reading.fetch(sql, (tenant, reading.list_param(numbers))))


def one_changed(place, source: made.Records, number: int, later: str) -> float:
    """Milliseconds from a record that changed to its findings; its criteria are written with the record, before."""
    from asbuilt.designed.vulnerability.feeds.groups import record_group
    from asbuilt.designed.vulnerability.feeds.queries import feed
    from asbuilt.designed.vulnerability.matching.evaluating import catch_up

    kind, one = _raw(source, number, later)
    record_group(place.actor, feed(place.actor.tenant, kind), [one], set())
    began = time.perf_counter()
    catch_up(place.actor)
    return (time.perf_counter() - began) * 1000


def main() -> None:
    """Match on each engine."""
    parser = arguments(__doc__.split("\n")[0], 300_000, "records")
    parser.add_argument("--releases", type=int, default=made.RELEASES)
    said = parser.parse_args()
    machine(said.seed)
    figures = Figures("match")
    for engine in engines(said.engine):
        with home(engine) as place:
            from asbuilt.designed.vulnerability.matching.evaluating import catch_up
            from asbuilt.designed.vulnerability.matching.queries import standing_counts
            from asbuilt.storage.statistics import pin_statistics

            source, chosen, began = made.Records(said.seed), random.Random(said.seed), time.perf_counter()
            known = components(place, said.releases, chosen)
            print(
                f"  {engine}: {said.releases:,} releases, {len(known):,} package versions in {time.perf_counter() - began:.0f} s",
                flush=True,
            )
            began = time.perf_counter()
            records(place, source, said.scale)
            print(f"  {engine}: {said.scale:,} records taken in {time.perf_counter() - began:.0f} s", flush=True)
            pin_statistics()
            began, worked, served = time.perf_counter(), time.process_time(), server_seconds(place)
            counts = catch_up(place.actor)
            full, worked = time.perf_counter() - began, time.process_time() - worked
            served = server_seconds(place) - served
            print(f"  {engine}: {full:.0f} s; at work {worked:.0f} s here, {served:.0f} s in the server", flush=True)
            stand = standing_counts(place.actor.tenant)
            print(f"  {engine}: {counts.new:,} findings: {stand}", flush=True)
            sample = dict(chosen.sample(sorted(known.items()), min(CHECKED, len(known))))
            wanted, found = expected(source, said.scale, sample), standing(place.actor.tenant, list(sample.values()))
            if wanted != found:
                raise SystemExit(
                    f"{len(wanted - found)} findings are missing, {len(found - wanted)} too many: {sorted(wanted ^ found)[:5]}"
                )
            print(
                f"  {engine}: {len(found):,} findings of {len(sample)} package versions counted again: the same",
                flush=True,
            )
            label = f"{engine}: {said.releases:,} × {made.COMPONENTS} components, {said.scale:,} records"
            figures.most(label, full, FULL_SECONDS_MAX, " s")
            numbers = chosen.sample(range(1, said.scale + 1), CHANGED)
            each = [
                one_changed(place, source, number, f"2026-11-02T00:00:{n:02}.000") for n, number in enumerate(numbers)
            ]
            print(f"  {engine}: one changed record: {spread(each)}".replace("questions", "records"), flush=True)
            figures.most(
                f"{engine}: one changed record, 29 of {CHANGED} within", percentile(each, 0.95), ONE_MS_MAX, " ms", 0
            )
    figures.finish()


if __name__ == "__main__":
    main()
