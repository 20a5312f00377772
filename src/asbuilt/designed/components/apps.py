"""This room as Django knows it."""

from importlib import import_module

from django.apps import AppConfig


class RoomConfig(AppConfig):
    name = "asbuilt.designed.components"
    label = "components"

    def ready(self):
        # the log reads shapes of every room, also where no verb of the room was used
        import_module("asbuilt.designed.components.events")
