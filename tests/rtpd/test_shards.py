"""A smaller number of shards never leaves accepted declarations behind."""

import pytest
from redis import Redis

from rtpd.shards import ShardsInUseError, check_shards
from schemas import keys


def test_a_shard_that_would_go_must_be_empty(redis_url: str) -> None:
    with Redis.from_url(redis_url) as redis:
        redis.xadd(keys.frames(6), {"frame": b""})
    check_shards(redis_url, 7)
    with pytest.raises(ShardsInUseError, match="RTPD_SHARDS=7"):
        check_shards(redis_url, 4)


def test_an_empty_queue_takes_any_number(redis_url: str) -> None:
    check_shards(redis_url, 1)
