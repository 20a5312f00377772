"""The words of a question: the grammar, the terms, and questions said back; nothing of it reads the record."""
