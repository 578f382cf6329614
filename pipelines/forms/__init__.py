"""Result forms of polling stations (TPS), from raw text to audited tables, by SQL inside DuckDB."""
