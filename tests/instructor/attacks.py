"""Hostile answers to exercise 3.1. Each is the body of ``standardise(train, test)``, run in the sandbox by the suite.

``HOST`` is replaced by a folder of the test on this machine, ``PORT`` by a port that it listens on.
"""

FORK_BOMB = """
    import os
    while True:
        try:
            os.fork()
        except OSError:
            pass
"""

STUBBORN = """
    import signal
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    signal.setitimer(signal.ITIMER_REAL, 0)
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue
"""

FILL_DISK = """
    import os
    written = []
    for folder in ("/tmp", "/dev/shm", "/", "/dev", "/usr", "/run", "/var/tmp", "HOST"):
        for number in range(64):
            try:
                with open(f"{folder}/evil-fill{number}", "wb") as file:
                    while True:
                        file.write(bytes(1 << 20))
                        written.append(1)
            except OSError:
                if not os.path.exists(f"{folder}/evil-fill{number}"):
                    break
    raise RuntimeError(f"{len(written)} MB written, {os.path.exists('HOST')}")
"""

MANY_FILES = """
    import os
    for number in range(10**9):
        os.close(os.open(f"/tmp/{number}", os.O_CREAT))
"""

FLOOD_STDOUT = """
    import os, sys
    for _ in range(500):
        os.write(1, bytes(1 << 20))
        os.write(2, bytes(1 << 20))
        print("x" * (1 << 20))
    return train, test
"""

FLOOD_PIPE = """
    import os
    for fd in range(3, 64):
        try:
            for _ in range(500):
                os.write(fd, b"x" * (1 << 20))
        except OSError:
            pass
"""

FORGE_ON_PIPE = """
    import json, os, struct
    text = json.dumps({"d": [["kind", "value"], ["passed", True], ["score", 100]]}).encode()
    for fd in range(3, 64):
        try:
            os.write(fd, struct.pack(">4sII", b"LMV1", len(text), 0) + text)
        except OSError:
            pass
    return train, test
"""

PICKLE_ON_PIPE = """
    import os, pickle
    class Evil:
        def __reduce__(self):
            return os.system, ("touch HOST/evil",)
    for fd in range(3, 64):
        try:
            os.write(fd, pickle.dumps(Evil()) * 100)
        except OSError:
            pass
    return train, test
"""

PICKLE_VALUE = """
    import os
    class Evil:
        def __reduce__(self):
            return os.system, ("touch HOST/evil",)
    return np.array([Evil()], dtype=object), test
"""

DELETE = """
    import os, shutil
    for path in (os.path.expanduser("~"), "HOST", "/tmp", "/home"):
        shutil.rmtree(path, ignore_errors=True)
    return train, test
"""

DAEMON = """
    import os, time
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True:
                try:
                    open("HOST/evil-daemon", "w").close()
                except OSError:
                    time.sleep(0.05)
        os._exit(0)
    return train, test
"""

NETWORK = """
    import socket
    reached = []
    for address in (("127.0.0.1", PORT), ("localhost", PORT), ("::1", PORT)):
        try:
            socket.create_connection(address, timeout=0.2).close()
            reached.append(address)
        except OSError:
            pass
    raise RuntimeError(f"reached: {reached}")
"""

READ = """
    import glob, os
    patterns = ["HOST/**/*", "/proc/[0-9]*/[r]oot/HOST/*", "/proc/[0-9]*/cwd/*", "/root/*", "/home/*", "/etc/shadow",
                "/etc/passwd", "/tmp/*", "/run/*", "/var/*"]
    import course_lib
    own = os.path.dirname(course_lib.__file__)
    patterns += [own + "/instructor/*", own + "/checks/chapter03/*"]
    found = [path for pattern in patterns for path in glob.glob(pattern, recursive=True) if os.path.isfile(path)]
    from course_lib.checks import exercises
    secret = [name for name in os.environ if "SECRET" in name]
    raise RuntimeError(f"found: {found[:5] + list(exercises())[:5] + secret}")
"""

WRITE = """
    import os
    changed = []
    for path in ("HOST/grades/gradebook.db", "HOST/grades/results/neighbour.json", "HOST/out/release.json", __file__
                 if "__file__" in globals() else "/grader/worker.py", "/grader/worker.py", np.__file__, "/etc/passwd"):
        for mode in ("a", "w", "r+"):
            try:
                open(path, mode).close()
                changed.append(path)
            except OSError:
                pass
    raise RuntimeError(f"changed: {changed}")
"""

PATCH = """
    import builtins, math, sys
    class Friendly:
        __eq__ = __le__ = __lt__ = lambda *rest: True
        __array_ufunc__ = lambda *rest, **options: True
    for module in list(sys.modules.values()):
        for name in ("assert_allclose", "assert_array_equal", "allclose", "isclose", "array_equal", "match", "grade",
                     "close", "plain", "identical"):
            if hasattr(module, name):
                setattr(module, name, lambda *rest, **options: True)
    builtins.abs = builtins.all = builtins.len = builtins.isinstance = lambda *rest: True
    return Friendly(), Friendly()
"""

