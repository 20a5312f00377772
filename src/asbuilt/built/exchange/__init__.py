"""Exchange: the tables of design section 7 as one door, in and out.

Nouns: table, folder, file. Verbs: import a folder or file, export a folder, withdraw and correct facts of any table. Each
file goes in whole or not at all; loading it twice changes nothing. It refuses rules of its own: the rooms below check and write.
This is the last room of built/, because it is the one place that knows every table.
"""
