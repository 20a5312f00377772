"""Changes: what is to be built otherwise from where on, who asked, who agreed.

Nouns: BOM comparison, ECO, change (of an ECO), security question, approval, boundary, process revision.
Verbs: compare two BOM versions; propose an ECO, say what it changes, assess it, approve it, set its boundary, close it; put the process of a
step under control. Refuses: what was built (questions), whether a unit may go on (answers/gate), who must be told of a case (cases).
"""
