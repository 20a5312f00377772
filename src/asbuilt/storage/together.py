"""Readings that take turns on one connection: while the server works on the statement of one, another goes on.

A verdict is some forty small statements. One after the other, the server waits while we compute, we wait while it reads, and each statement is a
way to the server and back. Readings that need nothing of each other are tasks here: a task that asks is put aside, its statement joins those that
the server has yet to answer (libpq's pipeline mode), and whoever has his rows goes on. It is one thread, one connection and one snapshot: what a
task is told is what it would be told alone.

    reading.at_once(left, right)     -> [what left gives, what right gives]; tasks may divide again
    @once                            -> a property that is read by the first who asks (room `once`)
"""

from collections import deque
from collections.abc import Callable, Sequence
from contextvars import copy_context

from greenlet import greenlet

from asbuilt.storage.prepared import Prepared


class _Task(greenlet):
    """Runs until it asks, and goes on with what it is given."""

    def __init__(self, run: Callable, hub: greenlet):
        super().__init__(run, hub)
        self.gr_context = copy_context()  # the language in which texts are said


class Together:
    """The tasks of one snapshot on one connection."""

    def __init__(self, prepared: Prepared):
        self._prepared, self._hub = prepared, greenlet.getcurrent()
        self._sent: deque[_Task | None] = deque()  # who gets the next answers; None: nobody, it has no rows
        self._ready: deque[tuple[_Task, object]] = deque()
        self._tasks: list[_Task] = []
        self._failed: Exception | None = None
        self._reading: dict[tuple, list[_Task]] = {}  # what `once` reads, and who waits for it

    def run(self, tasks: Sequence[Callable]) -> list:
        """What each task gives; of those that raised, what the first raised, when all have ended. Where a statement failed its error, and the
        connection is closed: what was prepared behind it was not."""
        try:
            with self._prepared.pipeline():
                outcomes = self._begun(tasks, None)
                while self._ready or self._sent:
                    task, given = self._ready.popleft() if self._ready else self._answered()
                    if task is not None:
                        task.switch(given)
                if self._failed is not None:
                    raise self._failed
        except BaseException:
            self._prepared.close()
            for task in self._tasks:
                if not task.dead:
                    task.throw()
            raise
        return _given(outcomes)

    def divide(self, tasks: Sequence[Callable]) -> list:
        """The same inside a task, which goes on when they have ended."""
        outcomes = self._begun(tasks, greenlet.getcurrent())
        self._hub.switch()
        return _given(outcomes)

    def rows(self, sql: str, params: Sequence = ()) -> list[tuple]:
        """As `Prepared.rows`; others go on meanwhile."""
        if self._failed is None:
            self._sent.extend([None] * self._prepared.send(sql, params))
            self._sent.append(greenlet.getcurrent())
            answer = self._hub.switch()
        if self._failed is not None:
            raise self._failed
        return self._prepared.loaded(answer)

    def once(self, key: tuple, read: Callable[[], None]) -> None:
        """Read it; where another task is at it, wait until that one has or has failed."""
        if key in self._reading:
            self._reading[key].append(greenlet.getcurrent())
            self._hub.switch()
            return
        self._reading[key] = []
        try:
            read()
        finally:
            self._ready.extend((task, None) for task in self._reading.pop(key))

    def _begun(self, tasks: Sequence[Callable], waits: _Task | None) -> list[tuple]:
        """The outcomes of these tasks, which are about to begin; who waits goes on behind the last that ends."""
        outcomes: list[tuple] = [(None, None)] * len(tasks)
        running = set(range(len(tasks)))

        def of(place: int, task: Callable) -> Callable:
            def run(_) -> None:
                try:
                    outcomes[place] = (task(), None)
                except Exception as error:
                    outcomes[place] = (None, error)
                running.discard(place)
                if not running and waits is not None:
                    self._ready.append((waits, None))

            return run

        begun = [_Task(of(place, task), self._hub) for place, task in enumerate(tasks)]
        self._tasks += begun
        # before whoever is ready: what they ask is under way while those compute
        self._ready.extendleft((task, None) for task in reversed(begun))
        return outcomes

    def _answered(self) -> tuple[_Task | None, object]:
        answer = self._prepared.answer()
        self._failed = self._failed or self._prepared.error_of(answer)
        return self._sent.popleft(), answer


def _given(outcomes: Sequence[tuple]) -> list:
    for _, error in outcomes:
        if error is not None:
            raise error
    return [given for given, _ in outcomes]
