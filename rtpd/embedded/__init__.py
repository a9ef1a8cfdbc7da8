"""The servers that run when no addresses are given: PostgreSQL and Valkey from wheels, data in one folder."""
