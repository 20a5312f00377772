"""The process behind `asbuilt machines listen` and `asbuilt machines watch`: opens the record and runs the door until stopped.

Its one argument is JSON: at, broker, sources, handle; or watch, machine, once, settle. The broker's password comes in
ASBUILT_BROKER_PASSWORD, never in an argument, where other users of the machine could read it. On standard output it says when
it listens or what became of each file, and at the end what it did.
"""

import json
import os
import sys
from pathlib import Path


def main() -> None:
    """Run until stopped."""
    asked = json.loads(sys.argv[1])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "asbuilt.site.settings")
    import django

    django.setup()
    from asbuilt.access.actor import machine_door
    from asbuilt.access.queries import tenant_of_slug
    from asbuilt.doors.machines.watching import tell_refusal
    from asbuilt.kernel.errors import AsbuiltError

    try:
        actor = machine_door(tenant_of_slug("main").number)
        if "watch" in asked:
            _watch(actor, asked)
        else:
            _listen(actor, asked)
    except AsbuiltError as refusal:
        tell_refusal(refusal)
        sys.exit(refusal.exit_code)


def _watch(actor, asked: dict) -> None:
    from asbuilt.doors.machines.watching import Watch, watch_folder

    def tell(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    watch = Watch(actor, Path(asked["watch"]), asked["machine"], asked["settle"], tell)
    done = watch_folder(watch, once=asked["once"])
    print(json.dumps(vars(done)), flush=True)


def _listen(actor, asked: dict) -> None:
    from asbuilt.doors.machines.listening import Door, listen

    def ready() -> None:
        print(json.dumps({"listens": asked["at"], "broker": asked["broker"], "handle": asked["handle"]}), flush=True)

    door = Door(
        actor,
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
