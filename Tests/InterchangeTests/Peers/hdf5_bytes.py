"""Changes the bytes of HDF5 files, and makes checksums for what was changed."""

import struct


def replaced(data, old, new):
    """The data with a run of bytes changed, which is there once."""
    assert data.count(old) == 1 and len(old) == len(new), (data.count(old), len(old), len(new))
    return data.replace(old, new)


def places(data, letters):
    found, start = [], data.find(letters)
    while start >= 0:
        found.append(start)
        start = data.find(letters, start + 1)
    return found


def lookup3(data):
    """The checksum of the newer formats (Bob Jenkins, 2006)."""
    mask = 0xFFFFFFFF

    def rotated(value, count):
        return (value << count | value >> (32 - count)) & mask

    a = b = c = (0xDEADBEEF + len(data)) & mask
    start = 0
    while len(data) - start > 12:
        x, y, z = struct.unpack_from("<3I", data, start)
        a, b, c = (a + x) & mask, (b + y) & mask, (c + z) & mask
        a = (a - c) & mask ^ rotated(c, 4); c = (c + b) & mask
        b = (b - a) & mask ^ rotated(a, 6); a = (a + c) & mask
        c = (c - b) & mask ^ rotated(b, 8); b = (b + a) & mask
        a = (a - c) & mask ^ rotated(c, 16); c = (c + b) & mask
        b = (b - a) & mask ^ rotated(a, 19); a = (a + c) & mask
        c = (c - b) & mask ^ rotated(b, 4); b = (b + a) & mask
        start += 12
    tail = bytes(data[start:])
    if not tail:
        return c
    x, y, z = struct.unpack("<3I", tail.ljust(12, b"\0"))
    a, b, c = (a + x) & mask, (b + y) & mask, (c + z) & mask
    c = ((c ^ b) - rotated(b, 14)) & mask
    a = ((a ^ c) - rotated(c, 11)) & mask
    b = ((b ^ a) - rotated(a, 25)) & mask
    c = ((c ^ b) - rotated(b, 16)) & mask
    a = ((a ^ c) - rotated(c, 4)) & mask
    b = ((b ^ a) - rotated(a, 14)) & mask
    c = ((c ^ b) - rotated(b, 24)) & mask
    return c


def sealed(data, start, end):
    """Puts the checksum of a structure behind it."""
    data[end:end + 4] = struct.pack("<I", lookup3(data[start:end]))


def resealed_superblock(data, size):
    data[28:36] = struct.pack("<Q", size)
    sealed(data, 0, 44)


def reseal_headers(data):
    """New checksums for all object headers of the newest format."""
    for start in places(data, b"OHDR\x02"):
        flags = data[start + 5]
        prefix = 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
        width = 1 << (flags & 3)
        count = int.from_bytes(data[start + prefix:start + prefix + width], "little")
        sealed(data, start, start + prefix + width + count)
    return data
