"""A brand's product with firmware, modules and boards in the field, and feeds that speak of what is in it. What the tests of exposure share.

Boards S0000 … of product `board` (revision A), made by BRAND, in order WO: programmed with 1.0.0 or 1.1.0, some shipped to SHOP in DE or to
FAR in US. mbedtls 2.28.7 is in 1.0.0, 2.28.8 in 1.1.0; lwIP in both. Radio modules MOD of maker Acme, lots L1 and L2, sit at U1.
"""

import json

from shipping_floor import at, factory, loaded, lot, material, names

MBEDTLS = "CVE-2024-23170"
LWIP = "CVE-2020-22284"
RADIO = "BRAND-2026-7"
OUT = "CVE-2023-9999"


def cyclonedx(*components: tuple[str, str, str], serial: int = 1) -> bytes:
    """An SBOM with these (name, version, purl)."""
    listed = [
        {"type": "library", "bom-ref": f"c{n}", "name": name, "version": version, **({"purl": purl} if purl else {})}
        for n, (name, version, purl) in enumerate(components)
    ]
    return json.dumps(
        {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": serial, "components": listed}
    ).encode()


def component(name: str, version: str) -> tuple[str, str, str]:
    """A component under a generic purl."""
    return name, version, f"pkg:generic/{name}@{version}"


def osv(
    name: str, package: str, fixed: str, *, modified: str = "2026-03-01T00:00:00Z", score: str = "", **more
) -> dict:
    """An OSV record: this package before that version."""
    said = {
        "schema_version": "1.6.0", "id": name, "modified": modified, "published": modified, "summary": f"Flaw in {package}",
        "affected": [
            {
                "package": {"ecosystem": "", "name": package, "purl": f"pkg:generic/{package}"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
            }
        ],
        **more,
    }  # fmt: skip
    if score:
        said["severity"] = [{"type": "CVSS_V3", "score": score}]
    return said


def boards(count: int = 8) -> dict[str, list[dict]]:
    """The tables: half of the boards run 1.0.0, the others 1.1.0; the first quarter is with SHOP, the last board with FAR."""
    rows, units = factory(count), names(count)
    rows["parties"].append({"party": "FAR", "name": "Far Away", "roles": "customer", "country": "US"})
    rows["parts"].append(
        {"part": "MOD", "description": "Radio", "mpn": "AX-1", "manufacturer": "Acme", "lifecycle": "", "msl": ""}
    )
    rows["bom"].append({**rows["bom"][0], "line": "2", "part": "MOD", "refdes": "U1"})
    for package, code in (("M1", "L1"), ("M2", "L2"), ("M3", "")):
        rows["lots"].append({**lot(package), "part": "MOD", "mpn": "AX-1", "lot_code": code})
    half = count // 2
    rows["materials"] += [{**material(units[0], units[half - 1], "M1"), "refdes": "U1"}, {**material(units[half], units[-2], "M2"), "refdes": "U1"}, {**material(units[-1], units[-1], "M3"), "refdes": "U1"}]  # fmt: skip
    rows["programming"] = [loaded(name, "1.0.0" if n < half else "1.1.0") for n, name in enumerate(units)]
    for row in rows["units"]:
        row["state"] = "built"
    rows["firmware_demands"], rows["test_plans"], rows["test_plan_approvals"], rows["routings"] = [], [], [], []
    sent = {"shipped_at": at(6), "placed_on_market_at": ""}
    rows["shipments"] = [
        {"shipment": "SH-1", "customer": "SHOP", "country": "DE", "first_serial": units[0], "last_serial": units[count // 4 - 1], **sent},
        {"shipment": "SH-2", "customer": "FAR", "country": "US", "first_serial": units[-1], "last_serial": units[-1], **sent},
    ]  # fmt: skip
    return rows


class Security:
    """What a PSIRT does here: SBOMs in, feeds in, decisions."""

    def __init__(self, actor, folder):
        self.actor, self.folder, self.feeds = actor, folder, set()

    def sbom(self, *components, product="board", role="", version="", revision="", part="", lot="", serial=1):
        """Add an SBOM of a release, revision or part, and match it."""
        of = ("", "", "", "", part, lot) if part else (product, role, version, revision)
        return self._added(of, cyclonedx(*components, serial=serial))

    def document(self, document: dict, *, product="board", role="", version=""):
        """Add an SBOM as it stands, of a release, and match it."""
        return self._added((product, role, version, ""), json.dumps(document).encode())

    def _added(self, binding: tuple, content: bytes):
        from asbuilt.designed.components.actions import add_sbom
        from asbuilt.designed.components.bindings import Binding
        from asbuilt.designed.vulnerability.matching.evaluating import catch_up

        made = add_sbom(self.actor, binding=Binding(*binding), content=content, file_name="sbom.json")
        catch_up(self.actor)
        return made

    def feed(self, *records: dict, name: str = "osv", kind: str = "osv"):
        """Take these records as a feed, one file each."""
        from asbuilt.designed.vulnerability.feeds.setting import set_feed
        from asbuilt.designed.vulnerability.feeds.taking import take_feed
        from asbuilt.designed.vulnerability.matching.evaluating import catch_up

        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        for number, record in enumerate(records):
            (folder / f"{record.get('id', number)}.json").write_text(json.dumps(record))
        set_feed(self.actor, name=name, kind=kind, source=str(folder))
        take_feed(self.actor, name)
        catch_up(self.actor)

    def exploited(self, *names: str, name: str = "kev"):
        """CISA's list says that these are exploited."""
        listed = [
            {"cveID": one, "vendorProject": "x", "product": "y", "vulnerabilityName": one, "dateAdded": "2026-03-02", "shortDescription": "",
             "requiredAction": "", "dueDate": "2026-04-01", "knownRansomwareCampaignUse": "Unknown", "notes": "", "cwes": []}
            for one in names
        ]  # fmt: skip
        document = {
            "title": "KEV",
            "catalogVersion": "1",
            "dateReleased": "2026-03-02T00:00:00Z",
            "count": len(listed),
            "vulnerabilities": listed,
        }
        self.feed(document, name=name, kind="kev")


def secured(actor, load, folder, count: int = 8) -> Security:
    """The boards with SBOMs of both releases, and a feed that speaks of mbedtls before 2.28.8."""
    load(boards(count))
    folder.mkdir(exist_ok=True)
    security = Security(actor, folder)
    security.sbom(component("mbedtls", "2.28.7"), component("lwip", "2.1.3"), version="1.0.0")
    security.sbom(component("mbedtls", "2.28.8"), component("lwip", "2.1.3"), version="1.1.0")
    security.feed(osv(MBEDTLS, "mbedtls", "2.28.8", score="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"))
    return security
