"""DuckDB and Parquet, in and out: the only room that speaks to the database."""
