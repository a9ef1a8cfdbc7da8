"""Webhooks: events sent to addresses of operators, signed, repeated until they are taken, and written down."""
