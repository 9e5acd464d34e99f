"""The knowledge: pure functions from tables to tables, which know nothing of files or networks."""
