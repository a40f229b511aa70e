"""What a sandbox may use is counted: memory that is no process's, time that nobody waited for."""

import itertools
import math
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from deeplearn_utils.grading import kernel as graded
from deeplearn_utils.grading.assignments import ROOT
from deeplearn_utils.grading.kernel import GradedKernel
from deeplearn_utils.grading.limits import Limits
from deeplearn_utils.grading.sandbox import provisioner, watching

PLACE = ("x86_64", "aarch64").index(platform.machine())
CALLS = {
    "vmsplice": (278, 75),  # holds pages, also those of 2 MB, that no process has any more
    "io_setup": (206, 0),  # all of a machine share 65,536
    "inotify_init1": (294, 26),  # all of a user's programs share 128
    "fanotify_init": (300, 262),
    "landlock_create_ruleset": (444, 444),
    "syslog": (103, 116),
    "setxattr": (188, 5),  # an access list of 64 kB for a file that counts as 1 kB
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "seccomp": (317, 277),  # a filter stays while anybody has its file, after its process
    "mbind": (237, 235),  # 350 bytes for a page of a file that counts as 1 kB
    "set_mempolicy": (238, 237),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "set_mempolicy_home_node": (450, 450),
    "open_tree_attr": (467, 467),
    "sync": (162, 81),  # of all disks of the machine; nobody can end one who waits for that
    "syncfs": (306, 267),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "process_madvise": (440, 440),
}
PRETENDED = {  # with arguments that are wrong
    "fsync": ((74, 82), -1),
    "fdatasync": ((75, 83), -1),
    "sync_file_range": ((277, 84), -1, 0, 0, 0),
    "fadvise64": ((221, 223), -1, 0, 0, 4),
    "msync": ((26, 227), 1, 1, 0),
    "MADV_PAGEOUT": ((28, 233), 1, 1, 21),
    "BTRFS_IOC_SYNC": ((16, 29), -1, 0x9408),
    "BTRFS_IOC_START_SYNC": ((16, 29), -1, 0x80089418),
}
HOPS = """
import ctypes, mmap, os, time
libc = ctypes.PyDLL(None)
for _ in range(50):
    if os.fork() == 0: time.sleep(1000)  # slow to look at
memory, end = mmap.mmap(-1, 700 << 20, flags=34), time.monotonic() + 300
while time.monotonic() < end:
    if libc.vfork() == 0:  # the same memory has a second owner
        os.kill(os.getppid(), 9)  # and the first one waits, and ends
        if memory.tell() < len(memory): memory.write(bytes(1 << 18))
"""
FILES = """
import os
for number in range(30_000): os.mknod(f"/dev/shm/{number}")
"""
CHILDREN = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
read, write = os.pipe()
for _ in range(4):
    if os.fork() == 0:
        while time.process_time() < BURN: pass
        os._exit(0)
os.close(write)
assert os.read(read, 1) == b""
signal.signal(signal.SIGCHLD, signal.SIG_DFL)
"""


@pytest.fixture(scope="module")
def kernel(sandbox):
    kernel = GradedKernel(Limits(cell_wall_s=600, start_s=600))
    yield kernel
    kernel.stop()


def printed(kernel, source):
    done = kernel.run(source)
    assert done.ended == "ok", (done.error, done.message)
    return done.text


@pytest.mark.parametrize("file", ["-1", "os.open('/dev/zero', os.O_RDWR)", "HUGE"])
def test_memory_that_is_shared_and_belongs_to_no_file_is_refused(kernel, file):
    """It stays as long as anybody has the mapping, and counts for nobody who has not touched it."""
    source = f"""
import errno, mmap, os
try: mmap.mmap({file.replace("HUGE", "-1")}, 1 << 21{", flags=0x40022" * (file == "HUGE")})
except OSError as error: print(error.errno in (errno.EPERM, errno.ENODEV))
print(len(mmap.mmap(-1, 1 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)))
"""
    assert printed(kernel, source) == "True\n1048576\n"


def test_processes_share_an_array_through_a_file(kernel):
    source = """
import multiprocessing
shared = multiprocessing.get_context("fork").Array("d", 1000)
def fill(): shared[:] = range(1000)
worker = multiprocessing.get_context("fork").Process(target=fill)
worker.start(); worker.join()
print(shared[999])
"""
    assert printed(kernel, source) == "999.0\n"


@pytest.mark.parametrize("name", CALLS)
def test_a_call_that_gets_past_all_limits_is_refused(kernel, name):
    source = f"""
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
print(libc.syscall({CALLS[name][PLACE]}, 0, 0, 0, 0), errno.errorcode[ctypes.get_errno()])
"""
    assert printed(kernel, source) == "-1 EPERM\n"


@pytest.mark.parametrize("name", PRETENDED)
def test_nobody_has_the_machines_disk_work_or_forgets_what_was_read(kernel, name):
    """Files that can only be read, also: a disk's memory was emptied 20,000 times a second."""
    numbers, *arguments = PRETENDED[name]
    source = f"""
import ctypes
call = [ctypes.c_long(word) for word in {[numbers[PLACE], *arguments]}]
print(ctypes.CDLL(None).syscall(*call))
"""
    assert printed(kernel, source) == "0\n"


def test_what_is_saved_is_saved(kernel):
    source = """
import mmap, numpy as np, os
saved = np.memmap("saved", "float32", "w+", shape=100)
saved[:] = 3
saved.flush()
print(np.fromfile("saved", "float32").sum())
with open("saved", "r+b") as file: os.fsync(file.fileno())
area = mmap.mmap(-1, 1 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
area.write(b"x")
area.madvise(mmap.MADV_DONTNEED)
print(area[0])
"""
    assert printed(kernel, source) == "300.0\n0\n"


