from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "asbuilt.built.exchange"
    label = "exchange"

    def ready(self):
        """Have `ledger verify` rebuild the typed tables; what does that is loaded when it is called."""
        from asbuilt.ledger.projections import PROJECTIONS

        for name in ("rebuild_plans", "rebuild_units", "rebuild_holes"):
            PROJECTIONS[f"exchange.{name}"] = _called_later(name)


def _called_later(name: str):
    def check(tenant: int):
        from asbuilt.built.exchange import rebuilding

        yield from getattr(rebuilding, name)(tenant)

    return check
