"""Questions: reads across the rooms below. Which units, which lots, which customers, how sure.

Rooms, from the ground up: genealogy (units, lots, spans). A question never writes.
"""