@pytest.mark.parametrize(
    "asked",
    [
        *("socketpair(AF_VSOCK)", "socketpair(AF_PACKET, SOCK_RAW)", "socketpair(AF_INET)"),
        *("socket(AF_VSOCK)", "socket(AF_INET, SOCK_STREAM, 132)", "socket(AF_INET, 6, 0)"),
        *("socket(AF_INET, SOCK_STREAM, 262)", "socket(AF_NETLINK, SOCK_RAW, 16)"),
        *("socket(AF_INET, SOCK_DGRAM, 6)", "socket(AF_INET6, SOCK_STREAM, 17)"),
    ],
)
def test_the_machine_loads_no_module_for_an_unusual_socket(kernel, asked):
    """It would do so outside, and the module would stay."""
    source = f"""
import errno
from socket import *
try: {asked}
except OSError as error: print(errno.errorcode[error.errno])
"""
    assert printed(kernel, source) == "EAFNOSUPPORT\n"


def test_usual_sockets_are_had(kernel):
    source = """
from socket import *
kinds = [(AF_UNIX, SOCK_SEQPACKET), (AF_INET, SOCK_STREAM), (AF_INET6, SOCK_DGRAM, 17)]
kinds += [(AF_INET6, SOCK_STREAM, 6), (AF_INET, SOCK_DGRAM)]
for kind in kinds: socket(*kind).close()
socketpair(); socket(AF_NETLINK, SOCK_RAW); print("all")
"""
    assert printed(kernel, source) == "all\n"


def test_no_terminal_has_another_discipline(kernel):
    """The machine would load a module for it."""
    source = """
import errno, fcntl, os, struct
both = os.openpty()
try: fcntl.ioctl(both[1], 0x5423, struct.pack("i", 27))
except OSError as error: print(errno.errorcode[error.errno])
for end in both: os.close(end)
"""
    assert printed(kernel, source) == "EPERM\n"


@pytest.mark.parametrize("asked", [0x8940, 0x89A0, 0x8982, 0x8983])
def test_the_machine_loads_no_module_for_bridges_and_vlans(kernel, asked):
    source = f"""
import ctypes, errno, socket
libc = ctypes.CDLL(None, use_errno=True)
with socket.socket() as one: print(libc.ioctl(one.fileno(), {asked}, 0))
print(errno.errorcode[ctypes.get_errno()])
"""
    assert printed(kernel, source) == "-1\nEPERM\n"


@pytest.mark.parametrize("option", [14, 32, 38])
def test_the_machine_loads_no_module_for_a_cipher_of_tcp(kernel, option):
    source = f"""
import errno, socket
try: socket.socket().setsockopt(socket.IPPROTO_TCP, {option}, bytes(216))
except OSError as error: print(errno.errorcode[error.errno])
"""
    assert printed(kernel, source) == "EPERM\n"


def test_nobody_takes_labels_of_flows_which_all_of_a_machine_share(kernel):
    source = """
import errno, socket
label = bytes(15) + bytes([1, 0, 0, 0, 0, 0, 1, 1, 0] + 8 * [0])
try: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).setsockopt(socket.IPPROTO_IPV6, 32, label)
except OSError as error: print(errno.errorcode[error.errno])
"""
    assert printed(kernel, source) == "EPERM\n"


def test_nobody_changes_how_much_waits_in_a_socket(kernel):
    """A hundred sockets held 800 MB where the machine lets each have 8 MB."""
    source = """
import socket
both, kinds = socket.socketpair(), (socket.SO_SNDBUF, socket.SO_RCVBUF)
before = [both[0].getsockopt(socket.SOL_SOCKET, kind) for kind in kinds]
for kind in kinds: both[0].setsockopt(socket.SOL_SOCKET, kind, 1 << 16)
print(before == [both[0].getsockopt(socket.SOL_SOCKET, kind) for kind in kinds])
"""
    assert printed(kernel, source) == "True\n"


def test_timers_have_an_end(kernel):
    """All of a user's programs share the number of those, and of signals that wait."""
    source = """
import ctypes
libc, made, kept = ctypes.CDLL(None), 0, []
while made < 1000:
    kept.append(ctypes.c_void_p())
    if libc.timer_create(1, None, ctypes.byref(kept[-1])) != 0: break
    made += 1
print(made < 1000)
for timer in kept[:made]: libc.timer_delete(timer)
"""
    assert printed(kernel, source) == "True\n"


def test_nobody_outlives_their_parent_who_is_to_end_with_it(kernel):
    """An ordinary user's first process in a sandbox can be written to by all others in it."""
    source = """
import ctypes
libc, told = ctypes.CDLL(None), ctypes.c_int()
for signal in (9, 15, 0):
    asked = libc.prctl(1, signal), libc.prctl(2, ctypes.byref(told))
    print(*asked, told.value)
"""
    assert printed(kernel, source) == "0 0 9\n" * 3


def test_nobody_hides_what_they_have(kernel):
    """In a warm kernel, all files waited for that a user may have counted for none of theirs."""
    source = """
import ctypes
libc = ctypes.CDLL(None)
print(libc.prctl(4, 0, 0, 0, 0), libc.prctl(3, 0, 0, 0, 0))
"""
    assert printed(kernel, source) == "0 1\n"


@pytest.mark.parametrize("call", ["close_range", "clone"])
def test_no_thread_has_files_of_its_own(kernel, call):
    """They would count for nobody."""
    asked = {"close_range": (436, 1000, 1000, 2), "clone": ((56, 220)[PLACE], 0x10900, 0, 0, 0, 0)}
    source = f"""
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
print(libc.syscall(*{asked[call]}), errno.errorcode[ctypes.get_errno()])
"""
    assert printed(kernel, source) == "-1 EPERM\n"


def test_nobody_has_a_filter_of_their_own(kernel):
    source = """
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
print(libc.prctl(22, 2, 0, 0, 0), errno.errorcode[ctypes.get_errno()], libc.prctl(3, 0, 0, 0, 0))
"""
    assert printed(kernel, source) == "-1 EPERM 1\n"


