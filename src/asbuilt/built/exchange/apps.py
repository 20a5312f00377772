from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "asbuilt.built.exchange"
    label = "exchange"
