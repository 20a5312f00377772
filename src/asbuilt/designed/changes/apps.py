"""This room as Django knows it."""

from importlib import import_module

from django.apps import AppConfig


class RoomConfig(AppConfig):
    name = "asbuilt.designed.changes"
    label = "changes"

    def ready(self):
        # the log reads shapes of every room, also where no verb of the room was used
        import_module("asbuilt.designed.changes.events")
        from asbuilt.ledger.projections import PROJECTIONS

        PROJECTIONS["changes.lines"] = _check_lines


def _check_lines(tenant: int):
    return import_module("asbuilt.designed.changes.said.lines").KEPT.rebuild(tenant)
