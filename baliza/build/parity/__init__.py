"""Parity with the dbt project that came before: its questions answered once more, by SQL written by hand.

The SQL is in `sql/`, one text for dbt (benchmarks/dbt_baseline) and plain DuckDB: `was/` answers as the old
project did, faults included, `meant/` as it should have. docs/parity.md says what came of it.
"""
