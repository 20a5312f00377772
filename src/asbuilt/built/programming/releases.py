"""The release that a row of programming.csv names: by product, version, image hash, and role where needed."""

from collections.abc import Sequence

from asbuilt.built.programming.running import APP
from asbuilt.designed.catalog.queries import product_number
from asbuilt.designed.firmware.queries import ReleaseFinder, ReleaseRow
from asbuilt.ledger.intake import TableIntake

REMEMBERED_MAX = 100_000
Cells = tuple[str, str, str, str]  # product, version, sha256, role


class ReleaseCells:
    """Releases by their four cells, looked up once each; a mistake is named on every line where it stands."""

    def __init__(self, intake: TableIntake):
        self.intake = intake
        self.finder = ReleaseFinder(intake.tenant)
        self._found: dict[Cells, ReleaseRow | tuple] = {}

    def resolve(self, lines: Sequence[int], column: Sequence[Cells]) -> dict[Cells, ReleaseRow]:
        """Cells -> release, for those that name one; a statement each time a product and version are new."""
        if len(self._found) > REMEMBERED_MAX:
            self._found.clear()
        distinct = set(column)
        for cells in distinct - self._found.keys():
            self._found[cells] = self._look_up(*cells)
        wrong = {cells for cells in distinct if isinstance(self._found[cells], tuple)}
        if wrong:
            for line, cells in zip(lines, column, strict=True):
                if cells in wrong:
                    self.intake.wrong(line, *self._found[cells])
        return {cells: self._found[cells] for cells in distinct - wrong}

    def _look_up(self, product: str, version: str, sha256: str, role: str) -> ReleaseRow | tuple:
        number = product_number(self.intake.tenant, product)
        known = self.finder.find(number, version, None, role) if number is not None else []
        if not known:
            reason = f"There is no release {version} of {product}" + (f" in the role {role}." if role else ".")
            near = self.finder.nearest(number, version) if number is not None else ""
            remedy = near or "Add the release to firmware.csv first."
            return "version", version, "programming.release_unknown", reason, remedy
        fitting = known
        if sha256:
            fitting = [row for row in known if row.sha256.hex() == sha256]
            if not fitting:
                said = " or ".join(row.sha256.hex() for row in known[:3])
                reason = f"Release {version} of {product} has the image {said}, the row says {sha256}."
                remedy = "Correct the hash, or record the release that was loaded."
                return "sha256", sha256, "programming.image_differs", reason, remedy
        elif len(known) > 1:
            fitting = [row for row in known if row.role == APP]
        if len(fitting) != 1:
            roles = ", ".join(sorted(row.role for row in known))
            reason = f"Release {version} of {product} has images in several roles: {roles}."
            return "role", role, "programming.role_needed", reason, "Say in the column role which one it was."
        return fitting[0]
