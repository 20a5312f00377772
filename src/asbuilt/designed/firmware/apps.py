"""This room as Django knows it."""

from importlib import import_module

from django.apps import AppConfig


class RoomConfig(AppConfig):
    name = "asbuilt.designed.firmware"
    label = "firmware"

    def ready(self):
        # the log reads shapes of every room, also where no verb of the room was used
        import_module("asbuilt.designed.firmware.events")
        retention = import_module("asbuilt.designed.firmware.retention")
        import_module("asbuilt.ledger.erasure").KEPT_LONGER["firmware"] = retention.refuse_kept_evidence
