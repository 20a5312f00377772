"""Questions: reads across the rooms below. Which units, which lots, which customers, how sure.

Rooms, from the ground up: genealogy (units, lots, spans), evidence (how good the record is), boms (as-built BOMs). A question never writes.
"""
