from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "asbuilt.access"
    label = "access"
