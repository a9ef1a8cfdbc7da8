"""Declarations as an operator handles them: drafts, submission, new versions, reading and lists."""
