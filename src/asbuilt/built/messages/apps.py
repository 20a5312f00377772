"""This room as Django knows it."""

from importlib import import_module

from django.apps import AppConfig


class RoomConfig(AppConfig):
    name = "asbuilt.built.messages"
    label = "messages"

    def ready(self):
        """Make the shapes known, and have `ledger verify` rebuild this room's tables; that is loaded when it is called."""
        import_module("asbuilt.built.messages.events")
        from asbuilt.ledger.projections import PROJECTIONS

        PROJECTIONS["messages.rebuild"] = _rebuild


def _rebuild(tenant: int):
    from asbuilt.built.messages.rebuilding import rebuild

    yield from rebuild(tenant)
