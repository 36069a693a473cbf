"""The outside: one modern environment that reads records, publishes them, draws them and answers questions."""
