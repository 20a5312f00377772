"""Test plans at the station: the permit names them by their hash, each run is a process of its own, what was measured is signed.

tester      may this unit be tested here: plan, retests, golden units, fixture; the record of what came of it
plan_run    run after run of a plan: tries, limits, evidence
apart       one run in its own process group, with a hard time limit
child       what such a process does · functions/ what can be done to a unit
findings    what each finding is called, and what to do about it
"""
