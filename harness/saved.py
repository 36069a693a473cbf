"""Files that one stack writes and the next must read. `python -m harness.saved STEM` writes STEM.h5, and STEM.json beside it.

That format is HDF5, which every Keras has; from 2.12 on there is STEM.keras too. The JSON holds the answers that the writer
gave, and what was installed there.
"""

import copy
import json
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

from harness import backend, callbacks, declarations, judging, machine, reference
from harness.errors import StackError, reason
from harness.small import CLOSE, PLAIN, SAMPLES, STEPS, Networks, differ, farthest, samples, shaken

FOLDER = declarations.FOLDER / "files"
# tox.ini sets them to the stack that this one's users come from, and to one further back whose files they still have.
VARIABLE, OLDER = "HARNESS_PREVIOUS", "HARNESS_OLDER"
DESIGN = PLAIN._replace(every_step=True)  # Asked by other clauses too, so that it is traced once; PLAIN itself is watched.
LABELLED = PLAIN._replace(loss="sparse_categorical_crossentropy")
HDF5, OWN = "HDF5", ".keras"
FORMATS = (OWN, "a file .keras"), (".h5", HDF5)  # Keras before 2.12 knows but the second, whatever it is called.
SIGNATURE = b"\x89HDF\r\n\x1a\n"  # HDF5 File Format Specification 3.0, section II.A.
WRITERS = ("keras", "tf-keras", "tensorflow", "theano", "jax", "torch")


