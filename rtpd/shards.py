"""The number of shards may shrink only when the shards that go are empty."""

from redis import Redis

from rtpd.settings import SHARDS_AT_MOST
from schemas import keys


class ShardsInUseError(RuntimeError):
    """The queue holds declarations in a shard that no drain would look at."""


def check_shards(redis_url: str, shards: int) -> None:
    """Raises `ShardsInUseError` if a shard past the first `shards` holds frames: they would never be stored."""
    with Redis.from_url(redis_url) as redis:
        pipe = redis.pipeline(transaction=False)
        beyond = range(shards, SHARDS_AT_MOST)
        for shard in beyond:
            pipe.xlen(keys.frames(shard))
        left = [shard for shard, frames in zip(beyond, pipe.execute(), strict=True) if frames]
    if left:
        raise ShardsInUseError(
            f"the queue holds declarations in shard {left[-1]}; "
            f"run with RTPD_SHARDS={left[-1] + 1} until they are stored"
        )
