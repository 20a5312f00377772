"""Tables of nonconformities: what is wrong, which units, why, what becomes of them, what is done about it and whether that helped."""

from asbuilt.formats.cells import Hex
from asbuilt.formats.columns.table import COUNT, INSTANT, NAMED, TEXT, table_of, word

DECISIONS = "use_as_is rework repair return scrap"
NONCONFORMITIES = table_of(
    "nonconformities",
    ("nonconformity", NAMED),
    ("source", word("gate test inspection complaint supplier process")),
    ("severity", word("critical major minor")),
    ("product", TEXT),
    ("defect", TEXT),
    ("party", TEXT),
    ("question", TEXT),
    ("description", NAMED),
    ("operator", TEXT),
    ("raised_at", INSTANT),
)
NONCONFORMITY_UNITS = table_of(
    "nonconformity_units",
    ("nonconformity", NAMED),
    ("order", NAMED),
    ("first_serial", NAMED),
    ("last_serial", NAMED),
    ("disposition", TEXT),
    ("operator", TEXT),
    ("stated_at", INSTANT),
)
NONCONFORMITY_CAUSES = table_of(
    "nonconformity_causes",
    ("nonconformity", NAMED),
    ("method", word("five_why ishikawa")),
    ("place", NAMED),
    ("cause", NAMED),
    ("root", word("true false")),
    ("operator", TEXT),
    ("stated_at", INSTANT),
)
DISPOSITIONS = table_of(
    "dispositions",
    ("nonconformity", NAMED),
    ("disposition", NAMED),
    ("step", word("proposed agreed approved refused carried_out")),
    ("decision", word(DECISIONS)),
    ("reason", TEXT),
    ("party", TEXT),
    ("file", TEXT),
    ("sha256", Hex()),
    ("operator", TEXT),
    ("decided_at", INSTANT),
)
NONCONFORMITY_ACTIONS = table_of(
    "nonconformity_actions",
    ("nonconformity", NAMED),
    ("action", NAMED),
    ("kind", word("corrective preventive")),
    ("state", word("open done cancelled")),
    ("due_on", NAMED),
    ("description", NAMED),
    ("person", TEXT),
    ("operator", TEXT),
    ("stated_at", INSTANT),
)
NONCONFORMITY_STATES = table_of(
    "nonconformity_states",
    ("nonconformity", NAMED),
    ("state", word("contained closed reopened")),
    ("hold", TEXT),
    ("reason", NAMED),
    ("operator", TEXT),
    ("decided_at", INSTANT),
)
EFFECTIVENESS_CHECKS = table_of(
    "effectiveness_checks",
    ("nonconformity", NAMED),
    ("question", NAMED),
    ("among", NAMED),
    ("units_min", COUNT),
    ("failed_ppm_max", COUNT),
    ("due_on", NAMED),
    ("operator", TEXT),
    ("stated_at", INSTANT),
)
EFFECTIVENESS_RESULTS = table_of(
    "effectiveness_results",
    ("nonconformity", NAMED),
    ("question", NAMED),
    ("among", NAMED),
    ("units", COUNT),
    ("failed", COUNT),
    ("verdict", word("effective not_effective too_few")),
    ("answer", TEXT),
    ("operator", TEXT),
    ("measured_at", INSTANT),
)