@pytest.mark.parametrize(
    "number",
    [
        62,  # PR_SCHED_CORE: the second processor of a core stands idle beside a program of its own
        78,  # PR_FUTEX_HASH: up to 1 GB for each process, and nobody's memory
    ],
)
def test_nobody_has_a_core_or_a_table_of_locks_to_themselves(kernel, number):
    source = f"""
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
print(libc.prctl({number}, 1, 0, 0, 0), errno.errorcode[ctypes.get_errno()])
"""
    assert printed(kernel, source) == "-1 EPERM\n"


def test_nobody_makes_a_child_of_their_parent(kernel):
    """A warm kernel's parent is outside its sandbox: nobody counted what such a child uses."""
    source = f"""
import ctypes, errno, os, signal
libc = ctypes.PyDLL(None, use_errno=True)  # whose child has the lock of Python
for flags in (0x8000, 0):
    child = libc.syscall({(56, 220)[PLACE]}, flags | signal.SIGCHLD, 0, 0, 0, 0)
    if child == 0: os._exit(0)
    if child > 0: os.waitpid(child, 0)
    print(child > 0, errno.errorcode.get(ctypes.get_errno()))
    ctypes.set_errno(0)
"""
    assert printed(kernel, source) == "False EPERM\nTrue None\n"


def test_locks_on_parts_of_files_are_no_memory(kernel):
    """They were 200 bytes each, in any number. Who asks for one goes on, alone in the sandbox."""
    source = """
import fcntl, os, sqlite3
file = open("/tmp/locked", "w+")
fcntl.lockf(file, fcntl.LOCK_EX, 1, 5)
if (child := os.fork()) == 0:
    fcntl.lockf(open("/tmp/locked", "r+"), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 5)
    os._exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), fcntl.fcntl(file, fcntl.F_GETFD))
base = sqlite3.connect("/tmp/base")
base.execute("create table t (x)"); base.execute("insert into t values (3)"); base.commit()
print(sqlite3.connect("/tmp/base").execute("select x from t").fetchall())
"""
    assert printed(kernel, source) == "7 1\n[(3,)]\n"


@pytest.mark.parametrize("asked", ["F_SETLEASE, F_RDLCK", "F_NOTIFY, DN_ACCESS", "1040, 0"])
def test_nobody_is_asked_before_the_machine_opens_a_file_or_told_of_it(kernel, asked):
    """Whoever opened a file of a user's Python in another sandbox, or outside, waited for 45 s."""
    source = f"""
import errno, os
from fcntl import *
try: fcntl(os.open(".", os.O_RDONLY), {asked})
except OSError as error: print(errno.errorcode[error.errno])
"""
    assert printed(kernel, source) == "EPERM\n"


def test_areas_of_memory_that_a_chain_of_children_inherits_count(kernel):
    source = """
import ctypes, mmap, os, time
area = mmap.mmap(-1, 20_000 * 8192, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
for place in range(0, len(area), 8192): area.madvise(mmap.MADV_SEQUENTIAL, place, 4096)
first, (read, write) = os.getpid(), os.pipe()
for _ in range(12):
    if child := os.fork(): break
    ctypes.CDLL(None).prctl(1, 9)  # to end with its parent
else: os.write(write, b"x")
if os.getpid() != first:
    while True: time.sleep(1)
os.read(read, 1)
"""
    before = kernel.used()
    printed(kernel, source)
    assert kernel.used().memory - before.memory > 12 * 40_000 * 300
    kernel.kill()
    kernel.start()


def test_no_socket_is_slow_to_close_for_whom_it_is_sent_to(kernel):
    source = """
import socket, struct
one = socket.socket()
one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 100_000))
one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
told = one.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)
print(struct.unpack("ii", told), one.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR))
"""
    assert printed(kernel, source) == "(0, 0) 1\n"


@pytest.mark.parametrize(
    ("level", "option"),
    [
        *((0, 4), (0, 21), (1, 25), (1, 26), (1, 47), (1, 50), (1, 62)),
        *((6, 8), (6, 18), (6, 37), (41, 6), (41, 57), (41, 73)),
    ],
)
def test_no_connection_is_made_deaf_or_patient(kernel, level, option):
    """Closed, it stayed for 24 days after its sandbox: some 70 MB of a machine's for a task."""
    source = f"""
import ctypes
libc = ctypes.CDLL(None)
print(libc.setsockopt(-1, {level}, {option}, None, 0), libc.setsockopt(-1, 6, 1, None, 0))
"""
    assert printed(kernel, source) == "0 -1\n"


def test_nothing_of_a_connection_stays_when_its_sandbox_ends(sandbox):
    kernel = GradedKernel(Limits(cell_wall_s=600, start_s=600))
    source = """
import contextlib, socket
for _ in range(5):
    server = socket.create_server(("127.0.0.1", 0))
    one = socket.create_connection(server.getsockname())
    other, _ = server.accept()
    one.setsockopt(socket.IPPROTO_IP, 21, 255)
    one.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True: one.send(bytes(1 << 16))
    for each in (server, one, other): each.close()
"""
    before = orphans()
    printed(kernel, source)
    kernel.stop()
    end = time.monotonic() + 30
    while orphans() >= before + 5 and time.monotonic() < end:
        time.sleep(0.1)
    assert orphans() < before + 5


def orphans():
    """Return how many closed connections the whole machine still has."""
    words = Path("/proc/net/sockstat").read_text(encoding="ascii").split()
    return int(words[words.index("orphan") + 1])


def test_files_without_content_count_as_memory(kernel):
    before = kernel.used().memory
    printed(kernel, FILES)
    assert kernel.used().memory - before > 30_000 * 500


