from django.apps import AppConfig


class RoomConfig(AppConfig):
    name = "asbuilt.designed.firmware"
    label = "firmware"
