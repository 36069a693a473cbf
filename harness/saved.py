"""A file that one stack writes and the next must read. `python -m harness.saved STEM` writes STEM.h5, and STEM.json beside it.

The format is HDF5, which every Keras has. The JSON holds the answers that the writer gave, and what was installed there.
"""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np

from harness import backend, declarations, machine
from harness.errors import StackError
from harness.small import CLOSE, SAMPLES, differ, samples, shaken

FOLDER = declarations.FOLDER / "files"
VARIABLE = "HARNESS_PREVIOUS"  # tox.ini sets it to the stack that this one's users come from.
WRITERS = ("keras", "tf-keras", "tensorflow", "theano", "jax", "torch")


def write(loaded, stem):
    """Write a small network and its answers (samples, classes)."""
    network, (x, _) = shaken(loaded), samples()
    network.save(str(stem) + ".h5")
    installed = machine.distributions()
    told = {name: installed[name] for name in WRITERS if name in installed}
    told["answers"] = np.asarray(network.predict(x, SAMPLES), "float64").round(9).tolist()
    Path(str(stem) + ".json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def previous():
    """Return (the path of the previous stack's file, its answers), None where no such stack is declared.

    StackError says how to write them where the stack is declared and they are not there.
    """
    name = os.environ.get(VARIABLE)
    if not name:
        return None
    answers = FOLDER / (name + ".json")
    if not answers.exists():
        call = "tox exec -e {0} -- python -m harness.saved expectations/files/{0}".format(name)
        raise StackError("expectations/files has nothing that {} wrote; write it with `{}`".format(name, call))
    told = json.loads(answers.read_text(encoding="utf-8"))
    return str(FOLDER / (name + ".h5")), np.array(told["answers"])


def saved_is_loaded(networks):
    """A model that is saved and loaded answers as before; in the format of HDF5, which every Keras has."""
    network, (x, _) = networks.new(), samples()
    before = network.predict(x, SAMPLES)
    folder = tempfile.mkdtemp()
    try:
        path = os.path.join(folder, "model.h5")
        network.save(path)
        network.load(path)
        off = differ(network.predict(x, SAMPLES), before)
    finally:
        shutil.rmtree(folder)
    return None if off <= CLOSE else "after saving and loading, answers differ by {:.3g}".format(off)


def previous_file_is_loaded(networks):
    """A model that the previous stack wrote answers as it did there, where the tox environment names such a stack."""
    found = previous()
    if found is None:
        return None
    path, answers = found
    network, (x, _) = networks.new(), samples()
    network.load(path)
    off = differ(network.predict(x, SAMPLES), answers)
    return None if off <= CLOSE else "a file of the previous stack gives answers that differ by {:.3g}".format(off)


CLAUSES = (saved_is_loaded, previous_file_is_loaded)


def main():
    """Write the file that the command line names."""
    if not sys.argv[1:]:
        sys.exit("harness.saved takes one word, the path to write to without its ending, as expectations/files/tf2")
    machine.distributions()  # Looked at before a framework puts folders of its own on the path.
    write(backend.load(), sys.argv[1])


if __name__ == "__main__":
    main()
