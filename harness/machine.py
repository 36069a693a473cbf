"""What is installed here and what it runs on, as found. Nothing that names a person, a host or an absolute path."""

import os
import platform
import re
import resource
import sys
from functools import lru_cache

# Only these variables may enter a record: they change numbers or speed, and hold no secrets.
VARIABLES = (
    "CUDA_VISIBLE_DEVICES",
    "KERAS_BACKEND",
    "MKL_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "PYTHONHASHSEED",
    "TF_CPP_MIN_LOG_LEVEL",
    "TF_DETERMINISTIC_OPS",
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_NUM_INTEROP_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_USE_LEGACY_KERAS",
    "TF_XLA_FLAGS",
    "XLA_FLAGS",
)


# An editable installation elsewhere leaves our own metadata in the working tree, which is on the path; it is not observed.
OWN = "lstm-harness"


@lru_cache(maxsize=None)
def distributions():
    """Return {name in lower case with hyphens: version} of every distribution that Python finds here.

    Nothing is installed in mid-run, so it looks once.
    """
    try:
        from importlib import metadata  # noqa: PLC0415 - Python 3.8 and later

        found = [(entry.metadata["Name"], entry.version) for entry in metadata.distributions()]
    except ImportError:
        import pkg_resources  # noqa: PLC0415 - what Python 3.6 and 3.7 have instead

        found = [(entry.project_name, entry.version) for entry in pkg_resources.working_set]
    named = {}
    found = [(name, version) for name, version in found if name != OWN]
    for name, version in found:  # In the order of sys.path: of two with one name, Python imports the first.
        if name:  # None for what a broken installation left behind.
            named.setdefault(re.sub("[-_.]+", "-", name).lower(), version)
    return dict(sorted(named.items()))


def python_version():
    """Return the running Python's version, as in 3.11.7."""
    return platform.python_version()


def machine():
    """Return {cpu, cores, system, variables}: cores are those this process may use."""
    variables = {name: _without_paths(os.environ[name]) for name in VARIABLES if name in os.environ}
    system = "{} {}".format(platform.system(), platform.machine())
    return {"cpu": _cpu(), "cores": cores(), "system": system, "variables": variables}


def peak_memory():
    """Return the most bytes that this process held in memory at any time so far (getrusage(2): kibibytes, bytes on macOS)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _without_paths(value):
    return " ".join(word for word in value.split(" ") if "/" not in word)


def cores():
    """Return how many cores this process may use; all of them where the system does not tell, as macOS does not."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cpu():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor()
