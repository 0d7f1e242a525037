"""Makes HDF5 files whose structure leads in circles, out of the file, or into far more than they hold.

    python make_hostile_hdf5.py FOLDER

Prints JSON: for each file its name, its path, and whether it must be refused. What need not be is large or
odd and nothing worse; it has to be answered in little time and memory too. Files are made by h5py, and then
bytes of them are changed; those of the newest format get new checksums.
"""

import io
import json
import os
import struct
import sys
import zlib

import h5py
import numpy as np
from hdf5_bytes import lookup3, places, replaced, reseal_headers, resealed_superblock, sealed

FOLDER = sys.argv[1]
CASES = []
UNDEFINED = b"\xff" * 8


def case(name, data, refused=True, size=None):
    """A file of bytes, or of pieces at places with holes between them."""
    path = os.path.join(FOLDER, f"{len(CASES):03}.h5")
    with open(path, "wb") as file:
        for start, piece in data.items() if isinstance(data, dict) else [(0, data)]:
            file.seek(start)
            file.write(piece)
        if size is not None:
            file.truncate(size)
    CASES.append({"name": name, "path": path, "refused": refused})


def made(fill, **options):
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", **options) as file:
        file["w"] = np.arange(4, dtype="f4")
        fill(file)
    return bytearray(buffer.getvalue())


# Types


def types():
    def nested(wrap, depth):
        kind = h5py.h5t.NATIVE_UINT8.copy()
        for _ in range(depth):
            kind = wrap(kind)
        return kind

    def compound(inner):
        outer = h5py.h5t.create(h5py.h5t.COMPOUND, 1)
        outer.insert(b"m", 0, inner)
        return outer

    def array(inner):
        return h5py.h5t.array_create(inner, (1,))

    def dataset(kind):
        def fill(file):
            h5py.h5d.create(file.id, b"a", kind, h5py.h5s.create(h5py.h5s.SCALAR))
        return fill

    def attribute(kind):
        def fill(file):
            h5py.h5a.create(file.id, b"a", kind, h5py.h5s.create(h5py.h5s.SCALAR))
        return fill

    for noun, wrap in [("compounds", compound), ("arrays", array), ("lists", h5py.h5t.vlen_create)]:
        for depth in (31, 1000):
            kind = nested(wrap, depth)
            case(f"{noun} {depth} deep", made(dataset(kind), libver="latest"), depth > 32)
            case(f"{noun} {depth} deep in an attribute", made(attribute(kind), libver="latest"), depth > 32)
    case("compounds 1000 deep in the older form", made(dataset(nested(compound, 1000))))
    members = h5py.h5t.create(h5py.h5t.COMPOUND, 1000)
    for number in range(1000):
        members.insert(b"%d" % number, number, h5py.h5t.STD_U8LE)
    case("a compound of 1,000 members", made(dataset(members)), refused=False)
    data = made(lambda file: file.create_dataset("a", data=np.zeros(3, [("x", "f4"), ("y", "i4")])))
    # The offset of the second member, behind its name.
    spot = data.index(b"y\0\0\0\0\0\0\0")
    data[spot + 8:spot + 12] = struct.pack("<I", 0x7FFFFFFF)
    case("a member outside of its compound", data)
    case("an element of 2 GiB", made(lambda file: h5py.h5d.create(
        file.id, b"a", h5py.h5t.create(h5py.h5t.OPAQUE, (1 << 31) - 1), h5py.h5s.create(h5py.h5s.SCALAR),
        late())), refused=False)

    def cycle(file):
        file["type"] = np.dtype("i8")
        file.create_dataset("a", (2,), dtype=file["type"])
    data = made(cycle)
    with h5py.File(io.BytesIO(data)) as file:
        named = h5py.h5o.get_info(file["type"].id).addr
        user = h5py.h5o.get_info(file["a"].id).addr
    # The message of the dataset refers to the header of the type: to that of the dataset itself.
    reference = struct.pack("<Q", named)
    spot = data.index(reference, user)
    data[spot:spot + 8] = struct.pack("<Q", user)
    case("a type that refers to itself", data)


def late():
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_alloc_time(h5py.h5d.ALLOC_TIME_LATE)
    plist.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    return plist


# Attributes


