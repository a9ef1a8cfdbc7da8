"""Names of what lies in Redis. The shard is the hash tag, so a Redis Cluster spreads shards over its nodes."""

from uuid import UUID

#: The consumer group of the drains, one on each shard's stream.
DRAIN_GROUP = "drain"
#: Where changes of keys, delegations and operators are announced, so that caches let go of them.
REGISTRY_CHANNEL = "rtpd:registry"


def shard_of(operator_id: bytes, shards: int) -> int:
    """Gives the shard of an operator (16 bytes): all its events go one way and keep their order."""
    return operator_id[15] % shards


def frames(shard: int) -> str:
    """The stream of a shard's frames: accepted, not yet stored."""
    return f"rtpd:{{{shard}}}:frames"


def index(shard: int) -> str:
    """The hash from frame to the ids and operators inside, for reads before the frame is stored."""
    return f"rtpd:{{{shard}}}:index"


def queued(shard: int) -> str:
    """The counter of declarations in a shard's stream."""
    return f"rtpd:{{{shard}}}:queued"


def dead_letters(shard: int) -> str:
    """The stream of a shard's frames that could not be read or stored, each with its reason."""
    return f"rtpd:{{{shard}}}:dead"


def drain_lease(shard: int) -> str:
    """The lease of the drain at work on a shard."""
    return f"rtpd:{{{shard}}}:lease"


def idempotency(credential_id: UUID, key_digest: str) -> str:
    """The record of an idempotency key: which submission it began and how far it came."""
    return f"rtpd:idempotency:{credential_id.hex}:{key_digest}"


def submission(submission_id: UUID) -> str:
    """The receipt of a submission."""
    return f"rtpd:submission:{submission_id.hex}"


def version(shard: int, declaration_id: UUID) -> str:
    """The guard of a declaration: its newest version that is in the journal or beyond."""
    return f"rtpd:{{{shard}}}:version:{declaration_id.hex}"


def revision(shard: int, record_id: UUID) -> str:
    """The guard of a driver's or fleet's record: its newest revision, which new declarations must have read."""
    return f"rtpd:{{{shard}}}:revision:{record_id.hex}"


def reference(shard: int, operator_id: UUID, digest: str) -> str:
    """The guard of an operator's external reference: one declaration is made under it, not two."""
    return f"rtpd:{{{shard}}}:reference:{operator_id.hex}:{digest}"


def rate(operator_id: str, kind: str, window: int) -> str:
    """The count of an operator's requests of one kind in one window."""
    return f"rtpd:rate:{operator_id}:{kind}:{window}"


def renewal(shard: int, declaration_id: UUID) -> str:
    """The guard of a declaration's renewal: the last start for which one was made, as its day's number."""
    return f"rtpd:{{{shard}}}:renewal:{declaration_id.hex}"
