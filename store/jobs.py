"""What every worker of arq is given: orders are small, results are not kept, nothing is tried twice by arq itself."""

from typing import Any

import msgspec

#: arq puts the exception of a lost job into its result, which is dropped; its text is all that can be packed.
_pack = msgspec.msgpack.Encoder(enc_hook=repr).encode

WORKER: dict[str, Any] = {
    "max_tries": 1,
    "keep_result": 0,
    "job_serializer": _pack,
    "job_deserializer": msgspec.msgpack.decode,
}
