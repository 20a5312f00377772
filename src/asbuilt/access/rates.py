"""Rates: how often one caller may send requests to this process. It protects the process, it is no contract."""

import math
import threading
import time
from collections import OrderedDict

SUBJECTS_MAX = 10_000


class Rates:
    """How many requests each caller has left: a bucket that fills evenly and holds one minute's worth."""

    def __init__(self):
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._turn = threading.Lock()

    def take(self, subject: str, per_minute: int, now: float | None = None) -> int:
        """Take one request; 0 where there was one, else the seconds until there is one again."""
        now = time.monotonic() if now is None else now
        with self._turn:
            left, at = self._left.pop(subject, (float(per_minute), now))
            left = min(float(per_minute), left + (now - at) * per_minute / 60)
            wait = 0 if left >= 1 else math.ceil((1 - left) * 60 / per_minute)
            self._left[subject] = (left if wait else left - 1, now)
            if len(self._left) > SUBJECTS_MAX:
                self._left.popitem(last=False)
        return wait
