"""Zip archives and pickles, assembled part by part so that any part can lie."""

import binascii
import struct
import zlib


def member(name, data=b"", **lies):
    """A member of an archive, and what its headers say of it in place of the truth."""
    return {"name": name, "data": data, **lies}


def zip_bytes(members, prefix=b"", suffix=b"", count=None, directory_offset=None, comment=b""):
    """An archive. `deflate`, `crc`, `size`, `stored`, `flags`, `method`, `local_name`, `local_size`, `offset`,
    `extra` of a member are what its headers say."""
    body, directory = bytearray(prefix), bytearray()
    for each in members:
        name = each["name"].encode() if isinstance(each["name"], str) else each["name"]
        local = each.get("local_name", each["name"])
        local = local.encode() if isinstance(local, str) else local
        data = each["data"]
        method = each.get("method", 8 if each.get("deflate") else 0)
        packed = data
        if each.get("deflate"):
            squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
            packed = squeeze.compress(data) + squeeze.flush()
        crc = each.get("crc", binascii.crc32(data))
        size = each.get("size", len(data))
        stored = each.get("stored", len(packed))
        flags = each.get("flags", 0)
        offset = each.get("offset", len(body))
        extra = each.get("extra", b"")
        body += struct.pack(
            "<IHHHHHIIIHH", 0x04034B50, 20, flags, method, 0, 0x21, each.get("local_crc", crc),
            each.get("local_stored", stored), each.get("local_size", size), len(local), 0)
        body += local + packed
        directory += struct.pack(
            "<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, flags, method, 0, 0x21, crc, stored, size, len(name),
            len(extra), 0, 0, 0, 0, offset)
        directory += name + extra
    start = len(body) if directory_offset is None else directory_offset
    number = len(members) if count is None else count
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, number, number, len(directory), start, len(comment))
    return bytes(body + directory + end + comment + suffix)


def glob(module, name):
    return b"c" + module.encode() + b"\n" + name.encode() + b"\n"


def text(value):
    data = value.encode("utf-8", "surrogatepass")
    return b"X" + struct.pack("<I", len(data)) + data


def number(value):
    if -(1 << 31) <= value < 1 << 31:
        return b"J" + struct.pack("<i", value)
    data = value.to_bytes((value.bit_length() + 8) // 8, "little", signed=True)
    return b"\x8a" + bytes([len(data)]) + data


def tuple_of(*parts):
    return b"(" + b"".join(parts) + b"t"


def call(function, *arguments):
    return function + tuple_of(*arguments) + b"R"


def dictionary(*pairs):
    return b"}(" + b"".join(text(key) + value for key, value in pairs) + b"u"


def storage(kind="FloatStorage", key="0", location="cpu", count=4, module="torch"):
    return tuple_of(text("storage"), glob(module, kind), text(key), text(location), number(count)) + b"Q"


def tensor(held=None, offset=0, shape=(4,), strides=(1,)):
    return call(
        glob("torch._utils", "_rebuild_tensor_v2"), held or storage(), number(offset),
        tuple_of(*map(number, shape)), tuple_of(*map(number, strides)), b"\x89",
        call(glob("collections", "OrderedDict")))


def pickled(body, protocol=2):
    return (bytes([0x80, protocol]) if protocol > 1 else b"") + body + b"."


FOUR = struct.pack("<4f", 1, 2, 3, 4)


def checkpoint_members(pickle, records=None, **more):
    held = {"x/data/0": FOUR} if records is None else records
    return [member("x/data.pkl", pickle)] + [member(*each) for each in held.items()] + [
        member("x/version", b"3\n")]


def checkpoint(body, records=None, protocol=2):
    """A file as `torch.save` writes it, of an object made by these instructions."""
    return zip_bytes(checkpoint_members(pickled(body, protocol), records))
