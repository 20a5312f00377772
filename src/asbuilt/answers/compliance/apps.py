"""This room as Django knows it."""

from importlib import import_module

from django.apps import AppConfig

from asbuilt.answers.cases.handling.happenings import HAPPENINGS
from asbuilt.ledger.projections import PROJECTIONS


class RoomConfig(AppConfig):
    name = "asbuilt.answers.compliance"
    label = "compliance"

    def ready(self):
        # the log reads shapes of every room, also where no verb of the room was used
        import_module("asbuilt.answers.compliance.filing.events")
        PROJECTIONS["compliance.filing"] = _check_filing
        HAPPENINGS["compliance"] = _requested


def _requested(tenant: int, case: str):
    return import_module("asbuilt.answers.compliance.filing.requests").happened(tenant, case)


def _check_filing(tenant: int):
    return import_module("asbuilt.answers.compliance.filing.rebuilding").rebuild(tenant)