def write(loaded, stem):
    """Write a small network and its answers (samples, classes)."""
    network, (x, _) = Networks(loaded).new(), samples()
    for ending, _ in FORMATS:
        network.save(str(stem) + ending)
    if _is_hdf5(str(stem) + OWN):
        os.remove(str(stem) + OWN)
    installed = machine.distributions()
    told = {name: installed[name] for name in WRITERS if name in installed}
    told["answers"] = np.asarray(network.predict(x, SAMPLES), "float64").round(9).tolist()
    Path(str(stem) + ".json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def written(variable, ending=".h5"):
    """Return (the path of the file that the stack of this variable wrote, its answers), None where there is no such file.

    None is declared, or it knows no such format. StackError says how to write them where they are missing.
    """
    name = os.environ.get(variable)
    if not name:
        return None
    answers = FOLDER / (name + ".json")
    if not answers.exists():
        call = "tox exec -e {0} -- python -m harness.saved expectations/files/{0}".format(name)
        raise StackError("expectations/files has nothing that {} wrote; write it with `{}`".format(name, call))
    path, told = FOLDER / (name + ending), json.loads(answers.read_text(encoding="utf-8"))
    is_unknown = ending == OWN and not path.exists()  # A lost HDF5 is for its clause to tell.
    return None if is_unknown else (str(path), np.array(told["answers"]))


def _data():
    """Return (samples, a target for each of their steps)."""
    x, y = samples()
    return x, np.repeat(y[:, None], STEPS, axis=1)


def saved_is_loaded(networks):
    """A model that is saved and loaded answers as before; in the format of HDF5, which every Keras has."""
    network, (x, _) = networks.new(), samples()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.h5")
        network.save(path)
        off = differ(loaded(network, path).predict(x, SAMPLES), network.predict(x, SAMPLES))
    return None if off <= CLOSE else "after saving and loading, answers differ by {:.3g}".format(off)


def loaded(network, path):
    """Return a network that holds what the file holds; the given one stays as it is."""
    found = copy.copy(network)
    found.load(path)
    return found


def previous_file_is_loaded(networks):
    """A model that the previous stack wrote answers as it did there, where the tox environment names such a stack."""
    return _answered_as_there(networks, VARIABLE, "the previous stack")


def older_file_is_loaded(networks):
    """A model that a stack further back wrote answers as it did there, where the tox environment names such a stack."""
    return _answered_as_there(networks, OLDER, "an older stack")


def previous_keras_file_is_loaded(networks):
    """A model that the previous stack wrote in the framework's own format, .keras, answers as it did there."""
    return _answered_as_there(networks, VARIABLE, "the previous stack", OWN)


def older_keras_file_is_loaded(networks):
    """A model that a stack further back wrote in the framework's own format, .keras, answers as it did there."""
    return _answered_as_there(networks, OLDER, "an older stack", OWN)


def weights_of_files_are_loaded(networks):
    """A network that is built anew takes the weights alone (`load_weights`) of whole models that both stacks wrote as HDF5."""
    files = [found for found in (written(VARIABLE), written(OLDER)) if found is not None]
    network = networks.get()
    wanted = network.weights()  # Every stack wrote the same.
    for path, _ in files:
        network.set_weights([0 * array for array in wanted])
        network.load_weights(path)
        off = farthest(network.weights(), wanted)
        if off > 0:
            return "weights that were loaded from {} are off by {:.3g}".format(os.path.basename(path), off)
    return None if files else judging.NOT_ASKED


def _answered_as_there(networks, variable, whose, ending=".h5"):
    found = written(variable, ending)
    if found is None:
        return judging.NOT_ASKED
    path, answers = found
    x, _ = samples()
    off = differ(loaded(networks.get(), path).predict(x, SAMPLES), answers)
    return None if off <= CLOSE else "a file of {} gives answers that differ by {:.3g}".format(whose, off)


def saved_trains_on(networks):
    """A model that was trained, saved and loaded trains on as it would have: in the framework's own format, and in HDF5.

    Its step count and moments are compared; the weights stay where they are, so that no race moves them.
    """
    network, data = networks.get(DESIGN), _data()
    with tempfile.TemporaryDirectory() as folder:
        network.fit(*data, batch_size=SAMPLES, shuffle=False)
        paths = {name: os.path.join(folder, "model" + ending) for ending, name in FORMATS}
        for path in paths.values():
            network.save(path)
        network.fit(*data, batch_size=SAMPLES, shuffle=False)
        asked = [name for name in paths if name == HDF5 or not _is_hdf5(paths[name])]
        told = [(name, _trained_on(network, paths[name], data)) for name in asked]
    return next(("from {}: {}".format(name, words) for name, words in told if words), None)


LOST = 1e-3  # Counts and moments that began anew are off by 0.47 of themselves at the least (0.1 for 1 - 0.9 ** 2).


def _is_hdf5(path):
    with open(path, "rb") as file:
        return file.read(len(SIGNATURE)) == SIGNATURE


def _trained_on(network, path, data):
    """Return what is wrong with the weights in a file, or the optimizer after one more step, None where nothing is."""
    try:
        other = loaded(network, path)
        off = farthest(other.weights(), network.weights())
        if off > 0:
            return "the weights are off by {:.3g}".format(off)
        other.fit(*data, batch_size=SAMPLES, shuffle=False)
        return _lost(other.slots(), network.slots())
    except Exception as error:  # noqa: BLE001 - what a stack cannot do is what was found
        return reason(error)


def _lost(found, wanted):
    """Say how much of the optimizer's arrays is lost, None where nothing is."""
    if len(found) != len(wanted):
        return "the optimizer has {} arrays, where it had {}".format(len(found), len(wanted))
    sizes = [max(np.abs(slot).max(), 1e-30) for slot in wanted]
    off = max([differ(ours / size, theirs / size) for ours, theirs, size in zip(found, wanted, sizes)] or [0.0])
    return None if off <= LOST else "a part {:.3g} of the optimizer's moments or steps is lost".format(off)


def saved_has_its_rate(networks):
    """A model that was compiled with another rate than it is saved with, in the framework's own format, is loaded with this."""
    network, rates = networks.get(DESIGN), (callbacks.PLATEAU, 0.0)
    wanted, kept = ([callbacks.scheduler(networks, rate)] for rate in rates)
    network.fit(*_data(), batch_size=SAMPLES, shuffle=False, callbacks=wanted)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model" + OWN)
        network.save(path)
        found = loaded(network, path).learning_rate()
    network.fit(*_data(), batch_size=SAMPLES, shuffle=False, callbacks=kept)
    if network.learning_rate() != rates[1]:
        networks.drop(DESIGN)  # Those who ask it next expect that it stays.
    return None if found == rates[0] else "saved at a rate of {:.3g}, a model is loaded with {:.3g}".format(rates[0], found)


def saved_has_its_loss(networks):
    """A model whose loss was made with a number of its own (`Huber(delta=0.1)`) is loaded with that loss."""
    loss = networks.backend.loss("Huber", delta=0.1)
    if loss is None:  # Before TensorFlow 1.13, and in Keras 2 on its own.
        return judging.NOT_ASKED
    network = shaken(networks.backend, PLAIN._replace(loss=loss), ("accuracy",), networks.backend.descent(0.0))
    wanted = network.evaluate(*samples(), batch_size=SAMPLES)[0]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model" + OWN)
        network.save(path)
        found = loaded(network, path).evaluate(*samples(), batch_size=SAMPLES)[0]
    if differ(found, wanted) <= CLOSE:
        return None
    return "a loaded model has a loss of {:.6g}, where the saved one has {:.6g}".format(found, wanted)


def saved_has_its_accuracy(networks):
    """A model of classes given by their numbers, saved before it is asked, is loaded with the accuracy that answers imply."""
    network, (x, y) = shaken(networks.backend, LABELLED, ("accuracy",), networks.backend.descent(0.0)), samples()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.h5")
        network.save(path)
        answers, found = network.predict(x, SAMPLES), loaded(network, path).evaluate(x, y.argmax(axis=1), SAMPLES)[1]
    wanted = reference.right(answers, y)
    if differ(found, wanted) <= CLOSE:
        return None
    return "a loaded model has an accuracy of {:.3g}, not {:.3g}".format(found, wanted)


def saving_changes_nothing(networks):
    """A model that was saved as HDF5 goes on as it was: saved then in the framework's own format, it has its optimizer."""
    network = networks.get(DESIGN)
    with tempfile.TemporaryDirectory() as folder:
        network.fit(*_data(), batch_size=SAMPLES, shuffle=False)
        paths = [os.path.join(folder, "model" + ending) for ending, _ in reversed(FORMATS)]
        for path in paths:
            network.save(path)
        if _is_hdf5(paths[-1]):  # As saved_trains_on has loaded.
            return None
        words = _lost(loaded(network, paths[-1]).slots(), network.slots())
    return words and "once HDF5 was written, from a file .keras: {}".format(words)


def weights_alone_are_read_back(networks):
    """Weights that are written alone (`save_weights`) are what a model built anew reads: of two layers, and both ways."""
    for design in (PLAIN._replace(units=(8, 6)), PLAIN._replace(is_both_ways=True)):
        network, other = networks.new(design), networks.new(design)
        other.set_weights([0 * array for array in other.weights()])
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.weights.h5")
            network.save_weights(path)
            other.load_weights(path)
        off = farthest(other.weights(), network.weights())
        if off > 0:
            return "weights that were written alone are read {:.3g} away from themselves".format(off)
    return None


# What writes .keras alone stands first, and so does saved_trains_on's .keras: on Keras 3 HDF5 spoils a .keras written later.
CLAUSES = (
    saved_has_its_rate,
    saved_trains_on,
    saved_is_loaded,
    previous_file_is_loaded,
    older_file_is_loaded,
    previous_keras_file_is_loaded,
    older_keras_file_is_loaded,
    weights_of_files_are_loaded,
    weights_alone_are_read_back,
    saving_changes_nothing,
    saved_has_its_loss,
    saved_has_its_accuracy,
)


def main():
    """Write the file that the command line names."""
    if not sys.argv[1:]:
        sys.exit("harness.saved takes one word, the path to write to without its ending, as expectations/files/tf2")
    machine.distributions()  # Looked at before a framework puts folders of its own on the path.
    write(backend.load(), sys.argv[1])


if __name__ == "__main__":
    main()