def test_what_may_wait_in_connections_counts_as_memory(kernel):
    source = """
import socket
server = socket.create_server(("127.0.0.1", 0))
both = socket.create_connection(server.getsockname()), server.accept()[0]
"""
    before = kernel.used().memory
    printed(kernel, source)
    assert kernel.used().memory - before > 3 * watching.TCP * 0.9


@pytest.mark.parametrize("file", ["sys/kernel/pid_max", "self/oom_score_adj"])
def test_nobody_writes_what_the_machine_is_told_of_processes(kernel, file):
    """With no number left (pid_max), nobody could stop an ordinary user's to see what waits."""
    source = f"""
import errno
try: open("/proc/{file}", "w").write("400")
except OSError as error: print(errno.errorcode[error.errno])
"""
    assert printed(kernel, source) == "EROFS\n"


@pytest.mark.parametrize("call", ["os.sendfile(kept, file, 0, 1)", "os.splice(file, kept, 1)"])
def test_nobody_keeps_a_page_of_a_file_by_a_byte_of_it(kernel, call):
    """A connection that counts as 40 MB held 800 MB, of a file that had no content any more."""
    source = f"""
import errno, os
file, (_, kept) = os.open(os.__file__, os.O_RDONLY), os.pipe()
try: print({call})
except OSError as error: print(errno.errorcode[error.errno])
"""
    assert printed(kernel, source) == "EINVAL\n"


def test_files_are_copied_and_sent(kernel):
    source = """
import os, shutil, socket, subprocess
with open("content", "wb") as file: file.write(bytes(range(256)) * 300)
shutil.copyfile("content", "copy")
subprocess.run("cp copy /dev/shm/copy; cat /dev/shm/copy | cat > copy", shell=True, check=True)
one, other = socket.socketpair()
print(open("copy", "rb").read() == open("content", "rb").read(), one.sendfile(open("copy", "rb")))
"""
    assert printed(kernel, source) == "True 76800\n"


def test_the_memory_of_a_process_counts_whose_first_thread_has_ended(kernel):
    """Of such a process /proc tells no memory, and the other threads have all of it."""
    source = f"""
import ctypes, os, threading
def hold():
    kept = b"x" * (200 << 20)
    os.write(write, b"x")
    threading.Event().wait()
read, write = os.pipe()
if (child := os.fork()) == 0:
    threading.Thread(target=hold).start()
    ctypes.CDLL(None).syscall({(60, 93)[PLACE]}, 0)
os.read(read, 1)
"""
    before = kernel.used().memory
    printed(kernel, source)
    assert kernel.used().memory - before > 200 << 20
    printed(kernel, "os.kill(child, 9); os.waitpid(child, 0)")


def test_memory_counts_that_processes_hand_on_faster_than_they_are_looked_at(sandbox):
    kernel = GradedKernel(Limits(cell_wall_s=600, cell_cpu_s=600, start_s=600, memory_mb=400))
    source = f"""
import subprocess, sys
subprocess.run([sys.executable, "-S", "-E", "-c", {HOPS!r}])
import time; time.sleep(1000)
"""
    try:
        assert kernel.run(source).ended == "memory"
    finally:
        kernel.stop()


def test_pipes_count_as_memory(kernel):
    printed(kernel, "import os\npipes = [os.pipe() for _ in range(200)]")
    before = kernel.used().memory
    printed(kernel, "for pipe in pipes:\n    for end in pipe: os.close(end)")
    assert before - kernel.used().memory > 400 * 7 << 10


def test_files_that_are_waited_for_count_as_memory(kernel):
    """They are the kernel's, and without room for more of a user's, all graders of theirs end."""
    source = """
import os, select
read, write = os.pipe()
waiting = [select.epoll() for _ in range(100)]
copies = [os.dup(read) for _ in range(100)]
for one in waiting:
    for copy in copies: one.register(copy)
"""
    before = kernel.used().memory
    printed(kernel, source)
    assert kernel.used().memory - before > 10_000 * watching.WAITED_FOR * 0.9
    printed(kernel, "for one in waiting: one.close()\nfor copy in copies: os.close(copy)")


def test_what_open_files_have_told_counts_as_memory(kernel):
    """Each file on a set of 48,000 that is waited for held 4 MB, counted as 8 kB."""
    printed(kernel, "files = [open('/proc/self/status') for _ in range(50)]")
    before = kernel.used().memory
    printed(kernel, "for file in files: file.close()")
    assert before - kernel.used().memory > 50 * watching.FILE_READ * 0.9


def test_a_file_that_was_closed_is_not_waited_for(kernel):
    """A closed set of files stays, unseen: 80 threads held all that a user may wait for."""
    source = """
import ctypes, select, threading
libc, number, told = ctypes.CDLL(None), select.epoll(), (ctypes.c_char * 16)()
waiting = threading.Thread(
    target=libc.epoll_wait, args=(number.fileno(), told, 1, -1), daemon=True
)
waiting.start()
waiting.join(60)
print(waiting.is_alive())
"""
    assert printed(kernel, source) == "False\n"


def test_files_that_stay_sent_and_not_received_are_too_much(sandbox):
    """In sockets in sockets were all files waited for that a user may have: a grader broke off."""
    source = """
import socket, time
one, other = socket.socketpair()
socket.send_fds(one, [b"x"], [0])
time.sleep(600)
"""
    kernel = GradedKernel(Limits(cell_wall_s=600, start_s=600))
    try:
        assert kernel.run(source).ended == "memory"
    finally:
        kernel.stop()


def test_files_that_processes_hand_on_count_as_memory(sandbox):
    """Each lived for a while beside the next one, which came when the others were seen."""
    source = """
import os, select, time
read, write = os.pipe()
copies, waiting = [os.dup(read) for _ in range(150)], []
while os.fork() == 0:
    waiting.append(select.epoll())
    for copy in copies: waiting[-1].register(copy)
for one in waiting: one.close()
time.sleep(0.08)
if waiting: os._exit(0)
time.sleep(600)
"""
    kernel = GradedKernel(Limits(cell_wall_s=600, start_s=600, memory_mb=300))
    try:
        assert kernel.run(source).ended == "memory"
    finally:
        kernel.stop()


