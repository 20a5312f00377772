"""Opening a home: folders, database, secrets, the first tenant. Asks nothing; the second time it changes nothing."""

import os
import secrets

from django.core.management import call_command

from asbuilt.access.models import Tenant
from asbuilt.kernel.identifiers import new_ulid
from asbuilt.ledger import checkpoints, clock
from asbuilt.storage.databases import home, keys
from asbuilt.storage.statistics import pin_statistics

SITE = "asbuilt.example"
FIRST_TENANT = "main"


def open_home() -> Tenant:
    """Make the home and keys folders, bring the database up to date, open tenant `main`; returns that tenant."""
    for folder in (home(), keys()):
        folder.mkdir(parents=True, exist_ok=True)
        os.chmod(folder, 0o700)
    secret = keys() / "django.secret"
    if not secret.exists():
        with open(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(50))
    call_command("migrate", verbosity=0, interactive=False)
    pin_statistics()
    return open_tenant(FIRST_TENANT, "Main")


def open_tenant(slug: str, name: str) -> Tenant:
    """The tenant with this short name, opened with keys and a log of its own where it is not there yet."""
    known = Tenant.objects.filter(slug=slug).first()
    if known:
        return known
    at = clock.now()
    tenant = Tenant.objects.create(ulid=new_ulid(at, os.urandom(10)), slug=slug, name=name, opened_at=at)
    checkpoints.open_log(tenant.number, tenant.ulid, tenant.slug, os.environ.get("ASBUILT_SITE", SITE))
    return tenant
