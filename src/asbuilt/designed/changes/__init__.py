"""What changes in what is meant to be built, and what is decided of it before anything is built so.

Sub-rooms: `sourcing` (what makers tell of their parts: change notices, ends of life, life cycles), `qualifying` (alternates of parts, their
qualification runs, deviations, design reviews). A file of lines each: a later line supersedes an earlier one, none is changed (`said`).
It refuses what happened: units, lots and orders stand here by their code alone, and are asked for by the rooms above.
"""
