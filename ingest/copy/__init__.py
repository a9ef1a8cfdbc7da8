"""The copy that the driver carries: its content, its page, its seal, and many of them in one archive."""
