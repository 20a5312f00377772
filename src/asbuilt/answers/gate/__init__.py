"""Gate: may this unit go on? One verdict before a step, a rework, an assembly: holds (by question too), route, quarantine, scrap.

Nouns: verdict, stop. Verbs: release firmware, pass a step, send units out and take them back, replace a part, put a unit into another, take it out, scrap it. Each takes the lock, asks,
then calls the lower room's verb in the same transaction. It refuses a second opinion elsewhere: doors call nothing else.
"""
