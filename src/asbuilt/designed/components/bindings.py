"""What an SBOM is of: a firmware release, a hardware revision, or a purchased part with or without a lot.

A release is named by product, image role and version, so that its SBOM may be there before it is released: the register's
draft has no number yet. Each binding is one of the three, never two.
"""

from dataclasses import dataclass

from asbuilt.designed.catalog.hints import Hints
from asbuilt.designed.catalog.queries import (
    known_part_codes,
    part_numbers,
    product_number,
    standing_products,
    standing_revisions,
)
from asbuilt.designed.firmware.queries import APP, releases_of_image
from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.storage import reading


@dataclass(frozen=True, slots=True)
class Binding:
    """What an SBOM is of, in the words of sboms.csv; `role` is empty unless it is a release."""

    product: str = ""
    role: str = ""
    version: str = ""
    revision: str = ""
    part: str = ""
    lot: str = ""

    @property
    def kind(self) -> str:
        """release, revision or part; empty where it is none or several of them."""
        said = (bool(self.product), bool(self.version), bool(self.revision), bool(self.part))
        kind = {(1, 1, 0, 0): "release", (1, 0, 1, 0): "revision", (0, 0, 0, 1): "part"}.get(said, "")
        return "" if (self.lot and kind != "part") or (self.role and kind != "release") else kind

    @property
    def name(self) -> str:
        """`WIDGET app 2.3.1`, `WIDGET revision B`, `ESP32-MOD lot 2327`."""
        if self.kind == "release":
            return f"{self.product} {self.role or APP} {self.version}"
        if self.kind == "revision":
            return f"{self.product} revision {self.revision}"
        return f"{self.part} lot {self.lot}" if self.lot else self.part


EMPTY = Binding()


@dataclass(frozen=True, slots=True)
class Bound:
    """A binding in numbers, as the table keeps it."""

    product: int | None
    role: str
    version: str
    revision: int | None
    part: int | None
    lot: str


def bound_or_fault(tenant: int, binding: Binding) -> Bound | tuple[str, str, str, str]:
    """The binding in numbers, or (column, code, reason, remedy) of why it is to nothing. A few statements."""
    if binding.kind == "release":
        return _release(tenant, binding)
    if binding.kind == "revision":
        known = standing_revisions(tenant, binding.product)
        if not known:
            return _no_product(tenant, binding.product)
        if binding.revision not in known:
            reason = f"{binding.product} has no hardware revision {binding.revision[:60]}"
            remedy = Hints(lambda: known, "Its revisions are those of its BOMs.").of(binding.revision)
            return ("revision", "catalog.revision_unknown", reason, remedy)
        return Bound(None, "", "", known[binding.revision], None, "")
    if binding.kind == "part":
        known = part_numbers(tenant, [binding.part])
        if not known:
            remedy = Hints(lambda: known_part_codes(tenant), "Add the part to parts.csv first.").of(binding.part)
            return ("part", "catalog.part_unknown", f"There is no part {binding.part[:60]}", remedy)
        return Bound(None, "", "", None, known[binding.part], binding.lot)
    remedy = "Give product and version (of a release), or product and revision, or a part with or without its lot."
    return (
        "product",
        "components.binding_unclear",
        "An SBOM is of one release, one hardware revision or one part",
        remedy,
    )


def _no_product(tenant: int, product: str) -> tuple[str, str, str, str]:
    remedy = Hints(lambda: standing_products(tenant), "Add its BOM to bom.csv first.").of(product)
    return ("product", "catalog.product_unknown", f"No product is called {product[:60]}", remedy)


def _release(tenant: int, binding: Binding) -> Bound | tuple[str, str, str, str]:
    number, role = product_number(tenant, binding.product), binding.role or APP
    if number is None:
        return _no_product(tenant, binding.product)
    if not release_known(tenant, number, binding.product, role, binding.version):
        reason = f"The register holds no {role} {binding.version[:60]} of {binding.product[:60]}"
        return ("version", "firmware.release_unknown", reason, "`asbuilt firmware list` shows what it holds.")
    return Bound(number, role, binding.version, None, None, "")


def release_known(tenant: int, number: int, product: str, role: str, version: str) -> bool:
    """Whether there is a standing release or draft of this name. One statement, two for a draft."""
    sql = (
        "SELECT 1 FROM firmware_release WHERE tenant = %s AND product = %s AND role = %s AND version = %s "
        "AND until_entry IS NULL LIMIT 1"
    )
    if reading.fetch_one(sql, (tenant, number, role, version)):
        return True
    sql = (
        "SELECT 1 FROM firmware_release_draft WHERE tenant = %s AND product = %s AND role = %s AND version = %s "
        "AND until_entry IS NULL LIMIT 1"
    )
    return reading.fetch_one(sql, (tenant, product, role, version)) is not None


def of_image(tenant: int, sha256: str) -> Binding:
    """The release, or draft, whose image has this SHA-256. NotFound where there is none, Invalid where several are."""
    try:
        digest = bytes.fromhex(sha256)
    except ValueError:
        digest = b""
    if len(digest) != 32:
        raise Invalid(
            "components.image_hash",
            f"{sha256[:80]} is no SHA-256.",
            {"image": sha256[:80]},
            "Give the 64 hex digits of the image's SHA-256.",
        )
    found = releases_with_image(tenant, digest.hex())
    if not found:
        raise NotFound(
            "components.image_unknown",
            f"No release has the image {sha256[:16]}….",
            {"image": sha256},
            "Add the release first: `asbuilt firmware add`.",
        )
    if len(found) > 1:
        names = ", ".join(sorted(one.name for one in found))
        raise Invalid(
            "components.image_of_several",
            f"Several releases have this image: {names}.",
            {"image": sha256},
            "Name product and version.",
        )
    return found.pop()


def releases_with_image(tenant: int, sha256: str) -> set[Binding]:
    """The standing releases and drafts whose image has this SHA-256, in hex. Three statements."""
    products = dict(reading.fetch("SELECT number, code FROM catalog_product WHERE tenant = %s", (tenant,)))
    try:
        releases = releases_of_image(tenant, bytes.fromhex(sha256))
    except ValueError:
        return set()
    found = {Binding(products[row.product], row.role, row.version) for row in releases}
    sql = "SELECT product, role, version FROM firmware_release_draft WHERE tenant = %s AND sha256 = %s AND until_entry IS NULL"
    drafts = reading.fetch(sql, (tenant, sha256.lower()))
    return found | {Binding(product, role or APP, version) for product, role, version in drafts}
