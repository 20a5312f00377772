from django.apps import AppConfig


class RoomConfig(AppConfig):
    name = "asbuilt.answers.register"
    label = "register"
