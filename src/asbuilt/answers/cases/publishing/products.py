"""The product tree of a draft: stretches of units and firmware versions under keys that statuses name.

A firmware version as such is one product, a hardware revision with its serial numbers another, and the one installed on the other a third: a
reader who knows his version, his revision or his serial number finds himself.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from asbuilt.answers.cases.publishing.affected import UNITS_NAMED_MAX, Stretch
from asbuilt.designed.firmware.queries import APP
from asbuilt.designed.vulnerability.deciding.decisions import RELEASE, REVISION, Scope
from asbuilt.formats.csaf.advisory import Installed, Product, SerialRange


@dataclass
class Tree:
    """Products so far; `firmware` maps (product, role, version) to its key, `product_of` a key to its product's code."""

    products: list[Product] = field(default_factory=list)
    installed: list[Installed] = field(default_factory=list)
    firmware: dict[tuple[str, str, str], str] = field(default_factory=dict)
    product_of: dict[str, str] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)

    def add_firmware(self, maker: str, product: str, role: str, version: str, sha256: str = "") -> str:
        """The key of this version, added where it is not there."""
        known = (product, role, version)
        if known not in self.firmware:
            key = self.firmware[known] = f"FW-{len(self.firmware) + 1}"
            name = product if role in ("", "app") else f"{product} {role}"
            self.product_of[key] = product
            self.products.append(Product(key, name, version, maker, sha256=sha256))
        return self.firmware[known]

    def add_units(self, maker: str, one: Stretch) -> str:
        """The key of these units: installed firmware where there is some, else the hardware."""
        key = self.add_revision(maker, one.product, one.revision, one.ranges)
        self._gaps(one)
        if one.release is None:
            return key
        firmware = self.add_firmware(maker, one.product, one.release.role, one.release.version, one.release.sha256)
        both = f"{firmware}-ON-{key}"
        self.installed.append(Installed(both, firmware, key))
        self.product_of[both] = one.product
        return both

    def add_revision(self, maker: str, product: str, revision: str, ranges: tuple[SerialRange, ...] = ()) -> str:
        """The key of a hardware revision, as such or of these serial numbers."""
        key = f"HW-{sum(one.hardware for one in self.products) + 1}"
        self.product_of[key] = product
        models = (f"{product}-{revision}",)
        self.products.append(
            Product(key, product, revision, maker, hardware=True, model_numbers=models, serial_ranges=ranges)
        )
        return key

    def within(self, scope: Scope, keys: Iterable[str]) -> tuple[str, ...]:
        """Those of these keys that a decision about this scope speaks of; of parts and of units all, as the tree does not know them."""
        if scope.kind == RELEASE:
            place = (scope.product, scope.role or APP, scope.version)
            named = {key for known, key in self.firmware.items() if (known[0], known[1] or APP, known[2]) == place}
        elif scope.kind == REVISION:
            named = {one.key for one in self.products if one.hardware and (self.product_of[one.key], one.version) == (scope.product, scope.revision)}  # fmt: skip
        else:
            return tuple(keys)
        both = {one.key for one in self.installed if named & {one.firmware, one.hardware}}
        return tuple(key for key in keys if key in named | both)

    def _gaps(self, one: Stretch) -> None:
        of = f"{one.product} {one.revision}"
        if one.unnamed:
            self.gaps.append(_("%(of)s: %(n)s affected units have no serial number.") % {"of": of, "n": one.unnamed})
        if one.many:
            self.gaps.append(
                _(
                    "%(of)s: more than %(most)s units are affected; the serial numbers of these %(n)s are left out, they stand as revision and version."
                )
                % {"of": of, "most": f"{UNITS_NAMED_MAX:,}", "n": f"{one.count:,}"}
            )
        if one.cut:
            self.gaps.append(
                _("%(of)s: the serial numbers of %(n)s units are too many ranges; they stand as revision and version.")
                % {"of": of, "n": one.count}
            )
