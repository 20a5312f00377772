"""Reads of tenants and people."""

from asbuilt.access.models import Tenant
from asbuilt.kernel.errors import NotFound


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
