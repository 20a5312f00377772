"""Which tenant a host's public pages are of: a setting, `ASBUILT_PUBLIC=psirt.brand.example=main,other.example=other`.

The first host of a tenant is the one that documents name. A host that stands nowhere shows nothing, and none
shows what was published in a drill.
"""

import os

from asbuilt.access.queries import tenant_of_number, tenants
from asbuilt.storage.drills import drill

HOSTS_MAX = 100
# where the public pages stand: what mails name; a test compares with the routes
STATUS_PAGE, ADVISORY_PAGE = "/report-status/", "/advisories/{identity}/"


def _hosts() -> list[tuple[str, str]]:
    said = os.environ.get("ASBUILT_PUBLIC", "")
    pairs = [one.strip().partition("=") for one in said.split(",")[:HOSTS_MAX] if "=" in one]
    return [(host.strip().lower(), slug.strip()) for host, _, slug in pairs]


def tenant_of_host(host: str) -> int | None:
    """The tenant whose public pages this host shows; None where it shows none, and in a drill. A port is left out of sight."""
    if drill() is not None:
        return None
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    slug = dict(reversed(_hosts())).get(name.lower())
    return next((one.number for one in tenants() if one.slug == slug), None) if slug else None


def address_of(tenant: int) -> str:
    """https:// and the host that documents of this tenant name; empty where none is set."""
    slug = tenant_of_number(tenant).slug
    host = next((host for host, of in _hosts() if of == slug), "")
    return f"https://{host}" if host else ""


def csaf_base(tenant: int) -> str:
    """Where the provider's folder is shown; empty where no host is set."""
    address = address_of(tenant)
    return f"{address}/.well-known/csaf" if address else ""
