"""Screen: the operator's full screen. Scan badge, scan order, scan unit; PASS in green or STOP in red with a sentence.

One field takes every scan, so that a scanner works without a mouse and without the operator choosing anything: what is asked for
next stands above it. Colour never stands alone: the words PASS and STOP are the result. While an alarm stands the field
takes the badge of a person with the right, then the reason.
"""

from dataclasses import dataclass

from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from asbuilt.kernel.errors import AsbuiltError
from asbuilt.station.agent import Outcome, Station
from asbuilt.station.lockout import Scanned
from asbuilt.station.testing.plan_run import Progress
from asbuilt.station.words import gettext as _
from asbuilt.station.words import in_short, in_words

PANEL_MARK = "PANEL:"


@dataclass
class Shift:
    """What was scanned so far: badge, order, revision; the badge of whoever releases an alarm."""

    badge: str = ""
    order: str = ""
    revision: str = ""
    releasing: str = ""


class StationScreen(App):
    """The screen of one station."""

    CSS = """
    #result { height: 1fr; content-align: center middle; text-align: center; text-style: bold; border: heavy $primary; }
    #result.pass { background: #0b6e2e; color: #ffffff; border: heavy #ffffff; }
    #result.stop { background: #a1121a; color: #ffffff; border: double #ffffff; }
    #said { height: 4; content-align: center middle; text-align: center; }
    #ask { height: 1; text-style: bold; }
    #counters { height: 3; }
    .count { width: 1fr; content-align: center middle; }
    """
    BINDINGS = [("escape", "begin_again", _("Begin again")), ("ctrl+q", "quit", _("Leave"))]

    def __init__(self, station: Station):
        super().__init__()
        self.station = station
        self.shift = Shift()
        self.working = False

    def compose(self) -> ComposeResult:
        """One column: result, sentence, what to scan, the field, counters."""
        settings = self.station.settings
        with Vertical():
            yield Static(f"{settings.station} · {settings.site}", id="title")
            yield Static("", id="result", markup=False)
            yield Static("", id="said", markup=False)
            yield Static("", id="ask", markup=False)
            yield Input(id="scan")
            with Horizontal(id="counters"):
                yield Static("", id="units", classes="count", markup=False)
                yield Static("", id="passed", classes="count", markup=False)
                yield Static("", id="failed", classes="count", markup=False)
                yield Static("", id="queue", classes="count", markup=False)

    def on_mount(self) -> None:
        """Say what stands and what is wanted."""
        self.station.progress = lambda unit, where: self.call_from_thread(self._show_progress, unit, where)
        self._show_alarm()
        self._ask()
        self.query_one("#scan", Input).focus()

    def action_begin_again(self) -> None:
        """Forget badge and order."""
        if not self.working:
            self.shift = Shift()
            self._ask()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """A scan."""
        scanned, event.input.value = event.value.strip()[:200], ""
        if not scanned or self.working:
            return
        shift = self.shift
        if self.station.alarm() is not None:
            self._release(scanned)
        elif not shift.badge:
            shift.badge = scanned
        elif not shift.order:
            # a traveller's code says order and revision; of a bare order number the revision is scanned next
            shift.order, _, shift.revision = scanned.partition(" ")
        elif not shift.revision:
            shift.revision = scanned
        else:
            self._begin(scanned)
        self._ask()

    def _begin(self, unit: str) -> None:
        self.working = True
        self._tell("", _("Working"), unit)
        shift = self.shift
        scanned = Scanned(shift.badge, shift.order, unit, shift.revision)
        self.run_worker(lambda: self._work(scanned), thread=True, exclusive=True)

    def _work(self, scanned: Scanned) -> None:
        if scanned.unit.startswith(PANEL_MARK):
            outcomes = self.station.program_panel(scanned, scanned.unit.removeprefix(PANEL_MARK))
        else:
            outcomes = [self.station.take(scanned, self.station.first_socket)]
        self.call_from_thread(self._done, outcomes)

    def _show_progress(self, unit: str, where: Progress) -> None:
        """Which run of the plan is at work: number, of how many, its name; a bar of signs, so that colour never stands alone."""
        bar = "■" * (where.number - 1) + "□" * (where.of - where.number + 1)
        self._tell("", f"{_('Testing')} · {unit}", f"{where.plan} {where.number} / {where.of}: {where.run}\n{bar}")

    def _done(self, outcomes: list[Outcome]) -> None:
        self.working = False
        stopped = [one for one in outcomes if not one.passed]
        if stopped:
            first = stopped[0]
            names = ", ".join(one.unit for one in stopped)
            short = in_short(first.reason)
            said = f"{in_words(first.said)} {in_words(first.remedy)}".strip()
            self._tell("stop", f"STOP · {names}" + (f"\n{short}" if short else ""), said)
        else:
            names = ", ".join(one.unit for one in outcomes)
            self._tell(
                "pass", f"PASS · {names}", " ".join(dict.fromkeys(in_words(one.said) for one in outcomes if one.said))
            )
        self._ask()

    def _release(self, scanned: str) -> None:
        if not self.shift.releasing:
            self.shift.releasing = scanned
            return
        badge, self.shift.releasing = self.shift.releasing, ""
        try:
            self.station.release_alarm(badge, scanned)
        except AsbuiltError as error:
            self._tell("stop", "STOP", f"{in_words(error.message)} {in_words(error.remedy)}")
            return
        self._tell("", _("Released"), "")

    def _show_alarm(self) -> None:
        standing = self.station.alarm()
        if standing is not None:
            short = in_short(standing.code)
            self._tell("stop", "STOP" + (f"\n{short}" if short else ""), in_words(standing.said))
        elif self.station.open:
            names = ", ".join(str(entry.facts.get("unit") or entry.uid) for entry in self.station.open)
            self._tell("", _("Present again"), names)

    def _ask(self) -> None:
        shift = self.shift
        if self.station.alarm() is not None:
            wanted = _("Reason") if shift.releasing else _("Alarm: badge of an engineer or the quality lead")
        elif not shift.badge:
            wanted = _("Scan your badge")
        elif not shift.order:
            wanted = _("Scan the order")
        elif not shift.revision:
            wanted = _("Scan the revision")
        else:
            wanted = _("Scan the unit")
        self.query_one("#ask", Static).update(wanted)
        # a badge is not shown to whoever stands behind
        self.query_one("#scan", Input).password = not shift.badge or (
            self.station.alarm() is not None and not shift.releasing
        )
        self._count()

    def _count(self) -> None:
        counts = None
        if self.shift.order:
            try:
                permit = self.station.home.permit_for(self.shift.order, self.station.ledger.now())
                counts = self.station.counters(permit.permit_id)
            except AsbuiltError:
                counts = None
        waiting = self.station.outbox.counts()[0]
        shown = {
            "units": f"{_('Units')} {counts.spent} / {counts.units}" if counts else "",
            "passed": f"PASS {counts.passed}" if counts else "",
            "failed": f"STOP {counts.failed}" if counts else "",
            "queue": f"{_('Queue')} {waiting}",
        }
        for name, text in shown.items():
            self.query_one(f"#{name}", Static).update(text)

    def _tell(self, kind: str, headline: str, said: str) -> None:
        result = self.query_one("#result", Static)
        result.set_classes(kind)
        result.update(headline)
        self.query_one("#said", Static).update(said)
