"""Reads of tenants and people."""

from asbuilt.access.models import Tenant
from asbuilt.kernel.errors import NotFound
from asbuilt.storage import reading


def tenant_of_slug(slug: str) -> Tenant:
    """The tenant with this short name. One statement."""
    tenant = Tenant.objects.using("reader").filter(slug=slug).first()
    if tenant is None:
        remedy = "Run `asbuilt init` first."
        raise NotFound("access.tenant_unknown", f"There is no tenant {slug} here.", {"tenant": slug}, remedy)
    return tenant


def tenant_of_number(number: int) -> Tenant:
    """The tenant with this number. One statement."""
    return Tenant.objects.using("reader").get(number=number)


def person_by_code(tenant: int, code: str) -> int | None:
    """The number of the person with this badge or login code, or None. One statement."""
    row = reading.fetch_one("SELECT number FROM access_person WHERE tenant = %s AND code = %s", (tenant, code))
    return row[0] if row else None
