"""Prints each member of a zip archive, its name and its content in hexadecimal digits.

    python list_zip.py FILE
"""

import sys
import zipfile

with zipfile.ZipFile(sys.argv[1]) as archive:
    assert archive.testzip() is None
    for info in archive.infolist():
        print(info.filename, archive.read(info).hex())
