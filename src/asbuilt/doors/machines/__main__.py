"""The process behind `asbuilt machines listen`: opens the record and runs the door until it is told to stop.

Its one argument is JSON: at, broker, sources, handle. The broker's password comes in ASBUILT_BROKER_PASSWORD, never in an
argument, where other users of the machine could read it. On standard output it says when it listens, and at the end what
it did.
"""

import json
import os
import sys


def main() -> None:
    """Run until stopped."""
    asked = json.loads(sys.argv[1])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "asbuilt.site.settings")
    import django

    django.setup()
    from asbuilt.access.actor import machine_door
    from asbuilt.access.queries import tenant_of_slug
    from asbuilt.doors.machines.listening import Door, listen

    def ready() -> None:
        print(json.dumps({"listens": asked["at"], "broker": asked["broker"], "handle": asked["handle"]}), flush=True)

    door = Door(
        machine_door(tenant_of_slug("main").number),
        asked["handle"],
        at=asked["at"],
        broker=asked["broker"],
        sources=tuple(asked["sources"]),
        password=os.environ.get("ASBUILT_BROKER_PASSWORD", ""),
        ready=ready,
    )
    told = listen(door)
    print(json.dumps(vars(told)), flush=True)


if __name__ == "__main__":
    main()
