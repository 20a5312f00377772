"""Limits of the API: each a setting with a default, and the rate at which one caller may send requests.

The rate is counted in the process that answers, so a site with several web processes lets a caller through that many
times as often; it protects the process, it is no contract.
"""

import math
import threading
import time
from collections import OrderedDict

from django.conf import settings

DEFAULTS = {
    "API_REQUESTS_PER_MINUTE": 600,  # of one caller; of one address where nobody is signed in
    "API_BODY_BYTES_MAX": 1024**2,  # a JSON body
    "API_BODY_NESTING_MAX": 16,
    "API_IMPORT_BYTES_MAX": 64 * 1024**2,  # a file that is imported while the request waits
    "API_PAGE_MAX": 200,  # rows of one page of a list
    "API_SERIALS_MAX": 100_000,  # serial numbers inside one answer
    "STATION_ENROLMENTS_PER_MINUTE": 20,  # attempts to enrol a station from one address
    "API_RUN_BYTES_MAX": 2 * 1024**3,  # the files of an import run together
}
SUBJECTS_MAX = 10_000


def limit(name: str) -> int:
    """The limit of this name: the setting, else the default."""
    return getattr(settings, name, DEFAULTS[name])


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


RATES = Rates()
