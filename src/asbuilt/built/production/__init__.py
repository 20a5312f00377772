"""Production: what happened on the floor, as facts on spans of the unit axis.

Nouns: work order, block, unit, name of a unit, panel, state, material run, hole (a position without a record), process run,
replacement, assembly, hold. Verbs: open orders, plan and name units, record material runs, process runs, replacements,
assemblies; place and lift holds; withdraw each of them. It refuses judgement: whether a unit is good is decided in quality.
"""
