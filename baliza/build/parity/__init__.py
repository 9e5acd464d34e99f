"""Parity with the dbt project that came before: its questions answered once more, by SQL written by hand.

The SQL is that of `baliza.build.dbt`, as plain DuckDB runs it. docs/parity.md says what came of it.
"""
