"""Tables of this room in which a fact is a row, word for word: containers, what is in them, placing on the market, returns
(see `supply.kept`)."""

from asbuilt.built.shipping import events
from asbuilt.built.supply.kept import KeptTable

KEPT = {
    table.name: table
    for table in (
        KeptTable("containers", "shipping_container", events.CONTAINER, parties=frozenset({"customer"})),
        KeptTable("packed", "shipping_packed", events.PACKED),
        KeptTable("placings", "shipping_placing", events.PLACING, parties=frozenset({"party"}), files=True),
        KeptTable("returns", "shipping_return", events.RETURN, parties=frozenset({"party"})),
    )
}
