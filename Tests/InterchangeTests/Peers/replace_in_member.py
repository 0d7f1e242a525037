"""Copies an archive, and replaces a text in one of its members.

    python replace_in_member.py FILE OUTPUT MEMBER OLD NEW

MEMBER is the end of the member's name. Members stay uncompressed and in order, with new checksums.
"""

import sys
import zipfile

source, output, member, old, new = sys.argv[1:]
with zipfile.ZipFile(source) as file, zipfile.ZipFile(output, "w") as copy:
    for name in file.namelist():
        content = file.read(name)
        if name.endswith(member):
            assert old.encode() in content, content
            content = content.replace(old.encode(), new.encode())
        copy.writestr(name, content)
