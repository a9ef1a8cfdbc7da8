"""What a peer is told by its environment."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

DATABASE_URL = os.environ["PEER_DATABASE_URL"]
REDIS_URL = f"redis+socket://{os.environ['PEER_REDIS_SOCKET']}?virtual_host={os.environ['PEER_REDIS_DATABASE']}"


@cache
def codes() -> Any:
    """Gives the codes and limits of the field, which the bench writes from OpenRTPD's own data."""
    return json.loads(Path(os.environ["PEER_CODES"]).read_text("utf-8"))
