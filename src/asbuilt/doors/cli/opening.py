"""Opening the record for a command: settings, the database that is there, the local system account."""

import os
from logging.config import dictConfig
from pathlib import Path

import typer

from asbuilt.kernel.errors import NotFound
from asbuilt.storage.databases import home, named_database, sqlite_file

TOKEN_BYTES_MAX = 4_096
TOKEN = typer.Option(help="File with your own token of page People: it is you, not the system account, who says it.")


def start_django() -> None:
    """Load settings and rooms; nothing is read or written yet.

    What `django.setup` does without addresses and error pages, which no command serves and which take time to load.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "asbuilt.site.settings")
    from django.apps import apps
    from django.conf import settings

    if not apps.ready:
        dictConfig(settings.LOGGING)
        apps.populate(settings.INSTALLED_APPS)


def open_record():
    """The local system account of tenant `main`; NotFound where no home was made."""
    if not named_database() and not sqlite_file().exists():
        raise NotFound(
            "cli.home_missing",
            f"There is no record in {home()}.",
            {"home": str(home())},
            "Run `asbuilt init`, or point ASBUILT_HOME at the folder that holds it.",
        )
    start_django()
    from asbuilt.access.actor import local_system
    from asbuilt.access.queries import tenant_of_slug

    return local_system(tenant_of_slug("main").number)


def open_record_as(token: Path | None):
    """The person whose token stands in this file, with that person's rights: where two people have to act. None: the local system account."""
    local = open_record()
    if token is None:
        return local
    from asbuilt.access.errors import token_unusable
    from asbuilt.access.identity import actor_of_token
    from asbuilt.doors.cli.signing import read_file

    actor = actor_of_token(read_file(token, TOKEN_BYTES_MAX).decode("utf-8", "replace").strip())
    if actor.tenant != local.tenant:
        raise token_unusable()
    return actor


def load_shapes() -> None:
    """Make every shape of fact known that rooms have recorded: proofs and checks read facts of all of them."""
    import asbuilt.answers.cases.events
    import asbuilt.answers.compliance.events
    import asbuilt.answers.compliance.filing.events
    import asbuilt.answers.register.events
    import asbuilt.built.exchange.intakes
    import asbuilt.designed.changes.events  # noqa: F401
