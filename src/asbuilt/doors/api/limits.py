"""Limits of the API: each a setting with a default, and the rate at which one caller may send requests.

The rate is counted in the process that answers, so a site with several web processes lets a caller through that many
times as often; it protects the process, it is no contract.
"""

from django.conf import settings

from asbuilt.access.rates import Rates

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


def limit(name: str) -> int:
    """The limit of this name: the setting, else the default."""
    return getattr(settings, name, DEFAULTS[name])


RATES = Rates()
