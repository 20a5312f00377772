from django.apps import AppConfig


class RoomConfig(AppConfig):
    name = "asbuilt.built.production"
    label = "production"
