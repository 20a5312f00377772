"""floor: the time of `ask` inside the process against the bare SQL it needs, for answers of 1,000 units and more.

Every statement that a question runs is recorded on its way to the driver, then replayed bare: the same text and parameters
through the same driver in the same way, in one snapshot, rows fetched and thrown away. Each question is timed
seven times both ways, in turn; the least of each counts. The ratio is that of the sums.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import psycopg
from genealogy import Sheet
from ground.factory import Factory
from ground.figures import Figures, arguments, engines, machine
from ground.homes import home, keep
from ground.proof import load
from ground.weight import settle

RATIO_MAX, UNITS_MIN, QUESTIONS, REPEATS = 2, 1_000, 60, 7


@contextmanager
def recorded() -> Iterator[list[tuple]]:
    """The statements that reads send to the driver meanwhile: (text, parameters)."""
    from asbuilt.storage import reading

    seen, fetch = [], reading.fetch

    def fetch_and_note(sql, params=()):
        seen.append((sql, tuple(params)))
        return fetch(sql, params)

    reading.fetch = fetch_and_note
    try:
        yield seen
    finally:
        reading.fetch = fetch


class Bare:
    """The driver without anything of ours above it."""

    def __init__(self):
        from django.db import connections

        connections["reader"].ensure_connection()
        self.driver = connections["reader"].connection
        self.sqlite = connections["reader"].vendor == "sqlite"

    def replay(self, statements: list[tuple]) -> float:
        """Milliseconds of these statements in one snapshot."""
        # prepared on PostgreSQL, as a question sends them: the server reads each text once
        cursor = self.driver.cursor() if self.sqlite else psycopg.Cursor(self.driver)
        prepare = {} if self.sqlite else {"prepare": True}
        texts = [(sql.replace("%s", "?") if self.sqlite else sql, params) for sql, params in statements]
        began = time.perf_counter()
        cursor.execute("BEGIN")
        if not self.sqlite:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        for sql, params in texts:
            cursor.execute(sql, params, **prepare)
            cursor.fetchall()
        cursor.execute("COMMIT")
        return (time.perf_counter() - began) * 1000


def measure(actor, questions: list[str]) -> tuple[list[float], list[float], list[int]]:
    """Least milliseconds of `ask` and of its bare SQL for each question with enough units, and the number of statements."""
    from asbuilt.questions.genealogy.answering.answers import ask

    asked, bare, statements = [], [], []
    driver = Bare()
    for question in questions:
        with recorded() as seen:
            answer = ask(actor, question)
        if len(answer.affected.unrecorded) < UNITS_MIN:
            continue
        both = []
        for _ in range(REPEATS):
            began = time.perf_counter()
            ask(actor, question)
            both.append(((time.perf_counter() - began) * 1000, driver.replay(seen)))
        asked.append(min(one for one, _ in both))
        bare.append(min(other for _, other in both))
        statements.append(len(seen))
        if len(asked) == QUESTIONS:
            break
    return asked, bare, statements


def main() -> None:
    """Lots, and lots with firmware, window and rework, on each engine."""
    parser = arguments(__doc__.split("\n")[0], 10_000_000, "units")
    parser.add_argument(
        "--kept", default="", help="a folder in which the factory stays for the next run; that of bench gate will do"
    )
    said = parser.parse_args()
    machine(said.seed)
    figures = Figures("floor")
    factory = Factory(said.scale, said.seed)
    for engine in engines(said.engine):
        kept = Path(said.kept) / f"{engine}-{factory.units}-{said.seed}" if said.kept else None
        with home(engine, kept) as place, tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as folder:
            if place.first:
                load(place, factory, Path(folder), straight=True)
                keep(place)
            settle()
            sheet = Sheet(place, factory, said.seed, 300)
            for name, questions in (("lot", sheet.lot_questions()), ("lot with three terms", sheet.mixed_questions())):
                asked, bare, statements = measure(place.actor, questions)
                if not asked:
                    print(f"  {engine} {name}: no answer has {UNITS_MIN:,} units")
                    continue
                count = len(asked)
                shown = f"ask {sum(asked) / count:.2f} ms, bare SQL {sum(bare) / count:.2f} ms"
                print(
                    f"  {engine} {name}: {count} questions, {shown}, {sum(statements) / count:.0f} statements",
                    flush=True,
                )
                figures.most(f"{engine} {name}: ask against bare SQL", sum(asked) / sum(bare), RATIO_MAX, " x", 2)
    figures.finish()


if __name__ == "__main__":
    main()
