"""The environment in which the course's notebooks run, when they are stored and when they are checked."""

from pathlib import Path

LIBRARIES = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
QUIET = "c.IPKernelApp.log_level = 40\n"


def environment(folder: str | Path) -> dict[str, str]:
    """Return the variables for one notebook's kernel; what it keeps goes into `folder`, empty at first.

    Widgets draw their static figure, each maths library uses one thread. Neither a learner's answers nor anyone's
    IPython profile is read or touched.
    """
    profile = Path(folder, "ipython", "profile_default")
    profile.mkdir(parents=True)
    (profile / "ipython_kernel_config.py").write_text(QUIET)
    return {
        "COURSE_STATIC": "1",
        "COURSE_ANSWERS": str(Path(folder, "answers.json")),
        "IPYTHONDIR": str(profile.parent),
        "PYTHONHASHSEED": "0",
        **{f"{library}_NUM_THREADS": "1" for library in LIBRARIES},
    }
