"""This room as Django knows it. It has no tables: what it tells is a line of the room of cases."""

from importlib import import_module

from django.apps import AppConfig

from asbuilt.built.exchange.each_day import EACH_DAY


class RoomConfig(AppConfig):
    name = "asbuilt.answers.portal"
    label = "portal"

    def ready(self):
        EACH_DAY["portal"] = _tell


def _tell(now: int) -> None:
    import_module("asbuilt.answers.portal.telling").tell_everybody(now)
