"""Where SQL runs. `duckdb` is the only engine so far."""
