"""Verbs of this room: permits and what they rest on, stations, what stations send; programming before placement."""
