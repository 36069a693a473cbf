"""A file that one stack writes and the next must read. `python -m harness.saved STEM` writes STEM.h5, and STEM.json beside it.

The format is HDF5, which every Keras has. The JSON holds the answers that the writer gave, and what was installed there.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

from harness import backend, declarations, machine
from harness.errors import StackError, reason
from harness.small import CLOSE, PLAIN, SAMPLES, differ, samples, shaken

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
    design, (x, _) = PLAIN._replace(every_step=True), samples()
    network = networks.get(design)
    before = network.predict(x, SAMPLES)
    networks.drop(design)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.h5")
        network.save(path)
        network.load(path)
        off = differ(network.predict(x, SAMPLES), before)
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


def saved_trains_on(networks):
    """A model that was trained, saved and loaded trains on as it would have: in the framework's own format, and in HDF5.

    Its step count and moments are compared, at so small a rate that no race in the weights moves them.
    """
    network, (x, y) = shaken(networks.backend, optimizer=networks.backend.adam(SLOW)), samples()
    with tempfile.TemporaryDirectory() as folder:
        network.fit(x, y, SAMPLES, shuffle=False)
        paths = {name: os.path.join(folder, "model" + ending) for ending, name in FORMATS}
        for path in paths.values():
            network.save(path)
        network.fit(x, y, SAMPLES, shuffle=False)
        wanted = network.slots()
        asked = [name for name in paths if name == HDF5 or not _is_hdf5(paths[name])]
        told = [(name, _trained_on(network, paths[name], wanted)) for name in asked]
    return next(("from {}: {}".format(name, words) for name, words in told if words), None)


SLOW = 1e-7
LOST = 1e-3  # Moments that began anew are off by half of themselves; by a race at this rate, one part in a million.
HDF5 = "HDF5"
FORMATS = (".keras", "a file .keras"), (".h5", HDF5)  # Keras before 2.12 knows but the second, whatever it is called.
SIGNATURE = b"\x89HDF\r\n\x1a\n"  # HDF5 File Format Specification 3.0, section II.A.


def _is_hdf5(path):
    with open(path, "rb") as file:
        return file.read(len(SIGNATURE)) == SIGNATURE


def _trained_on(network, path, wanted):
    """Return what is wrong with the optimizer after one more step of the model in a file, None where nothing is."""
    try:
        network.load(path)
        network.fit(*samples(), batch_size=SAMPLES, shuffle=False)
    except Exception as error:  # noqa: BLE001 - what a stack cannot do is what was found
        return reason(error)
    sizes = [max(np.abs(slot).max(), 1e-30) for slot in wanted]
    off = max([differ(ours / size, theirs / size) for ours, theirs, size in zip(network.slots(), wanted, sizes)] or [0.0])
    return None if off <= LOST else "a part {:.3g} of the optimizer's moments or steps is lost".format(off)


CLAUSES = (saved_is_loaded, previous_file_is_loaded, saved_trains_on)


def main():
    """Write the file that the command line names."""
    if not sys.argv[1:]:
        sys.exit("harness.saved takes one word, the path to write to without its ending, as expectations/files/tf2")
    machine.distributions()  # Looked at before a framework puts folders of its own on the path.
    write(backend.load(), sys.argv[1])


if __name__ == "__main__":
    main()
