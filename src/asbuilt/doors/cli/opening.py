"""Opening the record for a command: settings, the database that is there, the local system account."""

import os
from logging.config import dictConfig

from asbuilt.kernel.errors import NotFound
from asbuilt.storage.databases import home, named_database, sqlite_file


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


def load_shapes() -> None:
    """Make every shape of fact known that rooms have recorded: proofs and checks read facts of all of them."""
    import asbuilt.answers.cases.events
    import asbuilt.answers.compliance.events
    import asbuilt.answers.compliance.filing.events
    import asbuilt.answers.register.events
    import asbuilt.built.exchange.intakes
    import asbuilt.designed.changes.events  # noqa: F401
