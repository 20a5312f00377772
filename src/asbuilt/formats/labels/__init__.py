"""Labels: what the label of a reel, bag or tray says, from the text of one scan.

Nouns: label, data identifier (MH10.8.2), application identifier (GS1), date code. Verbs: read a label. Refuses a text that
is no label, a label whose separators or header were lost, two labels in one scan. It never guesses: a field that cannot
be trusted is left empty or kept, and in both cases a warning names it.
"""