def attributes():
    data = made(lambda file: file.attrs.__setitem__("a", np.arange(77, dtype="u1")))
    shape = b"\x01\x01\x01\0\0\0\0\0"
    for count in (1 << 30, 1 << 62, (1 << 64) - 1):
        case(f"an attribute of {count} bytes", replaced(
            data, shape + 2 * struct.pack("<Q", 77), shape + 2 * struct.pack("<Q", count)))
    square = made(lambda file: file.attrs.__setitem__("a", np.zeros((7, 11), "u1")))
    case("an attribute whose sides overflow when multiplied", replaced(
        square, struct.pack("<4Q", 7, 11, 7, 11), struct.pack("<4Q", *4 * [1 << 33])))

    def many(file):
        for number in range(20_000):
            h5py.h5a.create(file.id, b"%d" % number, h5py.h5t.STD_U8LE, h5py.h5s.create(h5py.h5s.SCALAR))
    case("twenty thousand attributes", made(many, libver="latest"), refused=False)

    # Attributes that are as large as they say, in a file that is mostly a hole.
    for count, size in [(1, 1 << 30), (6, 200 << 20), (20, 60 << 20)]:
        def large(file):
            for number in range(count):
                file.attrs[f"a{number:02}"] = np.zeros(70_000, "u1")
        data = made(large, libver="latest")
        leaf = next(place for place in places(data, b"BTLF") if data[place + 5] == 1)
        pieces, end = {}, len(data)
        for spot in range(leaf + 6, leaf + 6 + 24 * count, 24):
            # Where a large object is, and its length: the message of the attribute, then its content.
            address, length = struct.unpack_from("<2Q", data, spot)
            message = bytes(data[address:address + length - 70_000])
            pieces[end] = replaced(
                message, 2 * struct.pack("<Q", 70_000), 2 * struct.pack("<Q", size))
            struct.pack_into("<2Q", data, spot, end, len(message) + size)
            end += len(message) + size
        sealed(data, leaf, leaf + 6 + 24 * count)
        resealed_superblock(data, end)
        case(f"attributes of {size} bytes: {count}", {0: data, **pieces}, size=end)


# Links


def links():
    case("a million hard links", crowd(soft=False))
    case("a million soft links", crowd(soft=True))

    def soft(*pairs):
        def fill(file):
            for name, target in pairs:
                file[name] = h5py.SoftLink(target)
        return fill

    case("a soft link to itself", made(soft(("a", "/a"))), refused=False)
    case("soft links in a circle", made(soft(("a", "/b"), ("b", "/c"), ("c", "/a"))), refused=False)
    case("soft links that are long", made(soft(*((f"{number}", "x/" * 30_000) for number in range(200)))),
         refused=False)
    case("a soft link to the place of a weight", made(soft(("a", "w"))), refused=False)
    case("an external link amid groups", made(
        lambda file: file.__setitem__("g/h/a", h5py.ExternalLink("/etc/passwd", "/"))), refused=False)
    case("a link of a kind that a plugin defines", user_defined(), refused=False)

    def circle(file):
        file["a/b/c/d"] = np.ones(2)
        file["a/b/c/up"] = file["a"]
    case("groups in a circle", made(circle), refused=False)

    def diamonds(file):
        groups = [file.create_group(f"g{number}") for number in range(60)]
        for group, other in zip(groups, groups[1:]):
            group["left"], group["right"] = other, other
    case("2^60 paths of groups", made(diamonds), refused=False)


def crowd(soft, count=1_000_000):
    """A root whose links h5py would take minutes to make: to one dataset each, or to nowhere."""
    data = made(lambda file: None)
    with h5py.File(io.BytesIO(data)) as file:
        target = h5py.h5o.get_info(file["w"].id).addr
    # The message of the root that tells its tree and its heap.
    message = struct.pack("<2Q", data.index(b"TREE"), data.index(b"HEAP"))
    leaves, each = 16, count // 16
    names = b"\0" * 8 + b"".join(b"%07d\0" % number for number in range(count)) + b"nowhere\0"
    heap = len(data)
    tree = heap + 32 + len(names)
    first = tree + 24 + 16 * leaves + 8
    leaf = 8 + 40 * each
    entries = np.zeros(count, [("name", "<u8"), ("target", "<u8"), ("kind", "<u4"), ("gap", "<u4"), ("path", "<u8", 2)])
    entries["name"] = 8 + 8 * np.arange(count)
    entries["target"] = target
    if soft:
        entries["target"] = (1 << 64) - 1
        entries["kind"] = 2
        entries["path"][:, 0] = 8 + 8 * count
    data += b"HEAP\0\0\0\0" + struct.pack("<3Q", len(names), 1, heap + 32) + names
    data += b"TREE\0\0" + struct.pack("<H", leaves) + 2 * UNDEFINED + struct.pack("<Q", 0)
    for number in range(leaves):
        data += struct.pack("<2Q", first + number * leaf, 8 + 8 * (each * (number + 1) - 1))
    for number in range(leaves):
        data += b"SNOD\1\0" + struct.pack("<H", each) + entries[each * number:each * (number + 1)].tobytes()
    for spot in places(data, message):
        data[spot:spot + 16] = struct.pack("<2Q", tree, heap)
    data[40:48] = struct.pack("<Q", len(data))
    return data


