"""Runs commands one after the other and says what each came to.

    python run_measured.py COMMANDS

Takes a file with a JSON list of commands, each a list of words, and prints a list of their exit status (a signal negative),
seconds of processor time, largest resident memory in KiB, and the first line on standard error.
"""

import json
import os
import subprocess
import sys

results = []
for command in json.load(open(sys.argv[1])):
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    results.append({
        "status": process.returncode, "seconds": usage.ru_utime + usage.ru_stime, "kibibytes": usage.ru_maxrss,
        "errors": errors.decode(errors="replace").partition("\n")[0][:300]})
print(json.dumps(results))
