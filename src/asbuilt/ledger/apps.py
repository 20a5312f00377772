from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "asbuilt.ledger"
    label = "ledger"
