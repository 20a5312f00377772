"""The numbers of the example factory counted a second time, from the CSV files and design section 6 alone.

Every rule here is read from the page, one unit after the other, slowly and plainly; nothing of Asbuilt is used. Tests
compare what Asbuilt answers with what stands here; run as a script it prints the numbers. Units are their places on the
axis, 0, 1, 2 … in the order of units.csv.
"""

import csv
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "examples" / "factory"
CERTAIN, POSSIBLE, UNRECORDED = "certain", "possible", "unrecorded"
RANK = {CERTAIN: 3, POSSIBLE: 2, UNRECORDED: 1}


def table(name: str, folder: Path = FOLDER) -> list[dict[str, str]]:
    """The rows of one exchange table."""
    with open(folder / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def instant(text: str) -> datetime:
    """ISO 8601 with an offset, as UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


class Axis:
    """The units in their order, and how the tables address them."""

    def __init__(self, folder: Path = FOLDER):
        self.folder = folder
        self.rows = table("units", folder)
        self.orders = {row["order"]: row for row in table("orders", folder)}
        self.place: dict[str, int] = {}
        count = Counter()
        for unit, row in enumerate(self.rows):
            count[row["order"]] += 1
            self.place[f"{row['order']}#{count[row['order']]}"] = unit
            if row["panel"]:
                self.place[f"{row['panel']}/{row['position']}"] = unit
            if row["serial"] != "-":
                self.place[row["serial"]] = unit
        for row in table("names", folder):
            if row["kind"] == "serial":
                self.place[row["value"]] = self.place[row["unit"]]
        # X-out positions and units on which nothing has begun are not built: in no answer.
        self.built = {unit for unit, row in enumerate(self.rows) if row["state"] not in ("skipped", "planned")}
        self.parents = self._parents()
        self.customers = self._customers()

    def product(self, unit: int) -> str:
        """The product of a unit."""
        return self.orders[self.rows[unit]["order"]]["product"]

    def span(self, row: dict[str, str]) -> range:
        """first_serial..last_serial along the axis, both ends included."""
        return range(self.place[row["first_serial"]], self.place[row["last_serial"]] + 1)

    def _parents(self) -> dict[int, int]:
        """child -> parent, as it is now: without what was taken out."""
        parents, last = {}, {}
        for row in table("assemblies", self.folder):
            child, at = self.place[row["child_serial"]], instant(row["happened_at"])
            if not row["removed_at"] and at >= last.get(child, at):
                parents[child], last[child] = self.place[row["parent_serial"]], at
        return parents

    def _customers(self) -> dict[int, str]:
        names = {row["party"]: row["name"] for row in table("parties", self.folder)}
        found = {}
        for row in table("shipments", self.folder):
            for unit in self.span(row):
                found[unit] = names.get(row["customer"], row["customer"])
        return found

    def outermost(self, unit: int) -> int:
        """The unit that contains all others around it; a unit inside nothing is its own."""
        while unit in self.parents:
            unit = self.parents[unit]
        return unit

    def answer(self, grades: dict[int, str]) -> dict:
        """Affected, finished and customers from a grade per unit."""
        affected = {unit: grade for unit, grade in grades.items() if unit in self.built}
        finished: dict[int, str] = {}
        for unit, grade in affected.items():
            top = self.outermost(unit)
            finished[top] = max(grade, finished.get(top, grade), key=RANK.__getitem__)
        by_customer: dict[str | None, dict[str, int]] = {}
        for top, grade in finished.items():
            by_customer.setdefault(self.customers.get(top), dict.fromkeys(RANK, 0))[grade] += 1
        return {
            "affected": three(affected.values()),
            "affected_by_product": self._by_product(affected),
            "finished": three(finished.values()),
            "finished_by_product": self._by_product(finished),
            "by_customer": by_customer,
        }

    def _by_product(self, grades: dict[int, str]) -> dict[str, dict[str, int]]:
        products = sorted({self.product(unit) for unit in grades})
        return {p: three(grade for unit, grade in grades.items() if self.product(unit) == p) for p in products}

    def grades_by_name(self, grades: dict[int, str]) -> dict[str, str]:
        """serial number or ORDER#n as units.csv gives it -> grade, in axis order."""
        names = {unit: name for name, unit in self.place.items() if "#" in name}
        wanted = sorted(unit for unit in grades if unit in self.built)
        return {self.rows[u]["serial"] if self.rows[u]["serial"] != "-" else names[u]: grades[u] for u in wanted}


def three(grades) -> dict[str, int]:
    """How many of each grade."""
    count = Counter(grades)
    return {grade: count[grade] for grade in (CERTAIN, POSSIBLE, UNRECORDED)}


def firmware_grades(axis: Axis, product: str, version: str, role: str = "app") -> dict[int, str]:
    """Units of a product that run this version in this role by their last successful record."""
    return running(axis, product, {version}, role)


def running(axis: Axis, product: str, wanted: set[str], role: str = "app", ever: bool = False) -> dict[int, str]:
    """Units of a product that run one of these versions in this role by their last successful record; `ever`: by any.

    A record at the unit beats the state in which its chips came (which is always older here). Chips that came
    programmed make it certain where every candidate package came so, possible where only some did.
    """
    runs: dict[int, list[tuple[datetime, int, str]]] = {}
    came: dict[str, str] = {}
    for line, row in enumerate(table("programming", axis.folder)):
        if row["result"] != "pass" or row["product"] != product or (row["role"] or "app") != role:
            continue
        if not row["serial"]:
            came[row["package"]] = row["version"]
            continue
        runs.setdefault(axis.place[row["serial"]], []).append((instant(row["happened_at"]), line, row["version"]))
    grades = {}
    for unit, records in runs.items():
        versions = {version for _, _, version in records} if ever else {max(records)[2]}
        if versions & wanted and axis.product(unit) == product:
            grades[unit] = CERTAIN
    for part in {row["part"] for row in table("lots", axis.folder) if row["package"] in came}:
        for unit, positions in candidates(axis, part, ever).items():
            if (unit in runs and not ever) or unit in grades or axis.product(unit) != product:
                continue
            versions = {came.get(package) for found in positions.values() for package, _ in found}
            if versions & wanted:
                grades[unit] = CERTAIN if versions <= wanted else POSSIBLE
    return grades


def passed_grades(axis: Axis, place: str, begin: datetime, end: datetime) -> dict[int, str]:
    """`passed:PLACE@…` over [begin, end): PLACE is a machine or a step."""
    grades: dict[int, str] = {}
    for row in table("processes", axis.folder):
        started, finished = instant(row["started_at"]), instant(row["finished_at"])
        if place not in (row["machine"], row["step"]) or not (started < end and finished >= begin):
            continue
        span = axis.span(row)
        sure = len(span) == 1 or (started >= begin and finished < end)
        for unit in span:
            grade = CERTAIN if sure else POSSIBLE
            grades[unit] = max(grade, grades.get(unit, grade), key=RANK.__getitem__)
    return grades


def candidates(axis: Axis, part: str, ever: bool = False) -> dict[int, dict[str, list[tuple[str | None, str]]]]:
    """{built unit: {position: [(package, certainty)]}} at the positions of its BOM that admit the part, as it is now; `ever`: what
    was taken out beside what went in.

    An empty list is a position without any run; package None is a part that went in and that nobody wrote down.
    """
    positions: dict[tuple[str, str, str], list[str]] = {}
    for row in table("bom", axis.folder):
        if row["part"] == part:
            kind = (row["product"], row["revision"], row["bom_version"])
            positions.setdefault(kind, []).extend(row["refdes"].split() or [f"#{row['line']}"])
    there: dict[int, dict[str, list]] = {}
    for unit in axis.built:
        order = axis.orders[axis.rows[unit]["order"]]
        wanted = positions.get((order["product"], order["revision"], order["bom_version"]), [])
        if wanted:
            there[unit] = {position: [] for position in wanted}
    for row in table("materials", axis.folder):
        for unit in axis.span(row):
            for position in row["refdes"].split():
                if unit in there and position in there[unit]:
                    there[unit][position].append((row["package"], row["certainty"]))
    for row in sorted(table("replacements", axis.folder), key=lambda row: instant(row["happened_at"])):
        unit = axis.place[row["serial"]]
        if unit in there and row["refdes"] in there[unit]:
            before = there[unit][row["refdes"]] if ever else []
            there[unit][row["refdes"]] = [*before, (row["installed_package"] or None, CERTAIN)]
    return there


def carried_grade(positions: dict[str, list], wanted: set[str], unknown: set[str]) -> str | None:
    """The grade of one unit: `wanted` are the lot's packages, `unknown` those whose lot or date code is not known."""
    grades = set()
    for found in positions.values():
        packages = {package for package, _ in found}
        lone = len(packages) == 1 and found[0][1] == POSSIBLE
        if packages and packages <= wanted and not lone:
            grades.add(CERTAIN)
        elif packages & wanted:
            grades.add(POSSIBLE)
        elif not packages or None in packages or packages & unknown or lone:
            grades.add(UNRECORDED)
    return max(grades, key=RANK.__getitem__) if grades else None


def lot_grades(axis: Axis, lot_code: str, part: str) -> dict[int, str]:
    """`lot:CODE` for the lots of one part with this code."""
    packages = [row for row in table("lots", axis.folder) if row["part"] == part]
    wanted = {row["package"] for row in packages if row["lot_code"] == lot_code}
    unknown = {row["package"] for row in packages if not row["lot_code"] or not row["date_code"]}
    found = {unit: carried_grade(here, wanted, unknown) for unit, here in candidates(axis, part).items()}
    return {unit: grade for unit, grade in found.items() if grade}


def part_of(folder: Path, product: str, refdes: str) -> str:
    """The part that the product's BOM has at a designator."""
    for row in table("bom", folder):
        if row["product"] == product and refdes in row["refdes"].split():
            return row["part"]
    raise LookupError(f"{product} has no {refdes}.")


def story_a(folder: Path = FOLDER) -> dict:
    """`firmware:2.3.1 product:EG-200`: who has it?"""
    axis = Axis(folder)
    return axis.answer(firmware_grades(axis, "EG-200", "2.3.1"))


def story_b(folder: Path = FOLDER, begin: str = "2027-03-15T00:00Z", end: str = "2027-03-18T00:00Z") -> dict:
    """`passed:OVEN-2@2027-03-15..2027-03-17`: which boards, which finished products, which customers?"""
    axis = Axis(folder)
    return axis.answer(passed_grades(axis, "OVEN-2", instant(begin), instant(end)))


def lot_story(folder: Path = FOLDER) -> dict[str, dict]:
    """`lot:2EKR1` (the secure element at U7) and `lot:6B15` (the reference resistor at R12)."""
    axis = Axis(folder)
    lots = {"2EKR1": part_of(folder, "MB-200", "U7"), "6B15": part_of(folder, "MB-200", "R12")}
    return {code: axis.answer(lot_grades(axis, code, part)) for code, part in lots.items()}


def radio_story(folder: Path = FOLDER) -> dict[str, dict]:
    """`firmware:radio/1.7.9` and `firmware:radio/1.8.0`: chips that came programmed, some brought up to date."""
    axis = Axis(folder)
    return {v: axis.answer(firmware_grades(axis, "RB-50", v, "radio")) for v in ("1.7.9", "1.8.0")}


def bare_code(folder: Path = FOLDER, code: str = "27A0418") -> dict[str, dict]:
    """One code on lots of several parts: the answer for each part, and for all of them under `all`."""
    axis = Axis(folder)
    parts = sorted({row["part"] for row in table("lots", folder) if row["lot_code"] == code})
    each = {part: lot_grades(axis, code, part) for part in parts}
    together: dict[int, str] = {}
    for grades in each.values():
        for unit, grade in grades.items():
            together[unit] = max(grade, together.get(unit, grade), key=RANK.__getitem__)
    return {part: axis.answer(grades) for part, grades in each.items()} | {"all": axis.answer(together)}


def _print(title: str, answer: dict) -> None:
    print(f"\n{title}")
    for key in ("affected", "finished"):
        print(f"  {key:9}", answer[key])
        for product, count in answer[f"{key}_by_product"].items():
            print(f"    {product:9}", re.sub(r"[{}']", "", str(count)))
    for customer, count in sorted(answer["by_customer"].items(), key=lambda pair: str(pair[0])):
        print(f"    {customer or '(not shipped)':18}", re.sub(r"[{}']", "", str(count)))


if __name__ == "__main__":
    _print("firmware:2.3.1 product:EG-200", story_a())
    _print("passed:OVEN-2@2027-03-15..2027-03-17", story_b())
    for lot, found in (lot_story() | {f"27A0418 {part}": found for part, found in bare_code().items()}).items():
        _print(f"lot:{lot}", found)
    for version, found in radio_story().items():
        _print(f"firmware:radio/{version}", found)
