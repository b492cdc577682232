# SPDX-License-Identifier: GPL-3.0-or-later
"""The helper's API without a program for each call: a connection to the lab's bus that can do what the tests need.

Values are Python's: a variant is a pair (signature, value), a dictionary a dict, a structure a tuple.
"""

import os
import socket
import struct

from labkit.trial import environment

ALIGNMENT = {"y": 1, "b": 4, "u": 4, "i": 4, "x": 8, "t": 8, "d": 8, "s": 4, "o": 4, "g": 1, "v": 1, "a": 4, "(": 8, "{": 8}
FORMATS = {"y": "B", "b": "I", "u": "I", "i": "i", "x": "q", "t": "Q", "d": "d"}
METHOD_CALL, METHOD_RETURN, ERROR = 1, 2, 3
PATH, INTERFACE, MEMBER, ERROR_NAME, REPLY_SERIAL, DESTINATION, SIGNATURE = 1, 2, 3, 4, 5, 6, 8


class CallFailed(Exception):
    def __init__(self, name, text):
        super().__init__(f"{name}: {text}")
        self.name = name.removeprefix("org.weir.Error.")


def first_type(signature):
    """The first complete type of a signature."""
    if signature[0] == "a":
        return "a" + first_type(signature[1:])
    if signature[0] not in "({":
        return signature[0]
    depth = 0
    for end, letter in enumerate(signature):
        depth += (letter in "({") - (letter in ")}")
        if depth == 0:
            return signature[:end + 1]
    raise ValueError(signature)


def types(signature):
    while signature:
        yield (one := first_type(signature))
        signature = signature[len(one):]


def pad(data, alignment):
    data.extend(bytes(-len(data) % alignment))


def write(data, signature, value):
    kind = signature[0]
    pad(data, ALIGNMENT[kind])
    if kind in FORMATS:
        data += struct.pack("<" + FORMATS[kind], value)
    elif kind in "so":
        text = value.encode()
        data += struct.pack("<I", len(text)) + text + b"\0"
    elif kind == "g":
        data += bytes([len(value)]) + value.encode() + b"\0"
    elif kind == "v":
        write(data, "g", value[0])
        write(data, *value)
    elif kind == "a":
        begin = len(data)
        data += bytes(4)
        pad(data, ALIGNMENT[signature[1]])
        first = len(data)
        for item in value.items() if signature[1] == "{" else value:
            write(data, signature[1:], item)
        struct.pack_into("<I", data, begin, len(data) - first)
    else:
        for part, item in zip(types(signature[1:-1]), value):
            write(data, part, item)


class Reader:
    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def read(self, signature):
        kind = signature[0]
        self.at += -self.at % ALIGNMENT[kind]
        if kind in FORMATS:
            value, = struct.unpack_from("<" + FORMATS[kind], self.data, self.at)
            self.at += ALIGNMENT[kind]
            return value
        if kind in "sog":
            size = self.read("y" if kind == "g" else "u")
            self.at += size + 1
            return self.data[self.at - size - 1:self.at - 1].decode()
        if kind == "v":
            return self.read(self.read("g"))
        if kind == "a":
            size = self.read("u")
            self.at += -self.at % ALIGNMENT[signature[1]]
            end, items = self.at + size, []
            while self.at < end:
                items.append(self.read(signature[1:]))
            return dict(items) if signature[1] == "{" else items
        return tuple(self.read(part) for part in types(signature[1:-1]))


class Bus:
    """One connection; calls are made one after the other."""

    def __init__(self):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(60)
        self._socket.connect(environment["DBUS_SYSTEM_BUS_ADDRESS"].split("path=")[1].split(",")[0])
        self._input = self._socket.makefile("rb")
        self._socket.sendall(b"\0AUTH EXTERNAL " + str(os.getuid()).encode().hex().encode() + b"\r\n")
        assert self._input.readline().startswith(b"OK"), "the bus lets us in"
        self._socket.sendall(b"BEGIN\r\n")
        self._serial = 0
        self._send("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello", "", ())

    def call(self, interface, member, signature="", *arguments):
        """Values of the reply. Raises CallFailed with the error's name."""
        return self._send("org.weir.Weir1", "/org/weir/Weir1", f"org.weir.Weir1.{interface}", member, signature, arguments)

    def close(self):
        self._input.close()
        self._socket.close()

    def _send(self, destination, path, interface, member, signature, arguments):
        self._serial += 1
        body = bytearray()
        for kind, argument in zip(types(signature), arguments):
            write(body, kind, argument)
        fields = [(PATH, ("o", path)), (INTERFACE, ("s", interface)), (MEMBER, ("s", member)), (DESTINATION, ("s", destination))]
        if signature:
            fields.append((SIGNATURE, ("g", signature)))
        message = bytearray()
        for kind, value in (("y", ord("l")), ("y", METHOD_CALL), ("y", 0), ("y", 1), ("u", len(body)), ("u", self._serial), ("a(yv)", fields)):
            write(message, kind, value)
        pad(message, 8)
        self._socket.sendall(message + body)
        return self._reply()

    def _reply(self):
        while True:
            head = self._input.read(16)
            size, _, fields_size = struct.unpack_from("<III", head, 4)
            head += self._input.read(fields_size + -fields_size % 8)
            body = self._input.read(size)
            fields = dict(Reader(head, 12).read("a(yv)"))
            if fields.get(REPLY_SERIAL) != self._serial:
                continue        # a signal
            reader = Reader(body)
            values = [reader.read(kind) for kind in types(fields.get(SIGNATURE, ""))]
            if head[1] == ERROR:
                raise CallFailed(fields[ERROR_NAME], values[0] if values else "")
            return values