def test_processes_are_still_while_they_are_looked_at(sandbox, monkeypatch):
    source = """
import multiprocessing
context = multiprocessing.get_context("fork")
def count():
    for _ in range(100): context.Process(target=time.sleep, args=(0.001,)).start()
import time
for _ in range(3): context.Process(target=count).start()
"""
    kernel = GradedKernel(Limits(cell_wall_s=600, start_s=600))
    monkeypatch.setattr(watching, "MOST_STILL_S", 60.0)
    room, looked, looks = kernel.km.provisioner, provisioner.SandboxProvisioner._look, []

    def look(sandbox):
        before, stopped = watching.below([room.inner]), watching._states(room.inner) == {"T"}
        used = looked(sandbox)
        if stopped:
            looks.append(before == watching.below([room.inner]))
        return used

    monkeypatch.setattr(provisioner.SandboxProvisioner, "_look", look)
    try:
        printed(kernel, source)
        while len(looks) < 5:
            assert kernel.run("time.sleep(0.1)").ended == "ok"
        printed(kernel, "for child in multiprocessing.active_children(): child.join()")
    finally:
        kernel.stop()
    assert all(looks)


@pytest.mark.parametrize("kind", ["timers", "neighbors"])
def test_nobody_goes_on_while_processes_are_looked_at(sandbox, monkeypatch, kind):
    source = f"""
import ctypes, os, signal, struct, threading, time
libc, timer = ctypes.CDLL(None), ctypes.c_void_p()
signal.signal(signal.SIGCONT, lambda *given: None)
event = struct.pack("lii48x", 0, signal.SIGCONT, 0)
often = struct.pack("llll", 0, 1_000_000, 0, 1_000_000)
for _ in range(4):
    if os.fork() == 0:
        libc.timer_create(1, event, ctypes.byref(timer))
        while {kind == "timers"}: libc.timer_settime(timer, 0, often, None)
        while True: os.kill(-1, signal.SIGCONT)
time.sleep(600)
"""
    monkeypatch.setattr(provisioner, "MOST_HINDERED", 1)  # they are not always in time
    kernel = GradedKernel(Limits(cell_wall_s=600, cell_cpu_s=600, start_s=600))
    try:
        assert kernel.run(source).ended == "memory"
    finally:
        kernel.stop()


def test_who_has_all_stop_is_not_hindered_unseen():
    """In an ordinary user's sandbox, all processes are that user's."""
    program = f"""
import os, signal, sys
sys.path.insert(0, {str(ROOT)!r})
from deeplearn_utils.grading.sandbox import warm
kill, parent = os.kill, os.getpid()
def meddled(pid, number):
    own = os.getpid()
    kill(*(own, int(sys.argv[1])) if own != parent else (pid, number))
warm.join, os.kill, os.path.samefile = lambda *asked: None, meddled, lambda *asked: False
warm.send({{"pid": 1, "signal": 0}}, 1)
"""
    for number, sent in ((signal.SIGSTOP, b"false"), (signal.SIGKILL, b"false"), (0, b"true")):
        words = [sys.executable, "-c", program, str(int(number))]
        done = subprocess.run(words, stdout=subprocess.PIPE, check=True)
        assert done.stdout == b'{"sent": ' + sent + b"}"


