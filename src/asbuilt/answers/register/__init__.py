"""Register: answers that were frozen, and standing questions. Nouns: frozen answer, hold by question. Verbs: freeze, mark as
overtaken, hold and lift what people name. It refuses a question language of its own: it asks the rooms below.
"""