def user_defined():
    data = made(lambda file: file.__setitem__("a", h5py.ExternalLink("other", "/")), libver="latest")
    # A link's version, its flags (a class is given), and the class.
    data[data.index(b"\x01\x08\x40") + 2] = 200
    return reseal_headers(data)


# Structures


def structures():
    groups = made(lambda file: [file.create_group(f"group {number}") for number in range(600)])
    # The root's tree is a node above others: level 1.
    root = next(place for place in places(groups, b"TREE") if groups[place + 5] == 1)

    def changed(name, data, spot, value, **options):
        data = bytearray(data)
        data[spot:spot + len(value)] = value
        case(name, data, **options)

    def address(value):
        return struct.pack("<Q", value)

    changed("a tree whose child is itself", groups, root + 32, address(root))
    changed("a tree whose children are one", groups, root + 48, bytes(groups[root + 32:root + 40]))
    changed("a tree of 65,535 children", groups, root + 6, b"\xff\xff")
    changed("a tree of level 255", groups, root + 5, b"\xff")
    leaf = int.from_bytes(groups[root + 32:root + 40], "little")
    changed("a tree whose leaf leads up", groups, leaf + 32, address(root))
    changed("a tree whose leaf is a heap", groups, leaf + 32, address(groups.index(b"HEAP")))
    node = groups.index(b"SNOD")
    changed("a list of 65,535 links", groups, node + 6, b"\xff\xff")
    changed("links that lead to their own list", groups, node + 16, address(node))
    changed("links that lead to the superblock", groups, node + 16, address(0))
    heap = groups.index(b"HEAP")
    changed("a heap of names in itself", groups, heap + 24, address(heap))
    changed("a heap of names in the superblock", groups, heap + 24, address(0))
    changed("a heap of 2^62 bytes", groups, heap + 8, address(1 << 62))
    changed("a heap without an end", groups, heap + 8, address(len(groups) - heap))
    changed("free space of a heap in a circle", groups, heap + 16, address(0), refused=False)

    # Headers of the older form that continue elsewhere: message 16 of 16 bytes.
    def interleaved(file):
        for number in range(40):
            file["w"].attrs[f"a{number}"] = number
            file.create_group(f"g{number}")
    many = made(interleaved)
    announcement = b"\x10\0\x10\0\0\0\0\0"
    spots = places(many, announcement)
    first = int.from_bytes(many[spots[0] + 8:spots[0] + 16], "little")
    changed("a header that continues in itself", many, spots[0] + 8, address(spots[0]))
    changed("a header that continues where it continues", many, spots[1] + 8, address(first))
    changed("a header that continues at its start", many, spots[0] + 8, address(spots[0] // 8 * 8 - 40))
    changed("a header that continues without an end", many, spots[0] + 16, address(1 << 62))
    changed("a header that continues for nothing", many, spots[0] + 16, address(0))
    changed("a header that continues in another", many, spots[0] + 8, address(96))
    newer = made(lambda file: [file["w"].attrs.__setitem__(f"a{number}", number) for number in range(7)],
                 libver="latest")
    block = newer.index(b"OCHK")
    spot = newer.index(struct.pack("<Q", block))
    header = max(place for place in places(newer, b"OHDR") if place < spot)
    loop = bytearray(newer)
    loop[spot:spot + 8] = address(header)
    case("a newer header that continues in itself", reseal_headers(loop))

    # Trees of the newer form, whose checksums are right.
    newer = made(lambda file: [file.create_group(f"group {number}") for number in range(2000)], libver="latest")
    inner = newer.index(b"BTIN")
    count_below = struct.unpack_from("<H", newer, newer.index(b"BTHD") + 24)[0]
    records = 11 * count_below
    pointers = inner + 6 + records
    end = next(place for place in range(pointers, pointers + 2048)
               if struct.unpack_from("<I", newer, place)[0] == lookup3(newer[inner:place]))
    for name, target in [("is itself", inner), ("is outside of the file", 1 << 40)]:
        loop = bytearray(newer)
        loop[pointers:pointers + 8] = address(target)
        sealed(loop, inner, end)
        case("a newer tree whose child " + name, loop)
    twice = bytearray(newer)
    step = (end - pointers) // (count_below + 1)
    twice[pointers + step:pointers + step + 8] = twice[pointers:pointers + 8]
    sealed(twice, inner, end)
    case("a newer tree whose children are one", twice)
    header = newer.index(b"BTHD")
    total = struct.unpack_from("<Q", newer, header + 26)[0]
    for count in (total - 1, total + 1, 0):
        lie = bytearray(newer)
        struct.pack_into("<Q", lie, header + 26, count)
        sealed(lie, header, header + 34)
        case(f"a newer tree of {total} records that counts {count}", lie)
    block, child = newer.index(b"FHIB"), newer.index(b"FHDB")
    end = next(place for place in range(block + 13, block + 4096)
               if struct.unpack_from("<I", newer, place)[0] == lookup3(newer[block:place]))
    for name, target in [("is itself", block), ("is outside of the file", 1 << 40)]:
        loop = bytearray(newer)
        pointer = newer.index(address(child), block)
        loop[pointer:pointer + 8] = address(target)
        sealed(loop, block, end)
        case("a newer heap whose block " + name, loop)


# Chunks


def chunks():
    def dataset(**options):
        return lambda file: file.create_dataset("a", data=np.arange(64, dtype="f4"), chunks=(16,), **options)

    plain = made(dataset())
    tree = next(place for place in places(plain, b"TREE") if plain[place + 4] == 1)
    # A key: the size, the filters skipped, two coordinates; then the address.
    keys = [tree + 24 + 32 * number for number in range(4)]
    addresses = [struct.unpack_from("<Q", plain, key + 24)[0] for key in keys]

    def changed(name, spot, value, data=plain):
        data = bytearray(data)
        data[spot:spot + len(value)] = value
        case(name, data)

    def number(value):
        return struct.pack("<Q", value)

    changed("two chunks in one place", keys[1] + 24, number(addresses[0]))
    changed("chunks that overlap", keys[1] + 24, number(addresses[0] + 8))
    changed("a chunk behind the end", keys[1] + 24, number(len(plain) - 8))
    changed("a chunk far behind the end", keys[1] + 24, number(1 << 62))
    changed("a chunk in the index of chunks", keys[1] + 24, number(tree))
    changed("a chunk of 0 bytes", keys[1], struct.pack("<I", 0))
    changed("a chunk of 4 GiB", keys[1], struct.pack("<I", 0xFFFFFFFF))
    changed("a chunk twice", keys[1] + 8, number(0))
    changed("a chunk outside of the dataset", keys[1] + 8, number(1 << 40))
    changed("a chunk at 2^64 - 1", keys[1] + 8, number((1 << 64) - 1))
    changed("a chunk amid another", keys[1] + 8, number(8))
    changed("an index of 65,535 chunks", tree + 6, b"\xff\xff")
    changed("an index of chunks in a circle", tree + 5, b"\x01", bytearray(
        plain[:keys[0] + 24]) + number(tree) + plain[keys[0] + 32:])

    layout = struct.pack("<2I", 16, 4)
    changed("chunks of no length", plain.index(layout), struct.pack("<I", 0))
    changed("chunks of 2^32 - 1", plain.index(layout), struct.pack("<I", 0xFFFFFFFF))
    changed("chunks of elements of 2^31 bytes", plain.index(layout) + 4, struct.pack("<I", 1 << 31))

    # A gigabyte of zeros takes a megabyte, and the dataset has room for four of its numbers.
    packer = zlib.compressobj(1)
    block = bytes(1 << 24)
    packed = b"".join(packer.compress(block) for _ in range(64)) + packer.flush()

    def bomb(file):
        for name in ("a", "b", "c"):
            data = file.create_dataset(name, (4,), "f4", chunks=(1 << 28,), maxshape=(None,), compression=9)
            data.id.write_direct_chunk((0,), packed)
    case("small datasets whose chunks inflate to a gigabyte", made(bomb))

    def short(file):
        data = file.create_dataset("a", (16,), "f4", chunks=(16,), compression=9)
        data.id.write_direct_chunk((0,), zlib.compress(bytes(1 << 24)))
    case("a chunk that inflates beyond its size", made(short))
    filters()


def filters():
    def dataset(pipeline, data=bytes(64)):
        def fill(file):
            plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            plist.set_chunk((16,))
            for filter_id, values in pipeline:
                plist.set_filter(filter_id, h5py.h5z.FLAG_OPTIONAL, values)
            created = h5py.h5d.create(file.id, b"a", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((16,)), plist)
            created.write_direct_chunk((0,), data)
        return fill

    deflate, shuffle, fletcher = (1, (6,)), (2, ()), (3, ())
    packed = bytes(64)
    for _ in range(32):
        packed = zlib.compress(packed)
    case("a filter that nobody knows", made(dataset([(4711, (1, 2, 3))])), refused=False)
    case("32 filters that nobody knows", made(dataset([(4711 + number, ()) for number in range(32)])),
         refused=False)
    case("the filter deflate 32 times", made(dataset(32 * [deflate], packed)))
    case("the filter shuffle 32 times", made(dataset(32 * [shuffle])), refused=False)
    case("the filter fletcher32 32 times", made(dataset(32 * [fletcher])))
    lzf, decimals = (32_000, ()), (6, (0, 2))
    case("LZF that copies from before the chunk", made(dataset([lzf], b"\xff" * 64)))
    case("LZF of more than the chunk", made(dataset([lzf], 3 * (b"\x1f" + bytes(32)))))
    case("LZF of less than the chunk", made(dataset([lzf], b"\x1f" + bytes(32))))
    case("LZF that ends in a run", made(dataset([lzf], b"\x1f" + bytes(32) + b"\x1f" + bytes(31))))
    for name, data in [
            ("more bits than numbers have", struct.pack("<IB16x", 33, 8) + bytes(128)),
            ("fewer numbers than the chunk has", struct.pack("<IB16x", 31, 8) + bytes(61)),
            ("no beginning", bytes(20)),
    ]:
        case(f"scale-offset of {name}", made(dataset([decimals], data)))
    # Version, count, six bytes; then each filter's number, length of name, flags and count of values.
    one = made(dataset([(4711, (1, 2, 3))]))
    message = struct.pack("<BB6x4H", 1, 1, 4711, 0, 1, 3)
    spot = one.index(message)

    def changed(name, offset, value):
        data = bytearray(one)
        data[spot + offset:spot + offset + len(value)] = value
        case(name, data)

    changed("255 filters", 1, b"\xff")
    changed("33 filters", 1, b"\x21")
    changed("a filter of 65,535 values", 14, b"\xff\xff")
    changed("a filter with a name of 65,535 bytes", 10, b"\xff\xff")
    changed("filters of version 9", 0, b"\x09")
    # Shuffle takes elements for as long as its value says.
    odd = made(dataset([shuffle]))
    spot = odd.index(struct.pack("<4H", 2, 8, 1, 1) + b"shuffle\0" + struct.pack("<I", 4)) + 16
    for value in (0, 3, 0xFFFFFFFF):
        data = bytearray(odd)
        data[spot:spot + 4] = struct.pack("<I", value)
        case(f"shuffled elements of {value} bytes", data, refused=False)


# Shapes and values


def shapes():
    data = made(lambda file: file.create_dataset("a", data=np.zeros((3, 5, 7), "f4")))
    shape = struct.pack("<3Q", 3, 5, 7)
    header = b"\x01\x03\x01\0\0\0\0\0"
    for name, sides in [
        ("that overflow when multiplied", (1 << 32, 1 << 32, 1 << 32)),
        ("that come to 0 in 64 bits", (1 << 32, 1 << 32, 4)),
        ("that come to 420 bytes in 64 bits", (3, 5, 7 + (1 << 63))),
        ("of which one is 2^64 - 1", (1, 1, (1 << 64) - 1)),
        ("of which one is 2^63", (1, 1, 1 << 63)),
        ("of which two are 2^62 and one 0", (1 << 62, 1 << 62, 0)),
    ]:
        lie = struct.pack("<3Q", *sides)
        case("sides " + name, replaced(data, header + shape + shape, header + lie + lie))
    for rank in (33, 255):
        case(f"{rank} sides", replaced(data, header + shape, b"\x01" + bytes([rank]) + header[2:] + shape))

    def fill(file):
        file.create_dataset("a", (16,), "f4", fillvalue=2.5, chunks=(4,))
    data = made(fill)
    value = struct.pack("<If", 4, 2.5)
    for count in (0x7FFFFFFF, 0xFFFFFFFF, 0x80000000, 1 << 20, 5, 3):
        case(f"a fill value of {count} bytes", data.replace(value, struct.pack("<If", count, 2.5)),
             refused=count < 0x80000000)

    def large(file):
        kind = h5py.h5t.create(h5py.h5t.OPAQUE, 60_000)
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_chunk((1,))
        plist.set_fill_value(np.zeros(1, "V60000"))
        for number in range(50):
            h5py.h5d.create(file.id, b"%d" % number, kind, h5py.h5s.create_simple((1 << 20,)), plist)
    case("sixty gigabytes of a large fill value", made(large), refused=False)


def heaps():
    text = "x" * 50_000

    def texts(file):
        file.create_dataset("a", data=[text, "short"], dtype=h5py.string_dtype())
        file.create_dataset("b", data=text, dtype=h5py.string_dtype())
        file.attrs.create("c", [text[:3000], "short"], dtype=h5py.string_dtype())
        file["w"].attrs.create("dtype", "float32", dtype=h5py.string_dtype())

    data = made(texts)
    heap = data.index(b"GCOL")
    with h5py.File(io.BytesIO(data)) as file:
        scalar = file["b"].id.get_offset()

    def changed(name, spot, value, refused=False):
        other = bytearray(data)
        other[spot:spot + len(value)] = value
        case(name, other, refused=refused)

    def number(value):
        return struct.pack("<Q", value)

    # A text: its length, the collection, and its number there. What is no tensor is left out, saying so.
    changed("a text of 4 GiB", scalar, b"\xff\xff\xff\xff")
    changed("a text outside of the file", scalar + 4, number(1 << 40))
    changed("a text in the superblock", scalar + 4, number(8))
    changed("a text whose number there is not", scalar + 12, struct.pack("<I", 4711))
    changed("a text whose number is 2^32 - 1", scalar + 12, struct.pack("<I", 0xFFFFFFFF))
    changed("a collection without an end", heap + 8, number(1 << 62))
    changed("a collection of 0 bytes", heap + 8, number(0))
    changed("a collection of 8 bytes", heap + 8, number(8))
    changed("a thing in a collection that takes 2^62 bytes", heap + 24, number(1 << 62))
    changed("a thing in a collection that takes 2^64 - 1 bytes", heap + 24, number((1 << 64) - 1))

    def laughs(count):
        """Texts that are all the same place in the heap, in an attribute and in a dataset."""
        def fill(file):
            file.create_dataset("a", data=[text] + (count - 1) * ["y"], dtype=h5py.string_dtype())
            file.attrs.create("b", [text[:3000]] + 1000 * ["y"], dtype=h5py.string_dtype())
        data = made(fill)
        with h5py.File(io.BytesIO(data)) as file:
            start = file["a"].id.get_offset()
        element = bytes(data[start:start + 16])
        data[start:start + 16 * count] = count * element
        first = data.index(struct.pack("<I", 3000))
        element = bytes(data[first:first + 16])
        data[first:first + 16 * 1001] = 1001 * element
        return data
    case("texts of five gigabytes in one place", laughs(100_000), refused=False)

    def layers(file):
        group = file.create_group("model_weights")
        group.attrs.create("layer_names", [text[:3000]] + 3000 * ["y"], dtype=h5py.string_dtype())
    data = made(layers)
    first = data.index(struct.pack("<I", 3000))
    element = bytes(data[first:first + 16])
    data[first:first + 16 * 3001] = 3001 * element
    case("names of layers in one place", data)


types()
attributes()
links()
structures()
chunks()
shapes()
heaps()
print(json.dumps(CASES))