def test_who_goes_on_and_stops_again_goes_on():
    """Before the look is over: all else would have moved to where it isn't seen."""
    with subprocess.Popen(["sleep", "600"]) as process:
        process.send_signal(signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        turns = watching.still([process.pid])
        assert not watching.moving([process.pid], turns)
        process.send_signal(signal.SIGCONT)
        while not watching._states(process.pid) & {"S"}:
            os.sched_yield()
        process.send_signal(signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        assert watching.moving([process.pid], turns)
        process.kill()


def test_nobody_outside_a_sandbox_is_stopped():
    assert provisioner.stopping().signal(os.getpid(), 0) is None


def test_who_stops_sandboxes_is_started_once_and_again_if_that_ended(monkeypatch):
    """Each child that grades started one, which took a tenth of what a submission costs."""
    provisioner.prepare(())
    first = provisioner.stopping()
    with monkeypatch.context() as patched:
        patched.setattr(first.process, "poll", lambda: 0)  # as it is to a child
        assert provisioner.stopping() is first
    provisioner.prepare(())
    assert provisioner.stopping() is first
    first.process.kill()
    first.process.wait()
    provisioner.prepare(())
    assert provisioner.stopping() is not first
    assert provisioner.stopping().signal(os.getpid(), 0) is None
    assert provisioner.stopping().works


def test_a_sandbox_that_is_not_there_stops_nobody(monkeypatch):
    """It stopped the grader itself, with all of its group."""
    sent = []
    monkeypatch.setattr(os, "kill", lambda *asked: sent.append(asked))
    assert provisioner.SandboxProvisioner()._signal(signal.SIGSTOP) is None
    assert not sent


def test_a_file_that_is_being_sent_is_not_too_much(monkeypatch):
    room = provisioner.SandboxProvisioner(limits={"memory_mb": 1024})
    room.process, sent = SimpleNamespace(pid=1), [True] * provisioner.MOST_SENT
    told = iter([*sent, False, *sent, True])
    monkeypatch.setattr(provisioner, "OFTEN", math.inf)
    monkeypatch.setattr(provisioner, "below", lambda roots: room.own)
    monkeypatch.setattr(
        provisioner, "usage", lambda *asked: watching.Usage(7 << 20, sent=next(told))
    )
    *before, last = (room.used().memory for _ in range(2 * len(sent) + 2))
    assert (set(before), last) == ({7 << 20}, watching.HIDDEN)


def test_a_look_that_shows_nothing_does_not_tell_that_no_file_is_being_sent(monkeypatch):
    room = provisioner.SandboxProvisioner(limits={"memory_mb": 1024})
    room.process, room.sent, room.hindered = SimpleNamespace(pid=1), 7, 3
    monkeypatch.setattr(room, "_look_at_rest", lambda: (watching.Usage(whole=False), None))
    monkeypatch.setattr(provisioner, "below", lambda roots: {1})
    room.used()
    assert (room.sent, room.hindered) == (7, 3)


def test_where_nobody_can_be_stopped_who_is_alone_is_not_told_what_others_take(monkeypatch):
    room = provisioner.SandboxProvisioner(limits={"memory_mb": 1024})
    room.process, room.free, room.own = SimpleNamespace(pid=1), 5 << 30, frozenset({1})
    looked = watching.Usage(7 << 20, pids=room.own)
    monkeypatch.setattr(room, "_look", lambda: looked)
    monkeypatch.setattr(room, "_look_at_rest", lambda: (looked, None))
    monkeypatch.setattr(provisioner, "free", lambda: 0)
    monkeypatch.setattr(provisioner, "below", lambda roots: room.own)
    assert {room.used().memory for _ in range(provisioner.OFTEN)} == {7 << 20}
    monkeypatch.setattr(provisioner, "below", lambda roots: {1, 2})
    assert room.used().memory == 5 << 30


@pytest.mark.parametrize("close", ["", "for one, other in kept: os.close(one)"])
def test_terminals_count_as_memory(kernel, close):
    """All of a machine share 3,072, and without one a neighbor's `!ls` failed."""
    before = kernel.used().memory
    printed(kernel, f"import os\nkept = [os.openpty() for _ in range(20)]\n{close}")
    assert kernel.used().memory - before > 20 * watching.TERMINAL * 0.9
    printed(kernel, "for both in kept: os.closerange(min(both), max(both) + 1)")


def test_what_a_kernel_uses_is_looked_at_between_cells_too(sandbox):
    source = """
import os, signal, time
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
if os.fork() == 0:
    signal.sigwait([signal.SIGUSR1])
    kept = b"x" * (300 << 20)
    time.sleep(1000)
"""
    kernel = GradedKernel(Limits(cell_wall_s=600, start_s=600, memory_mb=300))
    try:
        printed(kernel, source)
        roots = kernel.km.provisioner.roots
        inside = set(map(psutil.Process, watching.below(roots)))
        max(inside, key=psutil.Process.create_time).send_signal(signal.SIGUSR1)
        kernel.watch.join()
        assert kernel.run("1").ended == "memory"
        kernel.start()
        assert kernel.run("1").ended == "ok"
    finally:
        kernel.stop()


def test_a_kernel_that_waits_for_a_processor_is_not_late(sandbox, monkeypatch):
    """A neighbor with a hundred processes took 120 seconds in which three were got."""
    kernel = GradedKernel(Limits(cell_wall_s=3, start_s=600))
    try:
        monkeypatch.setattr(kernel, "waits", lambda: {"1": 0.9 * time.monotonic()})
        assert kernel.run("import time; time.sleep(6)").ended == "ok"
        monkeypatch.setattr(kernel, "waits", dict)
        assert kernel.run("time.sleep(6)").ended == "time"
    finally:
        kernel.stop()


def test_a_kernel_that_is_stopped_by_a_look_is_not_late(sandbox, monkeypatch):
    """Beside neighbors with many sessions, it was stopped six seconds in seven."""
    kernel = GradedKernel(Limits(cell_wall_s=3, start_s=600))
    room = kernel.km.provisioner
    look = room._look

    def late():
        time.sleep(0.9)
        return look()

    try:
        printed(kernel, "import subprocess, time; child = subprocess.Popen(['sleep', '600'])")
        monkeypatch.setattr(kernel, "waits", dict)
        monkeypatch.setattr(room, "_look", late)
        assert kernel.run("time.sleep(6)").ended == "ok"
    finally:
        kernel.stop()


def test_a_clock_does_not_stand_still_for_ever(sandbox, monkeypatch):
    """Processes of one submission waited for each other until the pool gave it up, three times."""
    kernel = GradedKernel(Limits(cell_cpu_s=600, start_s=600))
    try:
        monkeypatch.setattr(kernel, "waits", lambda: {"1": 2 * time.monotonic()})
        monkeypatch.setattr(graded, "SPARE_S", 2)
        until = kernel.clock() + 1
        assert kernel.run("import time; time.sleep(30)", until).ended == "time"
        assert kernel.is_over(until)
    finally:
        kernel.stop()


def test_who_shares_a_processor_waits(kernel):
    source = """
import os, time
place = min(os.sched_getaffinity(0))
for _ in range(2):
    if os.fork() == 0:
        os.sched_setaffinity(0, {place})
        while time.process_time() < 3: pass
        os._exit(0)
time.sleep(1)
"""
    printed(kernel, source)
    assert max(kernel.waits().values()) > 0.1


def test_the_time_of_children_whose_end_is_ignored_counts(kernel):
    before = kernel.used().cpu_s
    printed(kernel, CHILDREN.replace("BURN", "2"))
    assert kernel.used().cpu_s - before > 4 * 2 * 0.5


def test_the_time_of_children_counts_that_end_before_anybody_sees_them(kernel):
    """Thousands took all of the processors for 20 minutes, and a cell may take 20 seconds."""
    source = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for _ in range(400):
    read, write = os.pipe()
    if os.fork() == 0:
        while time.process_time() < 0.008: pass
        os._exit(0)
    os.close(write)
    os.read(read, 1)
    os.close(read)
"""
    before = kernel.used().cpu_s
    printed(kernel, f"import subprocess, sys\nsubprocess.run([sys.executable, '-SEc', {source!r}])")
    assert kernel.used().cpu_s - before > 400 * 0.008 * 0.2


def test_programs_that_wait_for_others_work(kernel):
    assert (
        printed(kernel, "%%bash\nsleep 0.01 & wait\n(exit 3); echo $?; ls / | grep -c tmp")
        == "3\n1\n"
    )
    asked = "import subprocess\nprint(subprocess.run(['sh', '-c', 'exit 5']).returncode)"
    assert printed(kernel, asked) == "5\n"


def test_a_program_is_told_when_one_that_it_waits_for_ends(kernel):
    """`timeout` said 124 after all of its time, and a plain shell never went on."""
    source = """
import subprocess
print(subprocess.run(["timeout", "1000", "sh", "-c", "exit 3"]).returncode)
print(subprocess.run(["sh", "-c", "(exit 4) & wait $!"]).returncode)
"""
    assert printed(kernel, source) == "3\n4\n"


def test_no_thread_of_a_kernels_own_takes_an_alarm(sandbox):
    """One that came during a look woke nobody: of those who had a child, one of seven slept on."""
    source = """
import os, signal
own = {}
for thread in os.listdir("/proc/self/task"):
    with open(f"/proc/self/task/{thread}/status") as file:
        told = dict(line.split(":") for line in file)
    own[int(thread)] = int(told["SigBlk"], 16) >> (signal.SIGALRM - 1) & 1
print(own.pop(os.getpid()), len(own) > 3, set(own.values()))
"""
    kernel = GradedKernel(Limits(cell_wall_s=600, start_s=600))
    try:
        assert printed(kernel, source) == "0 True {1}\n"
    finally:
        kernel.stop()


def test_a_shell_is_the_one_that_students_have(kernel):
    """Another one waited for ever, for programs in its background."""
    asked = "!echo {1..3}; sleep 0.01 & wait; echo over"
    assert printed(kernel, asked).split() == ["1", "2", "3", "over"]


def test_processes_of_a_fork_server_come_to_their_end(kernel):
    """The pool waited for ever to hear of it."""
    source = """
import multiprocessing
with multiprocessing.get_context("forkserver").Pool(2) as pool: print(pool.map(abs, [-1, 2]))
"""
    assert printed(kernel, source) == "[1, 2]\n"


def test_no_program_of_the_machines_is_started_for_a_crash(kernel):
    source = """
import resource
try: resource.setrlimit(resource.RLIMIT_CORE, (0, 1))
except (OSError, ValueError): pass
print(resource.getrlimit(resource.RLIMIT_CORE))
"""
    assert printed(kernel, source) == "(1, 1)\n"


def test_who_stops_all_leaves_no_core_file():
    """An ordinary user's sandbox had it end by SIGABRT: its core lay where the grader runs."""
    stopping = provisioner.stopping().process.pid
    assert psutil.Process(stopping).rlimit(psutil.RLIMIT_CORE) == (1, 1)


def test_an_error_that_has_much_to_say_is_an_error(kernel):
    """It ended the kernel, so that what the cell had defined before it was lost."""
    source = "before = 1\nraise ValueError(6_000_000 * 'x')"
    assert kernel.run(source, silent=True).ended == "error"
    assert printed(kernel, "print(before)") == "1\n"


LOST = """
import os, socket, time
for number in map(int, os.listdir("/proc/self/fd")):
    try: one = socket.socket(fileno=os.dup(number))
    except OSError: continue
    if str(one.getsockname()).startswith("/run/kernel") and not one.getsockopt(1, 30):
        one.shutdown(2)
for name in os.listdir("/run/kernel"):
    os.remove(f"/run/kernel/{name}")
    os.symlink(LINK, f"/run/kernel/{name}")
time.sleep(1000)
"""


def test_a_connection_that_is_lost_is_not_made_again(sandbox):
    """It led to any socket of the machine, and a grader that wrote to none waited for ever."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as machine:
        machine.bind(f"{folder}/s")
        machine.listen()
        machine.settimeout(0)
        kernel = GradedKernel(Limits(cell_wall_s=2, start_s=600))
        try:
            assert kernel.run(f"LINK = '{folder}/s'\n{LOST}").ended in ("time", "died")
            with pytest.raises(BlockingIOError):
                machine.accept()
        finally:
            kernel.stop()


def test_messages_that_nobody_reads_have_an_end(sandbox, monkeypatch):
    """Each cell could send a gigabyte more to where the grader only sends."""
    source = """
import threading, time
kernel, sent = get_ipython().kernel, threading.Event()
message = [kernel.get_parent()["header"]["session"].encode()] + [bytes(1 << 21)] * 30
def send():
    kernel.control_stream.socket.send_multipart(message)
    sent.set()
kernel.control_thread.io_loop.add_callback(send)
print(sent.wait(60))
time.sleep(1)
"""
    monkeypatch.setattr(graded, "OWN_GROWTH", 100 << 20)
    kernel = GradedKernel(Limits(cell_wall_s=600, start_s=600))
    try:  # not the second one, where this process has memory to use again, or reads late
        assert "output" in (kernel.run(source).ended for _ in range(20))
    finally:
        kernel.stop()


def test_what_is_shown_and_dropped_has_an_end(sandbox, monkeypatch):
    source = """
kernel, picture = get_ipython().kernel, bytes(2 << 20)
for _ in range({}):
    kernel.session.send(kernel.iopub_socket, "display_data", {{}}, buffers=[picture])
"""
    monkeypatch.setattr(graded, "MOST_DROPPED", 10 << 20)
    kernel = GradedKernel(Limits(cell_wall_s=600, start_s=600))
    try:
        assert kernel.run(source.format(3), silent=True).ended == "ok"
        assert kernel.run(source.format(20), silent=True).ended == "output"
    finally:
        kernel.stop()


class Machine:
    """Processes as /proc tells of them, each with the same memory."""

    def __init__(self, monkeypatch, number, **kilobytes):
        told = {"VmRSS": 0, "VmSwap": 0, "VmPTE": 0, **kilobytes}
        self.status = "\n".join(f"{name}:\t {size} kB" for name, size in told.items())
        self.stat = "1 (x) " + " ".join(map(str, range(30)))
        monkeypatch.setattr(watching, "below", lambda roots: frozenset(range(number)))
        monkeypatch.setattr(watching, "_read", self.read)

    def read(self, pid, name):
        return {"status": self.status, "stat": self.stat}.get(name, "")


def test_what_was_swapped_out_and_tables_of_pages_count(monkeypatch):
    Machine(monkeypatch, 3, VmRSS=10, VmSwap=200, VmPTE=5)
    assert watching.usage([1], 1 << 30).memory == 3 * 215 << 10


def test_looking_at_shared_pages_has_an_end(monkeypatch):
    Machine(monkeypatch, 90, VmRSS=1000)
    looked = []
    monkeypatch.setattr(watching, "_shared_out", lambda pid: looked.append(pid) or 1)
    monkeypatch.setattr(time, "thread_time", lambda: 0.06 * len(looked))  # many mappings
    assert watching.usage([1], 1).memory > 80 * 1000 << 10
    assert len(looked) == 4


def test_what_files_and_sockets_hold_is_taken_off_before_shared_pages_are_divided(monkeypatch):
    """Forty honest children were just below the limit undivided, and with a socket above it."""
    Machine(monkeypatch, 40, VmRSS=1000)
    monkeypatch.setattr(watching, "_shared_out", lambda thread: 100 << 10)
    held = (40_000 << 10) + watching._areas([""] * 40)
    assert watching.usage([1], held + 2000, lambda: 2000).memory == held + 2000
    assert watching.usage([1], held + 1999, lambda: 2000).memory == (4000 << 10) + 2000


def test_nobody_holds_a_look_up(monkeypatch):
    """Sixty threads that changed what may be done with their memory held one up for 17 seconds."""
    Machine(monkeypatch, 3, VmRSS=1000)
    held = threading.Event()
    monkeypatch.setattr(watching, "_shared_out", lambda pid: held.wait(60) and 1)
    monkeypatch.setattr(watching, "MOST_WAIT_S", 0.1)
    looks = [watching.usage([1], 1) for _ in range(2)]
    held.set()
    watching.ASKED.thread.join()
    assert [(look.whole, look.threads) for look in looks] == [(False, 51)] * 2
    used = watching.usage([1], 1)
    assert used.own_s == dict.fromkeys(range(3), 23 / watching.TICKS)
    assert (used.memory, used.cpu_s, used.threads, used.whole) == (3, 1.5, 51, True)
    assert used.pids == used.own_s.keys() == used.shares.keys()


def test_a_look_is_not_held_up_by_our_own_waiting_for_a_processor(monkeypatch):
    """On a busy machine a look took two seconds, and a neighbor's memory cost the task."""
    told, enough = itertools.count(10.0, 10.0), threading.Event()

    def waits(pid):
        waited = next(told) if pid == os.getpid() else 0.0
        if waited > 30:
            enough.set()
        return {str(thread.native_id): waited for thread in threading.enumerate()}

    monkeypatch.setattr(watching, "_waits", waits)
    monkeypatch.setattr(watching, "MOST_WAIT_S", 0.0)
    assert watching._in_time(lambda: enough.wait(60) and 5) == 5


def test_of_a_look_that_is_not_whole_the_machine_tells_more(monkeypatch):
    sandbox = provisioner.SandboxProvisioner(limits={"memory_mb": 1024})
    sandbox.process, sandbox.free = SimpleNamespace(pid=1), 5 << 30
    for name, value in (("sockets", (16, 0)), ("held", 0), ("free", 3 << 30)):
        monkeypatch.setattr(provisioner, name, lambda *asked, value=value: value)
    monkeypatch.setattr(provisioner, "below", lambda roots: sandbox.own)
    monkeypatch.setattr(sandbox, "_signal", lambda number: True)
    for whole, most in ((True, 7 << 20), (False, 7 << 20), (False, 2 << 30)):
        used = watching.Usage(7 << 20, 0.0, 1, whole=whole)
        monkeypatch.setattr(provisioner, "usage", lambda *asked, used=used: used)
        assert sandbox.used().memory == most
    told = [sandbox.used().memory for _ in range(provisioner.MOST_HINDERED - 1)]
    assert told == [2 << 30] * (provisioner.MOST_HINDERED - 2) + [watching.HIDDEN]


def test_pages_that_may_not_be_looked_at_count_in_full(monkeypatch):
    def read(thread, name):
        raise PermissionError

    monkeypatch.setattr(watching, "_read", read)
    assert min(100, watching._shared_out("1")) == 100


def test_all_files_that_can_be_written_are_counted(sandbox):
    """A folder that covers another is an ordinary user's own: it held millions of files."""
    kernel = GradedKernel(Limits(cell_wall_s=600, start_s=600), secret=[Path("/usr/share")])
    source = """
for line in open("/proc/self/mountinfo"):
    place, options = line.split()[4:6]
    if " - tmpfs " in line and options.startswith("rw"): print(place)
"""
    assert sorted(printed(kernel, source).split()) == sorted(provisioner.IN_MEMORY)
    assert printed(kernel, "import os; print(os.access('/usr/share', os.R_OK))") == "False\n"
    kernel.stop()


def test_files_that_may_not_be_looked_at_have_no_limit(monkeypatch):
    def statvfs(path):
        raise PermissionError

    monkeypatch.setattr(watching.os, "statvfs", statvfs)
    assert watching.held(1, ["/tmp"]) == watching.HIDDEN
