"""The dbt project that came before, for as long as somebody compares: its models, and dbt run on a file."""
