"""Changes: what is to be built otherwise from where on, who told, who asked, who agreed, and what is decided before anything is built so.

Sub-rooms: `comparing` (two BOM versions by meaning), `sourcing` (what makers tell of their parts: change notices, ends of life, life cycles),
`qualifying` (alternates of parts, their qualification runs, deviations, design reviews), `controlling` (ECOs, their approvals and boundaries, the
process of a step under control). Each keeps files of lines: a later line supersedes an earlier one, none is changed.
It refuses what happened: units, lots and orders stand here by their code alone, and are asked for by the rooms above. Whether a unit may go on is
answers/gate's, who must be told of a case is cases'.
"""
