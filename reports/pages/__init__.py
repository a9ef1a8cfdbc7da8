"""The officers' pages, made for a phone first: look-up, declaration, control, the auditor's log."""
