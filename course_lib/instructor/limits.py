"""What one submission may use."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Limits of a sandbox; the tests use smaller ones."""

    memory_mb: int = 1024  # all its processes together
    address_mb: int = 4096  # address space of one process
    cpu_seconds: int = 120  # of one process
    processes: int = 32  # and threads
    files: int = 64  # open at once
    file_mb: int = 16  # of one file
    scratch_mb: int = 32  # its only writable folder, in memory
    setup_seconds: float = 20.0  # to run the cells that the answers need
    call_seconds: float = 2.0  # for one call of an answer
    total_seconds: float = 180.0  # for the whole submission, by the clock

    def rlimits(self) -> dict[str, int]:
        """For setrlimit, by name."""
        return {"AS": self.address_mb << 20, "CPU": self.cpu_seconds, "NPROC": self.processes, "NOFILE": self.files,
                "FSIZE": self.file_mb << 20, "CORE": 0}


DEFAULT = Limits()
