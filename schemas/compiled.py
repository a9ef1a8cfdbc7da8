"""Functions over bytes and columns that run as machine code: plain Python, compiled by numba when first imported.

What would be a loop in the interpreter for each byte of each declaration is written here as a loop all the same.
The machine code is kept on disk (`NUMBA_CACHE_DIR`, or beside the module), so that only the first start compiles. It is
made anew when its own module changes, and no other: whatever comes from other modules or from data is handed to a loop.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

_Function = TypeVar("_Function", bound=Callable[..., Any])
_VECTOR = 32
#: Without numba's runtime, which would count references to each array that a loop hands to another function, with a
#: locked instruction each time: a sixth of what intake does. So compiled functions make no arrays of their own.
_HOW = {"nogil": True, "error_model": "numpy", "_nrt": False}
_njit, _intrinsic = cast(Any, numba.njit), cast(Any, intrinsic)


def compiled(signature: str) -> Callable[[_Function], _Function]:
    """Compiles a function for one signature (numba's spelling) at import, never in the middle of a request."""

    def compile_it(function: _Function) -> _Function:
        machine_code: _Function
        try:
            machine_code = _njit(signature, cache=True, **_HOW)(function)
        except RuntimeError:  # no folder can be written to: each process compiles for itself
            machine_code = _njit(signature, **_HOW)(function)
        return machine_code

    return compile_it


def inlined(function: _Function) -> _Function:
    """Lets compiled functions of the same module call a function: its text is put into theirs."""
    inline_it: Callable[[_Function], _Function] = _njit(inline="always")
    return inline_it(function)


def _word_at(_context: Any, data: Any, at: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(_place(context, builder, signature, arguments), align=1)

    return types.uint64(data, at), code


def _put_word(_context: Any, data: Any, at: Any, _word: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[2], _place(context, builder, signature, arguments), align=1)
        return context.get_dummy_value()

    return types.void(data, at, types.uint64), code


def _place(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    return builder.bitcast(builder.gep(array.data, [arguments[1]]), ir.IntType(64).as_pointer())


def _plain_ahead(_context: Any, data: Any, at: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = ir.VectorType(ir.IntType(8), _VECTOR)
        place = builder.bitcast(_place(context, builder, signature, arguments), kind.as_pointer())
        bytes_here = builder.load(place, align=1)

        def each(byte: int) -> Any:
            return ir.Constant(kind, [byte] * _VECTOR)

        ends = builder.icmp_unsigned("==", bytes_here, each(0x22))
        ends = builder.or_(ends, builder.icmp_unsigned("==", bytes_here, each(0x5C)))
        ends = builder.or_(ends, builder.icmp_unsigned("<", bytes_here, each(0x20)))
        ends = builder.or_(ends, builder.icmp_unsigned(">=", bytes_here, each(0x7F)))
        mask = builder.zext(builder.bitcast(ends, ir.IntType(_VECTOR)), ir.IntType(64))
        beyond = ir.Constant(ir.IntType(64), 1 << _VECTOR)
        return builder.cttz(builder.or_(mask, beyond), ir.Constant(ir.IntType(1), 1))

    return types.int64(data, at), code


#: Reads eight bytes from a place as one number, the first byte lowest.
word_at: Callable[[NDArray[np.uint8], int], np.uint64] = _intrinsic(_word_at)
#: Writes a number as eight bytes to a place, the lowest byte first.
put_word: Callable[[NDArray[np.uint8], int, np.uint64], None] = _intrinsic(_put_word)
#: Counts the bytes from a place on, 32 at most, that may stand in a JSON text as they are: those of ASCII that are no
#: control character, quotation mark or backslash.
plain_ahead: Callable[[NDArray[np.uint8], int], int] = _intrinsic(_plain_ahead)
