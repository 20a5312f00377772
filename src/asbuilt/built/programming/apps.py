"""This room as Django knows it."""

from importlib import import_module

from django.apps import AppConfig

from asbuilt.built.production.further_stops import FURTHER_STOPS
from asbuilt.built.production.order_further import ORDER_FURTHER
from asbuilt.built.supply.label_lines import LABEL_LINES
from asbuilt.built.supply.split_further import SPLIT_FURTHER


class RoomConfig(AppConfig):
    name = "asbuilt.built.programming"
    label = "programming"

    def ready(self):
        # the log reads shapes of every room, also where no verb of the room was used
        import_module("asbuilt.built.programming.events")
        FURTHER_STOPS["programming"] = _stops
        LABEL_LINES["programming"] = _label_lines
        SPLIT_FURTHER["programming"] = _programmed_before
        ORDER_FURTHER["programming"] = _configured


def _stops(tenant, order, uses, at):
    return import_module("asbuilt.built.programming.image_checks").image_stops(tenant, order, uses, at)


def _label_lines(tenant, package):
    return import_module("asbuilt.built.programming.package_images").label_lines(tenant, package)


def _programmed_before(tenant, source, new, at):
    return import_module("asbuilt.built.programming.split_off").programmed_before(tenant, source, new, at)


def _configured(*said):
    import_module("asbuilt.built.programming.configured_orders").state_of_order(*said)
