"""diff: two BOM versions of two thousand lines, compared by meaning, read from the record.

A product gets two versions through the exchange door: of the second every seventh line has another part, every eleventh lost a designator, every
thirteenth pair of lines changed places, lines stand in another order under other numbers, and a tenth of the parts got another MPN in between.
What must come out is counted from the plan. Measured whole: reading, comparing, and writing it as JSON.
"""

import json
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ground.figures import Clock, Figures, arguments, engines, machine, percentile, spread
from ground.homes import home

P99_MS, TIMES = 200, 50


def write(folder: Path, name: str, columns: str, rows: list[list]) -> None:
    """One exchange table."""
    folder.mkdir(parents=True, exist_ok=True)
    text = [columns.replace(" ", ","), *(",".join(map(str, row)) for row in rows)]
    (folder / f"{name}.csv").write_text("\n".join(text) + "\n", encoding="utf-8")


def planned(lines: int, seed: int) -> tuple[list[list], list[list], list[list], list[list], dict[str, int]]:
    """Parts, old lines, new lines, parts said later, and what a comparison must count."""
    columns = [["P", f"A{n}", [f"R{n}A", f"R{n}B"]] for n in range(lines)]
    new = [[name, part, list(positions)] for name, part, positions in columns]
    swapped = 0
    for n in range(0, lines - 1, 13):
        if n % 7 and (n + 1) % 7 and n % 11 and (n + 1) % 11:
            new[n][2], new[n + 1][2] = new[n + 1][2], new[n][2]
            swapped += 1
    replaced = range(0, lines, 7)
    for n in replaced:
        new[n][1] = f"B{n}"
    fewer = range(0, lines, 11)
    for n in fewer:
        new[n][2] = new[n][2][:1]
    codes = [f"A{n}" for n in range(lines)] + [f"B{n}" for n in replaced]
    part = [[code, "", f"M-{code}", "Maker", "", ""] for code in codes]
    later = [[f"A{n}", "", f"L-A{n}", "Later", "", ""] for n in range(0, lines, 10)]
    random.Random(seed).shuffle(new)
    rows = [["BIG", "A", version, number, code, len(positions), " ".join(positions)]
            for version, some in (("1", columns), ("2", new)) for number, (_, code, positions) in enumerate(some, 1)]  # fmt: skip
    count = {
        "replaced": len(replaced), "added": len(replaced), "removed": len(replaced), "swapped": swapped,
        "quantities": len([n for n in fewer if n % 7]), "makers": len([n for n in range(0, lines, 10) if n % 7]),
    }  # fmt: skip
    return part, rows[:lines], rows[lines:], later, count


def run(engine: str, options, figures: Figures) -> None:
    """The whole bench on one engine."""
    with home(engine) as place, tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as folder:
        from asbuilt.built.exchange.actions import import_folder
        from asbuilt.questions.boms.compared import Named, compared

        part, old, new, later, count = planned(options.scale, options.seed)
        names = "product revision bom_version line part quantity refdes"
        for number, tables in enumerate((
            {"parts": ("part description mpn manufacturer lifecycle msl", part), "bom": (names, old)},
            {"parts": ("part description mpn manufacturer lifecycle msl", later)}, {"bom": (names, new)},
        )):  # fmt: skip
            for name, (columns, rows) in tables.items():
                write(Path(folder) / str(number), name, columns, rows)
            import_folder(place.actor, Path(folder) / str(number))
        clock, wrong = Clock(), 0
        for _ in range(TIMES):
            with clock:
                found = compared(place.actor, product="BIG", old=Named("A", "1"), new=Named("A", "2"))
                json.dumps(found)
            wrong += {name: len(found[name]) for name in count} != count
        own = percentile(clock.own, 0.5)
        print(f"  {engine}: {spread(clock.wall)}; own processor time p50 {own:.0f} ms; {count}")
        figures.most(f"{engine} p99", percentile(clock.wall, 0.99), P99_MS, " ms", 0)
        figures.most(f"{engine} comparisons that differ from the plan", wrong, 0, "", 0)


def main() -> None:
    """Both engines, one after the other."""
    said = arguments(__doc__.split("\n")[0], 2_000, "lines").parse_args()
    machine(said.seed)
    figures = Figures("diff")
    for engine in engines(said.engine):
        run(engine, said, figures)
    figures.finish()


if __name__ == "__main__":
    main()
