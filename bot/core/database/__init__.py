"""The database: engine, executors, transactions, migrations."""
