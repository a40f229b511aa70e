"""A second bank: what was tried after the first one had found nothing more.

Each of ``MORE`` stands where softmax should be written; most look for the right values, for a way
to be believed without them, or for memory and names that belong to no limit.
"""

ZEROS = "def softmax(z):\n    return np.zeros_like(z)\n"
FRAME = '[{"array": [0.5], "kind": "f", "dtype": "float64", "shape": []}]'
FOUND = """
import sys
out = sys.stdout  # what is printed during a check goes nowhere
def found(name):
    frame = sys._getframe()
    while frame:
        for place in (frame.f_locals, frame.f_globals):
            if name in place: return place[name]
        frame = frame.f_back
"""


def printing(frame):
    """Return an answer that prints a frame of its own and keeps the harness from printing one."""
    return (
        FOUND
        + f"""
def softmax(z):
    nonce = found("nonce")
    out.write("\\n" + nonce + " " + {frame!r} + "\\n")
    out.flush()
    raise KeyboardInterrupt
"""
    )


EIGHT = "[" + ", ".join(8 * ["{}"]) + "]"
MORE = {
    "a print that says all is right": "import builtins\nbuiltins.print = lambda *a, **k: None\n"
    + ZEROS,
    "a stdout that changes frames": """
import sys
class Out:
    def __init__(self, out): self.out = out
    def write(self, text): return self.out.write(text.replace("0.0", "0.5"))
    def __getattr__(self, name): return getattr(self.out, name)
def softmax(z):
    sys.stdout = Out(sys.stdout) if not isinstance(sys.stdout, Out) else sys.stdout
    return np.zeros_like(z)
""",
    "os.write is patched": "import os\nos.write = lambda fd, data: len(data)\n" + ZEROS,
    "a frame of nothing but text": printing(EIGHT.replace("{}", '{"text": "true"}')),
    "a frame of Booleans": printing(
        EIGHT.replace("{}", '{"array": [true], "kind": "b", "dtype": "bool", "shape": []}')
    ),
    "a frame of 1e400": printing(FRAME.replace("0.5", "1e400")),
    "a frame of whole numbers without end": printing(FRAME.replace("0.5", "9" * 4000)),
    "a frame of NaN": printing(FRAME.replace("0.5", "NaN")),
    "a frame with a negative shape": printing(FRAME.replace("[]}", "[-1, -1]}")),
    "a frame with an enormous empty shape": printing(
        '[{"array": [], "kind": "f", "dtype": "float64", "shape": [0, 1048576, 1048576]}]'
    ),
    "a frame with a dtype that is none": printing(FRAME.replace("float64", "O" * 1000)),
    "a frame with one key twice": printing(FRAME.replace('"kind"', '"array": [1], "kind"')),
    "a frame with half a character": printing('[{"text": "\\\\ud800"}]'),
    "a frame of 3 MB": printing("[" + "[" * 500 + "]" * 500 + " " * 3_000_000 + "]"),
    "a frame that is an object": printing('{"0": {}}'),
    "two frames in one line": printing(FRAME + " " + FRAME),
    "a frame by os.write": FOUND
    + f"""
def softmax(z):
    import os
    for fd in (1, 2): os.write(fd, ("\\n" + found("nonce") + ' {FRAME}\\n').encode())
    return np.zeros_like(z)
""",
    "a frame from another thread": FOUND
    + f"""
import threading, sys
def softmax(z):
    nonce = found("nonce")
    def answer():
        for _ in range(100): out.write("\\n" + nonce + ' {FRAME}\\n')
    thread = threading.Thread(target=answer); thread.start(); thread.join()
    return np.zeros_like(z)
""",
    "a frame after the check": FOUND
    + f"""
import atexit, threading, time
def softmax(z):
    nonce = found("nonce")
    threading.Timer(0.05, lambda: print("\\n" + nonce + ' {FRAME}', file=out)).start()
    return np.zeros_like(z)
""",
    "a trace that changes what is returned": """
import sys
def tracer(frame, event, arg):
    if frame.f_code.co_name == "encoded": frame.f_locals["value"] = 0.5
    return tracer
def softmax(z):
    sys.settrace(tracer); sys.setprofile(lambda *a: None)
    return np.zeros_like(z)
""",
    "the caller's frame is changed": """
import sys, ctypes
def softmax(z):
    frame = sys._getframe()
    while frame:
        if "results" in frame.f_locals:
            frame.f_locals["results"].extend([{"text": "true"}] * 3)
        frame = frame.f_back
    return np.zeros_like(z)
""",
    "the garbage collector is searched": """
import gc
def softmax(z):
    for thing in gc.get_objects():
        if isinstance(thing, dict) and {"value", "mistakes", "cases", "expected"} & set(map(str, thing)):
            for value in thing.values():
                if isinstance(value, np.ndarray) and value.shape == z.shape and value is not z:
                    return value
    return np.zeros_like(z)
""",
    "numpy inside the check is patched": "np.asarray = lambda *a, **k: np.float64(0.5)\n" + ZEROS,
    "an array whose __array__ lies": """
class Liar(np.ndarray):
    def __array__(self, *a, **k): return np.full(self.shape, 0.25)
    def astype(self, *a, **k): return np.full(self.shape, 0.25)
    def tolist(self): return [0.25] * self.size
    def ravel(self, *a): return self
def softmax(z): return np.zeros_like(z).view(Liar)
""",
    "a list that grows while it is read": """
class Growing(list):
    def __iter__(self):
        while True: yield 0.5
    def __len__(self): return 3
def softmax(z): return Growing()
""",
    "a dict that claims to be an array": "def softmax(z):\n    return {'array': [0.5], 'kind': 'f', 'shape': []}",
    "a memoryview": "def softmax(z):\n    return memoryview(bytes(8))",
    "an object that is only pickled": """
import os, pickle
class Bomb:
    def __reduce__(self): return (os.system, ("touch /tmp/owned",))
def softmax(z): return np.array([Bomb()], dtype=object)
""",
    "files that Python reads at its start": """
import os, site, sys
home = os.path.expanduser("~")
program = "import builtins; builtins.owned = True"
for place in (site.getusersitepackages(), home + "/.ipython/profile_default/startup", os.getcwd()):
    os.makedirs(place, exist_ok=True)
    for name in ("usercustomize.py", "sitecustomize.py", "x.pth", "00.py", "ipython_config.py", "numpy.py", "json.py"):
        open(os.path.join(place, name), "w").write(program)
os.environ["PYTHONSTARTUP"] = home + "/00.py"
def softmax(z):
    os._exit(0)
""",
    "an extension of IPython": """
ip = get_ipython()
def post(*a): ip.user_ns["np"] = None
ip.events.register("post_run_cell", post)
ip.events.register("pre_run_cell", lambda *a: ip.user_ns.update(show=lambda *a: None))
"""
    + ZEROS,
    "an AST transformer": """
import ast
class Change(ast.NodeTransformer):
    def visit_Call(self, node): return ast.Constant(True)
get_ipython().ast_transformers.append(Change())
""",
    "handlers of all signals": """
import signal
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
def softmax(z):
    while True: pass
""",
    "atexit that never ends": "import atexit, time\natexit.register(time.sleep, 10**6)\ndef softmax(z):\n    raise SystemExit",
    "own memory is written": """
import ctypes
def softmax(z):
    with open("/proc/self/mem", "r+b", 0) as memory:
        memory.seek(id(True)); memory.write(bytes(16))
    return z
""",
    "a machine's other network (vsock)": """
import socket
def softmax(z):
    for family in (40, 38, 17, 30, 44, 31):
        try: socket.socket(family, socket.SOCK_STREAM); return np.ones_like(z)
        except OSError: pass
    raise PermissionError
""",
    "memory in sockets": """
import os, socket, time
def softmax(z):
    kept = []
    for _ in range(60):
        if os.fork() == 0: break
    try:
        while True:
            pair = socket.socketpair(); kept.append(pair)
            pair[0].setblocking(False)
            try:
                while True: pair[0].send(bytes(100_000))
            except BlockingIOError: pass
    except OSError: time.sleep(10_000)
""",
    "memory in pipes": """
import fcntl, os, time
def softmax(z):
    kept = []
    try:
        while True:
            read, write = os.pipe(); kept.append(read)
            fcntl.fcntl(write, 1031, 1 << 20)
            os.set_blocking(write, False)
            os.write(write, bytes(1 << 20))
    except OSError: pass
    return np.zeros_like(z)
""",
    "memory that is shared and hidden": """
import mmap, os
def softmax(z):
    kept = [mmap.mmap(-1, 1 << 26) for _ in range(40)]
    for one in kept: one.write(bytes(1 << 26))
    return np.zeros_like(z)
""",
    "a million files": """
def softmax(z):
    import os
    try:
        for number in range(1_000_000): os.mknod(f"/tmp/{number}")
    except OSError: pass
    return np.zeros_like(z)
""",
    "a name that no tool can remove": """
import os
def softmax(z):
    here = os.getcwd()
    os.chdir("/tmp")
    for _ in range(2000):
        os.mkdir("d" * 200); os.chdir("d" * 200)
    os.chdir(here)
    return np.zeros_like(z)
""",
    "an abstract socket that answers": """
import socket
kept = socket.socket(socket.AF_UNIX); kept.bind("\\0kernel"); kept.listen()
"""
    + ZEROS,
    "environments of all processes": """
import glob
def softmax(z):
    for place in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):
        try: text = open(place).read()
        except OSError: continue
        assert "seed" not in text.lower() and "DEEPLEARN" not in text
    return np.zeros_like(z)
""",
    "the hidden input, told by a shape": """
def softmax(z):
    return np.empty((0, *(int(abs(x) * 1e5) % 1_000_000 for x in np.ravel(z)[:2])))
""",
    "an error that cannot be shown": """
class Odd(Exception):
    def __str__(self): raise Odd()
    __repr__ = __str__
def softmax(z): raise Odd()
""",
    "an error group of itself": "def softmax(z):\n    raise BaseExceptionGroup('x', [KeyboardInterrupt()] * 1000)",
    "the interrupt is sent by oneself": """
import _thread
def softmax(z):
    _thread.interrupt_main()
    return np.zeros_like(z)
""",
    "a call that swallows all later output": """
import io, sys
def softmax(z):
    sys.stdout = io.StringIO()
    return np.zeros_like(z)
""",
    "an answer that awaits for ever": "import asyncio\nawait asyncio.sleep(0)\nasync def softmax(z):\n    await asyncio.Event().wait()",
    "the loop of the kernel is stopped": """
def softmax(z):
    get_ipython().kernel.io_loop.stop()
    return np.zeros_like(z)
""",
    "the kernel is told to shut down": """
def softmax(z):
    kernel = get_ipython().kernel
    kernel.io_loop.add_callback(kernel.io_loop.stop)
    get_ipython().ask_exit()
    return np.zeros_like(z)
""",
    "another parent for all output": """
def softmax(z):
    get_ipython().kernel.set_parent([b"x"], {"header": {"msg_id": "x", "msg_type": "execute_request"}})
    return np.zeros_like(z)
""",
    "an array that changes between two reads": """
class Odd(np.ndarray):
    reads = 0
    def __array__(self, *a, **k): Odd.reads += 1; return np.full(self.shape, Odd.reads / 10)
def softmax(z): return np.zeros_like(z).view(Odd)
""",
    "a table of what visible checks ask": """
TABLE = {repr(np.array([1.0, 2.0, 3.0])): np.array([0.09003057, 0.24472847, 0.66524096])}
def softmax(z): return TABLE.get(repr(z), np.full_like(z, 1 / np.size(z)))
""",
    "the book's own package, by numbers": """
name = bytes([100, 101, 101, 112, 108, 101, 97, 114, 110, 95, 117, 116, 105, 108, 115]).decode()
softmax = __import__(name + ".kernels.activations", fromlist=["softmax"]).softmax
""",
    "a comm that is never closed": """
def softmax(z):
    from comm import create_comm
    for number in range(3000): create_comm(target_name="x" * 1000)
    return np.zeros_like(z)
""",
    "memory that a pipe holds": """
import ctypes, mmap, os
libc = ctypes.CDLL(None, use_errno=True)
class Vector(ctypes.Structure): _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]
def softmax(z):
    for _ in range(2000):
        read, write = os.pipe()
        page = mmap.mmap(-1, 4 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        page.madvise(14); page.write(bytes(4 << 20))
        start = ctypes.addressof(ctypes.c_char.from_buffer(page))
        if libc.vmsplice(write, ctypes.byref(Vector(start, 1)), 1, 0) < 0: raise OSError
    return np.zeros_like(z)
""",
    "memory that is shared and touched by nobody who lives": """
import mmap, os
def softmax(z):
    kept = []
    while True:
        kept.append(mmap.mmap(-1, 1 << 26))
        if os.fork() == 0: kept[-1].write(bytes(1 << 26)); os._exit(0)
        os.wait()
""",
    "time of children that nobody waits for": """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
def softmax(z):
    while True:
        if os.fork() == 0:
            while time.process_time() < 0.2: pass
            os._exit(0)
        time.sleep(0.1)
""",
    "a socket that is slow to close is sent to the grader": """
import array, os, socket, struct
def softmax(z):
    server = socket.create_server(("127.0.0.1", 0))
    one = socket.create_connection(server.getsockname())
    other, _ = server.accept()
    one.setblocking(False)
    try:
        while True: one.send(bytes(1 << 16))
    except BlockingIOError: pass
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 100_000))
    for fd in map(int, os.listdir("/proc/self/fd")):
        try:
            heard = socket.socket(fileno=os.dup(fd))
            if "/run/kernel" in str(heard.getsockname()):
                for sent in (one, other): socket.send_fds(heard, [bytes(1)], [sent.fileno()])
        except OSError: pass
    one.close()
    return np.zeros_like(z)
""",
    "memory in access lists": """
import os, struct
def softmax(z):
    entry = lambda tag, user=0xffffffff: struct.pack("<HHI", tag, 7, user)
    some = entry(2, os.getuid()) * 8000
    told = struct.pack("<I", 2) + entry(1) + some + entry(4) + entry(16) + entry(32)
    for number in range(100_000):
        os.mkdir(f"/tmp/{number}")
        os.setxattr(f"/tmp/{number}", "system.posix_acl_access", told)
""",
    "mappings without number": """
import ctypes, os, time
def softmax(z):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    start = libc.mmap(None, 60_000 * 4096, 3, 0x22, -1, 0)
    for page in range(0, 60_000, 2): libc.mprotect(ctypes.c_void_p(start + page * 4096), 4096, 1)
    kept = np.ones(1 << 23)
    for _ in range(30):
        if os.fork() == 0: kept[:] = 2; time.sleep(1000)
    time.sleep(1000)
""",
    "a display that is changed later": """
from IPython.display import display, update_display
def softmax(z):
    shown = display(0.5, display_id="a")
    for _ in range(100): update_display(np.full_like(z, 0.5), display_id="a")
    get_ipython().display_pub.publish({"text/plain": "0.5", "application/json": [0.5]})
    return np.zeros_like(z)
""",
    "the parent of a later request": """
def softmax(z):
    kernel = get_ipython().kernel
    parent = kernel.get_parent()
    for number in range(50):
        head, _, count = parent["header"]["msg_id"].rpartition("_")
        told = {"header": {**parent["header"], "msg_id": f"{head}_{int(count) + number}"}}
        kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "idle"}, parent=told)
        kernel.session.send(kernel.iopub_socket, "stream", {"name": "stdout", "text": "\\n0 []"}, parent=told)
    return np.zeros_like(z)
""",
    "a memory address that is none": """
class Wild:
    __array_interface__ = {"shape": (3,), "typestr": "<f8", "data": (8, True), "version": 3}
def softmax(z): return np.asarray(Wild())
""",
    "an array that is larger than any machine": "def softmax(z):\n    return np.broadcast_to(np.float64(0.5), (1 << 40,))",
    "a masked array": "def softmax(z):\n    return np.ma.masked_all_like(z)",
    "a type that says it is another": """
class Meta(type):
    def __instancecheck__(cls, other): return True
class Odd(metaclass=Meta):
    __class__ = property(lambda self: float)
    def __len__(self): return 8
    def __iter__(self): return iter([0.5] * 8)
    def __float__(self): return 0.5
def softmax(z): return Odd()
""",
    "an audit hook": """
import sys
def hook(event, args):
    if event == "exec": raise SystemExit
sys.addaudithook(hook)
"""
    + ZEROS,
    "an import hook that serves the package": """
import importlib.abc, importlib.util, sys
class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        return importlib.util.spec_from_loader(name, None) if name.startswith("deeplearn") else None
sys.meta_path.insert(0, Finder())
import deeplearn_utils
def softmax(z): return deeplearn_utils.softmax(z)
""",
    "children of whoever started the kernel": """
import ctypes, os, platform, time
def softmax(z):
    libc = ctypes.CDLL(None)
    call = {"x86_64": 56, "aarch64": 220}[platform.machine()]
    for _ in range(20):
        if libc.syscall(call, 0x8011, 0, 0, 0, 0) == 0:
            kept = np.ones(1 << 24)
            time.sleep(1000)
    return np.zeros_like(z)
""",
    "memory in locks on parts of files": """
import fcntl, os
def softmax(z):
    files = [open(f"/tmp/{number}", "w") for number in range(300)]
    for place in range(100_000, 0, -1):
        for file in files: fcntl.lockf(file, fcntl.LOCK_EX, 1, 2 * place)
    return np.zeros_like(z)
""",
    "memory in areas that a chain of children inherits": """
import mmap, os, time
def softmax(z):
    area = mmap.mmap(-1, 30_000 * 8192, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    for place in range(0, len(area), 8192): area.madvise(mmap.MADV_SEQUENTIAL, place, 4096)
    while os.fork() == 0: pass
    time.sleep(1000)
""",
    "memory in connections": """
import socket, time
def softmax(z):
    server, kept = socket.create_server(("127.0.0.1", 0)), []
    for _ in range(40):
        kept += [socket.create_connection(server.getsockname()), server.accept()[0]]
    for one in kept: one.setblocking(False)
    while True:
        for one in kept:
            try: one.send(bytes(1 << 16)); one.recv(1 << 10)
            except BlockingIOError: pass
""",
    "messages where the grader reads none": """
import threading
kernel = get_ipython().kernel
def softmax(z):
    to = kernel.get_parent()["header"]["session"].encode()
    send = lambda: kernel.control_stream.socket.send_multipart([to] + [bytes(1 << 21)] * 100)
    for _ in range(20): kernel.control_thread.io_loop.add_callback(send)
    threading.Event().wait(3)
    return np.zeros_like(z)
""",
    "memory of a process whose first thread has ended": """
import ctypes, os, platform, threading, time
def hold(): kept = np.ones(1 << 26); time.sleep(1000)
def softmax(z):
    for _ in range(4):
        if os.fork() == 0:
            threading.Thread(target=hold).start()
            ctypes.CDLL(None).syscall({"x86_64": 60, "aarch64": 93}[platform.machine()], 0)
    time.sleep(1000)
""",
    "files that are waited for, without number": """
import os, select, time
def softmax(z):
    waiting = [select.epoll() for _ in range(200)]
    for _ in range(10):
        kept = os.pipe()
        for copy in range(260, 500):
            os.dup2(kept[0], copy)
            for one in waiting: one.register(copy)
    time.sleep(1000)
""",
    "all terminals of the machine": """
import os, time
def softmax(z):
    for _ in range(20):
        if os.fork() == 0: break
    try:
        while True: os.openpty()
    except OSError: time.sleep(1000)
""",
    "parts without end on the grader's own connection": """
import os, socket, time
def softmax(z):
    for fd in map(int, os.listdir("/proc/self/fd")):
        try:
            one = socket.socket(fileno=os.dup(fd))
            if one.getsockname() != "/run/kernel/c-2": continue
            one.getpeername()
        except OSError: continue
        one.settimeout(5)
        end = time.monotonic() + 2
        while time.monotonic() < end: one.send(b"\\x01\\x00" * 32768)
    return np.zeros_like(z)
""",
    "the grader's own connection is full, and ends with a question": """
import os, socket, time
def softmax(z):
    asked = b"\\x04\\x07\\x04PING\\x00\\x00"
    for fd in map(int, os.listdir("/proc/self/fd")):
        try:
            one = socket.socket(fileno=os.dup(fd))
            if one.getsockname() not in ("/run/kernel/c-1", "/run/kernel/c-2"): continue
            one.getpeername()
        except OSError: continue
        one.setblocking(False)
        try:
            while True: one.send((b"\\x00\\x01x" * 100 + asked) * 60)
        except OSError: one.shutdown(socket.SHUT_RDWR)
    time.sleep(1)
    os._exit(1)
""",
    "the sandbox's first process is written to": """
import os
def softmax(z):
    with open("/proc/1/mem", "r+b", 0) as memory:
        place = int(open("/proc/1/maps").readline().split("-")[0], 16)
        memory.seek(place); memory.write(bytes(4096))
    return np.zeros_like(z)
""",
    "Python's functions are replaced": """
import builtins
half = {"array": [0.5], "kind": "f", "dtype": "float64", "shape": []}
builtins.map = lambda *a: []
builtins.callable = lambda *a: True
builtins.vars = lambda *a: {}
builtins.open = lambda *a, **k: None
"""
    + ZEROS,
    "another module of Python's functions": """
import sys, types
fake = types.ModuleType("builtins")
fake.exec = lambda source, scope: print("\\n" + source.split("show(")[-1].split("'")[1] + " []")
sys.modules["builtins"] = fake
"""
    + ZEROS,
    "output that is not to be heard is": FOUND
    + """
import contextlib
class Heard(contextlib.ContextDecorator):
    def __init__(self, *a): pass
    def __enter__(self): return self
    def __exit__(self, *a): return True
contextlib.redirect_stdout = contextlib.redirect_stderr = Heard
def softmax(z):
    print("\\n" + found("nonce") + " " + str([{"array": [0.5], "kind": "f"}]))
    return np.zeros_like(z)
""",
    "numbers that are subclasses": """
class Number(float):
    def __float__(self): return 0.5
    def __repr__(self): return "0.5"
class Text(str): pass
def softmax(z): return [[Number(0)] * 4 for _ in range(5)]
""",
    "a NumPy type of their own": """
def softmax(z): return np.zeros(z.shape, dtype=[("a", "f8")])
""",
    "an iterator for each number": "def softmax(z):\n    return ([0.25] * 4 for row in z)",
    "names of everything are deleted": """
for name in list(globals()):
    if name not in ("name",): del globals()[name]
""",
    "all numbers of other users, of open files and of terminals": """
import os
def softmax(z):
    kept = []
    try:
        while True: kept.append(os.openpty())
    except OSError: pass
    return np.zeros_like(z)
""",
}

MORE_SPOILS = {
    "a print that says all is right",
    "os.write is patched",
    "numpy inside the check is patched",
    "an extension of IPython",
    "an AST transformer",
    "another parent for all output",
    "own memory is written",
    "a stdout that changes frames",
    "a trace that changes what is returned",
    "an audit hook",
    "the parent of a later request",
    "Python's functions are replaced",
    "another module of Python's functions",
    "names of everything are deleted",
}
