def openapi() -> bytes:
    return b"{}"
