"""Register: answers that were frozen, and standing questions. Nouns: frozen answer, hold by question, effectiveness check. Verbs:
freeze, mark as overtaken, hold and lift what people name, contain a nonconformity, measure its effect, hold what a control chart shows. It refuses a question language of its own: it asks the rooms below.
"""
