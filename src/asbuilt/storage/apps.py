"""Storage as Django knows it: the outbox has a table."""

from django.apps import AppConfig


class StorageConfig(AppConfig):
    name = "asbuilt.storage"
    label = "storage"
