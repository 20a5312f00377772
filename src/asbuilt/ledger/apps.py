"""This room as Django knows it."""

from importlib import import_module

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "asbuilt.ledger"
    label = "ledger"

    def ready(self):
        # the shape of withdrawals, also where nothing was withdrawn yet
        import_module("asbuilt.ledger.withdrawals")