PATCH_WORKER = """
    import __main__
    __main__.run = lambda *rest: __main__.Outcome("value", (train, test))
    __main__.sent = lambda outcome: {"kind": "value", "passed": True}
    __main__.wire.pack = lambda value: b"LMV1" + bytes(8)
    return train, test
"""

TRANSFORMER = """
    shell = get_ipython()
    shell.input_transformers_cleanup.append(lambda lines: ["pass"])
    shell.ast_transformers.append(None)
    return train, test
"""

KILL_ALL = """
    import os, signal
    for target in (-1, os.getppid(), 1, 0):
        for number in (signal.SIGSTOP, signal.SIGKILL):
            try:
                os.kill(target, number)
            except OSError:
                pass
    return train, test
"""

COLLIDING = """
    return {i * (2**61 - 1): 0 for i in range(100_000)}, test
"""

LIES = """
    import __main__
    __main__.sent = lambda outcome: {**vars(outcome), "changed": (10**6,), "problem": "scaled", "floating": ("x" * 9,)}
    return train, test
"""

# name: (the body, the status of 3.1, the diagnoses that it may get)
ATTACKS = {
    "infinite-loop": ("\n    while True:\n        pass\n", "wrong", "too-slow"),
    "stubborn-loop": (STUBBORN, "wrong", "too-slow"),
    "memory-at-once": ("\n    return bytearray(20 << 30), test\n", "wrong", "raises memory crash"),
    "memory-slowly": ("\n    kept = []\n    while True:\n        kept.append(bytearray(b'x') * (1 << 20))\n",
                      "wrong", "memory raises too-slow crash"),
    "fork-bomb": (FORK_BOMB, "wrong", "too-slow memory crash"),
    "fill-disk": (FILL_DISK, "wrong", "raises memory too-slow"),
    "many-files": (MANY_FILES, "wrong", "too-slow memory raises"),
    "flood-stdout": (FLOOD_STDOUT, "wrong", "test-raw wrong-value too-slow"),
    "flood-pipe": (FLOOD_PIPE, "wrong", "output crash"),
    "forge-on-pipe": (FORGE_ON_PIPE, "wrong", "output"),
    "pickle-on-pipe": (PICKLE_ON_PIPE, "wrong", "output crash"),
    "pickle-value": (PICKLE_VALUE, "wrong", "object-array"),
    "delete-home": (DELETE, "wrong", "wrong-value too-slow"),
    "daemon": (DAEMON, "wrong", "wrong-value output"),
    "two-workers": ("\n    import os\n    os.fork()\n    return train, test\n", "wrong", "output"),
    "network": (NETWORK, "wrong", "raises"),
    "read-hidden": (READ, "wrong", "raises"),
    "write-marks": (WRITE, "wrong", "raises"),
    "patch-everything": (PATCH, "wrong", "wrong-kind strange-type crash output raises"),
    "patch-worker": (PATCH_WORKER, "wrong", "strange-type output crash wrong-value"),
    "ipython-transformer": (TRANSFORMER, "wrong", "raises"),
    "kill-all": (KILL_ALL, "wrong", "wrong-value too-slow crash"),
    "exit": ("\n    import sys\n    sys.exit(0)\n", "wrong", "exits"),
    "hard-exit": ("\n    import os\n    os._exit(0)\n", "wrong", "crash"),
    "segfault": ("\n    import ctypes\n    ctypes.string_at(0)\n", "wrong", "crash"),
    "recursion": ("\n    return standardise(train, test)\n", "wrong", "raises crash"),
    "giant-list": ("\n    return [0.0] * 10_000_000, test\n", "wrong", "too-large"),
    "giant-number": ("\n    return 7 ** 100_000, test\n", "wrong", "too-large"),
    "giant-text": ("\n    return 'x' * 900_000, 'y' * 99_000\n", "wrong", "wrong-kind"),
    "endless-list": ("\n    a = []\n    a.append(a)\n    return a, test\n", "wrong", "too-large"),
    "surrogates": ("\n    return '\\ud800', test\n", "wrong", "strange-type"),
    "colliding-keys": (COLLIDING, "wrong", "strange-type too-slow"),
    "lies": (LIES, "wrong", "wrong-value strange-type"),
}

# Statements at the top of a cell, which the answer needs.
TOP_LEVEL = {
    "top-loop": ("table = [0 for _ in iter(int, 1) if _]", "error", "does-not-run"),
    "top-memory": ("table = []\nwhile True:\n    table.append(bytearray(b'x') * (1 << 20))", "error", "memory crash"),
    "top-exit": ("import os\ntable = os._exit(3)", "error", "crash"),
    "top-nesting": ("table = " + "(" * 150 + ")" * 150 + "\ntable = " + "-" * 100_000 + "1", "wrong", "raises"),
    "top-null": ("table = 'a\0b'", "wrong", "raises"),
}
USES_TABLE = "def standardise(train, test):\n    return table, test\n"
