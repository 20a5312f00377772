"""This room as Django knows it."""

from importlib import import_module

from django.apps import AppConfig

from asbuilt.built.exchange.after_withdrawal import AFTER_WITHDRAWAL


class RoomConfig(AppConfig):
    name = "asbuilt.answers.register"
    label = "register"

    def ready(self):
        # the log reads shapes of every room, also where no verb of the room was used
        import_module("asbuilt.answers.register.events")
        AFTER_WITHDRAWAL["register"] = _overtake


def _overtake(entry, facts) -> None:
    import_module("asbuilt.answers.register.actions").overtake_by_withdrawal(entry, facts)
