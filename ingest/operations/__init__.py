"""The operators' API described by its parts; `ingest.openapi` makes one document of them."""
