"""This room as Django knows it."""

from importlib import import_module

from django.apps import AppConfig


class RoomConfig(AppConfig):
    name = "asbuilt.built.supply"
    label = "supply"

    def ready(self):
        # the log reads shapes of every room, also where no verb of the room was used
        import_module("asbuilt.built.supply.events")
        import_module("asbuilt.designed.vulnerability.matching.delivered").ASKED["supply"] = _delivered


def _delivered(tenant, number):
    return import_module("asbuilt.built.supply.queries").makers_parts_after(tenant, number)
