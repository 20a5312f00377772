"""Keysight i3070 log records: `{@BTEST|board|status|…{@BLOCK|designator|status{@A-RES|status|value{@LIM2|high|low}}}}`.

A file holds one batch with its boards; braces may be left open at its end, as the tester writes while it tests. A measurement is named by
its block, and by its subtest where a block has several. Times are YYMMDDhhmmss of the tester's clock, in the zone of the factory.
A status of 0 is a pass; a board with another one failed, from 80 on it was not tested to the end. A board passes where its blocks do: one with 0
over a block or verdict that failed, and was not run again, is a fail, and keeps the word; so do the values of a block that failed as a whole. Limits of 9.99E+99 are none. Values
are in the base unit of their kind (ohm, farad, henry, volt). Learning runs and known-good boards are marked. Fields: see shared reference, section 6.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from asbuilt.formats.measurements import SAID_OUTCOME, as_the_step_says, outcome_by
from asbuilt.formats.results.result import STEPS_MAX, Result
from asbuilt.formats.results.said import FieldRefused, Times, number_in, text_of, whole

VERSION = "i3070/3"
NESTING_MAX = 20
RECORDS_MAX = 500_000
NO_LIMIT = 9e98
UNITS = {
    "A-RES": "Ohm", "A-CAP": "F", "A-IND": "H", "A-JUM": "Ohm", "A-FUS": "Ohm", "A-SWI": "Ohm", "A-POT": "Ohm", "A-DIO": "V", "A-ZEN": "V",
    "A-NPN": "", "A-PNP": "", "A-MEA": "", "A-NFE": "", "A-PFE": "",
}  # fmt: skip
# record -> which field says the status, and which one names it
VERDICTS = {
    "PF": (1, 0),
    "TS": (0, 4),
    "D-T": (0, 4),
    "D-PLD": (0, -1),
    "TJET": (0, 2),
    "BS-CON": (1, 0),
    "CCHK": (0, 2),
    "PCHK": (0, 1),
    "PRB": (0, 2),
}
_OPEN = re.compile(r"\{@|\}")


@dataclass
class Node:
    """A record: its name without the `@`, its fields, the line it begins on, the records inside."""

    name: str
    fields: list[str]
    line: int
    inside: list["Node"] = field(default_factory=list)

    def get(self, place: int) -> str:
        """A field, empty where the record is shorter."""
        return self.fields[place] if -len(self.fields) <= place < len(self.fields) else ""


def is_log(payload: bytes) -> bool:
    """Whether a file begins as such a log does."""
    return payload[:64].lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"{@BATCH|", b"{@BTEST|"))


def boards(payload: bytes, file: str) -> list[tuple[Node | None, Node]]:
    """(batch, board) of each board of the file. Invalid where it is no such log."""
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError:
        text = payload.decode("iso-8859-1")
    if "\x00" in text:
        raise whole(file, "holds NUL", "Look whether the file is whole.")
    found, top = [], _nodes(text, file)
    if lost := next(_swallowed(top, ("BATCH", "BTEST")), None):
        said = f"has a {lost.name} inside another record on line {lost.line}: one before it is not closed"
        raise whole(file, said, "Look whether the file is whole.", lost.line)
    for node in top:
        if node.name == "BTEST":
            found.append((None, node))
        elif node.name == "BATCH":
            found += [(node, one) for one in node.inside if one.name == "BTEST"]
    if not found:
        raise whole(file, "names no board: it has no record BTEST", "Look whether the file is whole.")
    return found


def _swallowed(nodes: list[Node], allowed: tuple[str, ...]) -> Iterator[Node]:
    """Batches and boards that lie where none may: a record that lost its brace takes those behind it in, and with them their failures."""
    for node in nodes:
        if node.name in ("BATCH", "BTEST") and node.name not in allowed:
            yield node
        yield from _swallowed(node.inside, ("BTEST",) if node.name == "BATCH" else ())


def _nodes(text: str, file: str) -> list[Node]:
    top: list[Node] = []
    open_: list[Node] = []
    line, at, count = 1, 0, 0
    for mark in _OPEN.finditer(text):
        between = text[at : mark.start()]
        if open_ and not open_[-1].fields and not open_[-1].inside:
            _fill(open_[-1], between)
        elif between.strip() and not open_:
            raise whole(file, f"holds text between its records on line {line}", "Look whether the file is whole.", line)
        line += between.count("\n")
        at = mark.end()
        if mark[0] == "}":
            if not open_:
                raise whole(
                    file, f"closes a record on line {line} that is not open", "Look whether the file is whole.", line
                )
            open_.pop()
            continue
        count += 1
        if count > RECORDS_MAX or len(open_) >= NESTING_MAX:
            raise whole(
                file,
                f"has more than {RECORDS_MAX:,} records, or they nest deeper than {NESTING_MAX}",
                "Look at the file.",
                line,
            )
        node = Node("", [], line)
        (open_[-1].inside if open_ else top).append(node)
        open_.append(node)
    if open_ and not open_[-1].fields:
        _fill(open_[-1], text[at:])
    return top


def _fill(node: Node, text: str) -> None:
    name, *fields = text.strip().split("|")
    node.name, node.fields = name.strip(), [part.strip() for part in fields] or [""]


def read(batch: Node | None, board: Node, record: int, times: Times) -> Result:
    """One board."""
    where = f"BTEST[{record}]"
    serial = text_of(board.get(0), f"{where}.board")
    if not serial:
        raise FieldRefused(f"{where}.board", "", "is empty: nothing says which unit this is of")
    run: dict[str, object] = {}
    began = times.read(board.get(2), f"{where}.start", "%y%m%d%H%M%S")
    end = board.get(9)
    ended = (
        times.read(end, f"{where}.end", "%y%m%d%H%M%S")
        if end.strip("0")
        else began + int(number_in(board.get(3), f"{where}.duration") or 0) * 1_000_000
    )
    began, ended = times.laid(began, ended, f"{where}.end", run)
    status = number_in(board.get(1), f"{where}.status")
    if not isinstance(status, int) or not 0 <= status < 1000:
        raise FieldRefused(f"{where}.status", board.get(1), "is no status")
    head = batch or Node("BATCH", [], 0)
    plan = text_of(head.get(9), "BATCH.testplan") or text_of(head.get(0), "BATCH.type")
    if not plan:
        raise FieldRefused(
            "BATCH.testplan", "", "is empty: nothing says which plan this is of", "Keep the record BATCH in the file."
        )
    found = Result(
        record, serial, "pass" if status == 0 else "aborted" if status >= 80 else "fail", began, ended, plan,
        text_of(head.get(10), "BATCH.testplan_rev", 60), text_of(head.get(0), "BATCH.type"), text_of(head.get(8), "BATCH.controller"),
        text_of(head.get(7), "BATCH.operator"),
    )  # fmt: skip
    for node in board.inside:
        _take(node, "", where, found)
    outcome = outcome_by(found.outcome, (str(found.steps[key].get("result")) for key in found.steps.last_tries()))
    if outcome != found.outcome:
        found.outcome, run[SAID_OUTCOME] = outcome, board.get(1)
    found.run = run | {
        "fixture": text_of(head.get(2), "BATCH.fixture"), "revision": text_of(head.get(1), "BATCH.rev"), "panel": text_of(board.get(12), f"{where}.panel"),
        "board": text_of(board.get(11), f"{where}.number"), "batch": text_of(head.get(6), "BATCH.batch"),
        "learning": "yes" if board.get(7) in ("y", "1") else "", "known_good": "yes" if board.get(8) in ("y", "1") else "",
    }  # fmt: skip
    return found


def _take(node: Node, block: str, where: str, found: Result, turn: tuple[str, int] = ("", 1)) -> None:
    if len(found.steps) > STEPS_MAX:
        raise FieldRefused(f"{where}.{node.name}", "", f"is one of more than {STEPS_MAX:,} steps")
    if node.name == "BLOCK":
        name = text_of(node.get(0), f"{where}.BLOCK")
        before, turn = len(found.steps), found.steps.again(name)
        for one in node.inside:
            _take(one, name, where, found, turn)
        told, result = list(found.steps)[before:], _result(node.get(1), f"{where}.{name}.status")
        if not told and result:
            found.add(name, {"result": result}, turn)
        found.steps.update(zip(told, as_the_step_says(result, [found.steps[key] for key in told]), strict=True))
    elif node.name.startswith("A-"):
        _measured(node, block, where, found, turn)
    elif node.name in VERDICTS:
        status, named = VERDICTS[node.name]
        name = text_of(node.get(named), f"{where}.{node.name}") or block or node.name
        said = {"result": _result(node.get(status), f"{where}.{node.name}.status")}
        found.add(name, said | ({"step": block} if block and block != name else {}), turn)


def _result(status: str, path: str) -> str:
    number = number_in(status, path)
    return "pass" if number == 0 else "fail" if number is not None else ""


def _measured(node: Node, block: str, where: str, found: Result, turn: tuple[str, int]) -> None:
    sub = text_of(node.get(2), f"{where}.{node.name}")
    name = f"{block}/{sub}" if block and sub not in ("", block) else block or sub or node.name
    path = f"{where}.{name}"
    said: dict[str, object] = {"value": number_in(node.get(1), f"{path}.value"), "units": UNITS.get(node.name, "")}
    for limit in node.inside:
        if limit.name in ("LIM2", "LIM3"):
            high, low = (limit.get(0), limit.get(1)) if limit.name == "LIM2" else (limit.get(1), limit.get(2))
            if limit.name == "LIM3":
                said["expected"] = number_in(limit.get(0), f"{path}.nominal")
            for key, text in (("min", low), ("max", high)):
                value = number_in(text, f"{path}.{limit.name}")
                said[key] = None if value is None or abs(value) > NO_LIMIT else value
    said["result"] = _result(node.get(0), f"{path}.status")
    found.add(name, {key: value for key, value in said.items() if value not in ("", None)}, turn)
