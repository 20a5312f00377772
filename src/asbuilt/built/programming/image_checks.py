"""May this package feed this order, by what its devices were programmed with? Asked wherever packages are mounted or placed.

Stopped: a package of a part that comes programmed and is not, or nobody can say so; one with another image than the order or its
hardware revision demands; one whose image is not for this revision, or was withdrawn; one that is just being programmed. Where
nothing is demanded, a package that was programmed for another product is stopped all the same; modules as their maker sells them
are not.
"""

from collections.abc import Iterator, Sequence

from asbuilt.built.production.mounting_checks import Stop, Use
from asbuilt.built.production.orders import OrderRow
from asbuilt.built.programming.demands import Demand, demands_of
from asbuilt.built.programming.package_images import PackageImage, images_of
from asbuilt.built.programming.programming_orders import open_orders_of
from asbuilt.designed.catalog.queries import part_codes
from asbuilt.designed.firmware.intake import unknown_revisions
from asbuilt.designed.firmware.queries import withdrawn_releases
from asbuilt.storage import reading

_ANOTHER = "Take a package that was programmed with it, or have this one programmed anew."


def image_stops(tenant: int, order: OrderRow, uses: Sequence[Use], at: int) -> list[list[Stop]]:
    """For each use what its images say against it. A dozen statements for all of them."""
    codes = [use.package.code for use in uses]
    sql = (
        "SELECT p.code, r.code FROM catalog_revision r JOIN catalog_product p ON p.tenant = r.tenant AND p.number = r.product "
        "WHERE r.tenant = %s AND r.number = %s"
    )
    product, revision = reading.fetch_one(sql, (tenant, order.revision)) or ("", "")
    demands = demands_of(tenant, order.code, product, revision, at)
    images = images_of(tenant, codes)
    running = open_orders_of(tenant, codes)
    if not (demands or running or any(images.values())):
        return [[] for _ in uses]
    parts = part_codes(tenant, {use.package.part for use in uses})
    gone = withdrawn_releases(tenant)
    found = []
    for use in uses:
        one = _Checked(use, parts.get(use.package.part, ""), order.code, product, revision)
        stops = [] if use.package.code not in running else [one.in_hand(running[use.package.code])]
        found.append([*stops, *one.stops(demands, images.get(use.package.code, {}), gone)])
    return found


class _Checked:
    """One package at one place, for an order of a product's revision."""

    def __init__(self, use: Use, part: str, order: str, product: str, revision: str):
        self.use, self.part, self.order, self.product, self.revision = use, part, order, product, revision

    def stops(self, demands: list[Demand], images: dict[str, PackageImage], gone: set) -> Iterator[Stop]:
        """Every reason."""
        of_part = [one for one in demands if one.part == self.part and self.use.package.part in self.use.parts]
        judged = set()
        for demand in of_part:
            image = images.get(demand.role)
            if image is None:
                yield self._unprogrammed(demand)
            elif not image.sure or image.product != demand.of_product:
                judged.add(image.role)
                yield self._other(image, demand) if image.sure else self._unsure(demand, image)
        products = {self.product, *(one.of_product for one in demands)}
        for image in images.values():
            if image.role in judged:
                continue
            demand = next((one for one in demands if (one.of_product, one.role) == (image.product, image.role)), None)
            if demand is not None and demand.version not in ("", image.version) and image.sure:
                yield self._other(image, demand)
            elif image.product not in products and image.since is not None:
                yield self._other(image, next((one for one in of_part if one.role == image.role), None))
            elif image.product == self.product and image.revisions and not self._fits(image):
                yield self._wrong_revision(image)
            if (image.product, image.role, image.version) in gone and image.sure:
                yield self._withdrawn(image)

    def _fits(self, image: PackageImage) -> bool:
        known = {self.revision: 0}
        return any(
            not unknown_revisions(part, known) for part in (*image.revisions.split(";"), *image.revisions.split())
        )

    def _facts(self, image: PackageImage | None, demand: Demand | None) -> dict:
        said = {"package": self.use.package.code, "place": self.use.place, "order": self.order, "part": self.part}
        said["image"] = image.name if image else ""
        said["sha256"] = image.sha256 if image else ""
        return {**said, "demanded": demand.name if demand else "", "by": demand.by if demand else ""}

    def in_hand(self, code: str) -> Stop:
        """It is at the programmer, or not checked yet."""
        said = f"Package {self.use.package.code} is being programmed by {code}."
        facts = {"package": self.use.package.code, "place": self.use.place, "programming_order": code}
        return Stop(
            "programming.package_in_hand", said, facts, "Close its programming order first, or take another package."
        )

    def _unprogrammed(self, demand: Demand) -> Stop:
        said = f"Package {self.use.package.code} is not programmed; {demand.by} demands {demand.name} in {self.part}."
        remedy = "Have the package programmed first, or take one that is."
        return Stop("programming.package_unprogrammed", said, self._facts(None, demand), remedy)

    def _unsure(self, demand: Demand, image: PackageImage) -> Stop:
        code = self.use.package.code
        said = f"Nobody can say whether package {code} came with {image.name}: its lot or date code is not known."
        remedy = "Read lot and date code off its label and correct the package, or take another one."
        return Stop("programming.image_unsure", said, self._facts(image, demand), remedy)

    def _other(self, image: PackageImage, demand: Demand | None) -> Stop:
        wanted = f"{demand.by} demands {demand.name}" if demand else f"order {self.order} builds {self.product}"
        said = f"Package {self.use.package.code} holds {image.name}; {wanted}."
        return Stop("programming.other_image", said, self._facts(image, demand), _ANOTHER)

    def _wrong_revision(self, image: PackageImage) -> Stop:
        said = (
            f"Package {self.use.package.code} holds {image.name}, which is not for hardware revision {self.revision}."
        )
        facts = {**self._facts(image, None), "revision": self.revision, "revisions": image.revisions}
        return Stop("programming.image_of_other_revision", said, facts, _ANOTHER)

    def _withdrawn(self, image: PackageImage) -> Stop:
        said = f"Package {self.use.package.code} holds {image.name}, which was withdrawn."
        return Stop("programming.image_withdrawn", said, self._facts(image, None), _ANOTHER)
