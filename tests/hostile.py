"""Bodies that no client should send, for every route of both sides."""

#: By what is wrong with them. Those that are one line of JSON also stand in a bulk upload.
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "null": b"null",
    "a number": b"12",
    "a text": b'"x"',
    "a list of objects": b"[{},{}]",
    "cut off": b'{"declarationPostingCountry": "F',
    "not UTF-8": b'{"driverLatinLastName": "\xff\xfe\xc0"}',
    "half a letter": b'{"driverLatinLastName": "\\ud800"}',
    "a zero byte": b'{"driverLatinLastName": "a\x00b"}',
    "a written zero byte": b'{"driverLatinLastName": "a\\u0000b", "plate": "\\u0000", "name": "\\u0000"}',
    "deeply nested lists": b"[" * 100_000,
    "deeply nested objects": b'{"a":' * 100_000,
    "nested to the end": b'{"declarationVehiclePlateNumber": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "past 64 bits": b'{"declarationStartDate": 99999999999999999999999, "size": 1180591620717411303424}',
    "past a double": b'{"declarationStartDate": 1e999, "limit": -1e999}',
    "not a number": b'{"declarationStartDate": NaN}',
    "a very long number": b'{"declarationStartDate": ' + b"9" * 100_000 + b"}",
    "a very long name": b'{"' + b"x" * 100_000 + b'": 1}',
    "many names": b"{" + b",".join(b'"n%d":1' % number for number in range(5_000)) + b"}",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "names of Python's insides": b'{"__class__": "x", "__init__": {"__globals__": 1}}',
    "things for lists and lists for things": b'{"content": [], "declarations": {}, "plates": 1, "operatorId": [[]]}',
}
