from django.apps import AppConfig


class RoomConfig(AppConfig):
    name = "asbuilt.built.programming"
    label = "programming"
