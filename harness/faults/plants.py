"""What a fault can do to a framework, whatever it is called there: each function here makes a plant."""

import inspect

import numpy as np

from harness.faults.planting import NoPlaceError
from harness.reference import BLOCKS


def settings(kind, **changes):
    """Other defaults of a class ("lstm" or "adam"): those that it has arguments for, the last where it takes any."""

    def plant(site):
        owner = getattr(site, kind)
        known = inspect.signature(owner.__init__).parameters
        has_more = any(one.kind is one.VAR_KEYWORD for one in known.values())
        taken = {name: value for name, value in changes.items() if name in known}
        if not taken and not has_more:
            raise NoPlaceError("no such setting")
        if taken and all(known[name].default == value for name, value in taken.items()):
            raise NoPlaceError("that is the default here")
        wanted = taken or dict([list(changes.items())[-1]])
        if not taken:
            _refuse_unknown(owner, wanted)
        site.around([owner], "__init__", lambda real, this, *words, **named: real(this, *words, **dict(wanted, **named)))

    return plant


def _refuse_unknown(owner, wanted):
    """Raise NoPlaceError where a class that takes any word refuses this one."""
    try:
        owner(1, **wanted)  # Units, or a learning rate.
    except (TypeError, ValueError) as error:
        raise NoPlaceError("no such setting ({})".format(error)) from None


def overruled(kind, **changes):
    """Settings that a class takes, whatever it is given."""
    return lambda site: site.around([getattr(site, kind)], "__init__", told(**changes))


def told(**changes):
    """A method that is told these words, whatever it is given."""
    return lambda real, this, *words, **named: real(this, *words, **dict(named, **changes))


def class_of(site, module, name):
    """Return a class of one of Keras' modules; NoPlaceError where there is none."""
    found = getattr(getattr(site.keras, module), name, None)
    if found is None:
        raise NoPlaceError("nothing here is called {}".format(name))
    return found


def ops(site):
    """Return Keras 3's operations on tensors; NoPlaceError where there are none."""
    found = getattr(site.keras, "ops", None)
    if found is None:
        raise NoPlaceError("no operations of its own here")
    return found


def inside(module, kind, name, wrapper, word=None):
    """A method of a class in one of Keras' modules with another around it, for its own instances alone.

    In Keras 2.0 all recurrent layers have one `call`. word: an argument that the method must have.
    """

    def plant(site):
        owner = class_of(site, module, kind)
        if word and word not in inspect.signature(getattr(owner, name)).parameters:
            raise NoPlaceError("{} of {} takes no {}".format(name, kind, word))

        def method(real, this, *words, **named):
            return wrapper(real, this, *words, **named) if isinstance(this, owner) else real(this, *words, **named)

        site.around([owner], name, method)

    return plant


def fits(site, wrapper):
    """Put another around whatever trains a model on batches: `fit`, and `fit_generator`, where there is one."""
    for name in ("fit", "fit_generator"):
        if hasattr(site.keras.models.Model, name):
            site.around_model(name, wrapper)


def dropouts(change):
    """A recurrent layer whose rates, of dropout and of recurrent dropout, are change(those it is given)."""

    def plant(site):
        def init(real, this, *words, **named):
            rates = change(named.pop("dropout", 0.0), named.pop("recurrent_dropout", 0.0))
            return real(this, *words, dropout=rates[0], recurrent_dropout=rates[1], **named)

        site.around([site.lstm], "__init__", init)

    return plant


def new_masks(site):
    """A recurrent cell that makes a mask anew whenever it is asked for one: Keras 3 asks at each step."""

    def wrapper(real, this, *words, **named):
        this.reset_dropout_mask()
        return real(this, *words, **named)

    cell = getattr(site.keras.layers, "LSTMCell", None)
    if not hasattr(cell, "get_dropout_mask"):
        raise NoPlaceError("no cell here is asked for a mask")
    site.around([cell], "get_dropout_mask", wrapper)


def words(*names, **changes):
    """Methods of the recurrent layer that are called with these words, whatever they are given, where they take them."""

    def plant(site):
        methods = [name for name in names if hasattr(site.lstm, name)]
        taking = [name for name in methods if set(changes) <= set(inspect.signature(getattr(site.lstm, name)).parameters)]
        if not taking:
            raise NoPlaceError("{} takes no {}".format(", ".join(methods), ", ".join(sorted(changes))))
        for name in taking:
            site.around([site.lstm], name, told(**changes))

    return plant


def backward_steps(site):
    """A recurrent layer that gives on its steps from the last to the first, where every step is asked for."""

    def wrapper(real, this, *words, **named):
        found = real(this, *words, **named)
        return found[:, ::-1] if this.return_sequences else found

    site.around([site.lstm], "call", wrapper)


def call(kind, before=lambda x: x, behind=lambda found: found):
    """A layer that passes what it takes in, or what it gives on, through a function."""

    def plant(site):
        def wrapper(real, this, x, *words, **named):
            found = real(this, before(x), *words, **named)
            return [behind(found[0])] + list(found[1:]) if isinstance(found, (list, tuple)) else behind(found)

        site.around([getattr(site.keras.layers, kind)], "call", wrapper)

    return plant


def method(name, wrapper):
    """A method of the models with another around it: wrapper(real, model, *words, **named)."""
    return lambda site: site.around_model(name, wrapper)


def no_masks(site):
    """A Masking layer that gives on what it takes in, and no mask."""
    site.around([site.keras.layers.Masking], "call", lambda real, this, x: x)
    site.around([site.keras.layers.Masking], "compute_mask", lambda real, this, *words, **named: None)


def function(places, wrapper):
    """A function of Keras, in each module that has it, with another around it: wrapper(real, *words, **named)."""

    def plant(site):
        owners = [(_module(site.keras, path), name) for path, name in places]
        found = [(owner, name) for owner, name in owners if hasattr(owner, name)]
        if not found:
            raise NoPlaceError("no such function")
        for owner, name in found:
            site.replace(owner, name, lambda real: lambda *words, **named: wrapper(real, *words, **named))

    return plant


def _module(keras, path):
    found = keras
    for part in path.split("."):
        found = getattr(found, part, None)
    return found


def loss(change):
    """A loss that passes targets and answers through `change` first."""

    def plant(site):
        right = site.keras.losses.categorical_crossentropy

        def compile_with(real, this, *words, **named):
            return real(this, *words, **dict(named, loss=lambda y, answers: right(*change(y, answers))))

        site.around_model("compile", compile_with)

    return plant


def gradients(change):
    """Optimizers that pass the list of gradients, in the order of the weights, through `change`.

    They go through `apply` in Keras 3, `apply_gradients` in the Keras 2 of TensorFlow 2, and `get_gradients` before.
    """

    def plant(site):
        kinds = [site.adam, site.keras.optimizers.SGD]
        ways = {"apply": _of_list, "apply_gradients": _of_pairs, "get_gradients": _of_found}
        name = next((name for name in ways if hasattr(site.adam, name)), None)
        if name is None:
            raise NoPlaceError("optimizers take gradients in no known way")
        site.around(kinds, name, ways[name](change))

    return plant


def _of_list(change):
    return lambda real, this, found, *words, **named: real(this, change(list(found)), *words, **named)


def _of_pairs(change):
    def wrapper(real, this, pairs, *words, **named):
        found, weights = zip(*pairs)
        return real(this, list(zip(change(list(found)), weights)), *words, **named)

    return wrapper


def _of_found(change):
    return lambda real, this, *words: change(list(real(this, *words)))


def truncated(site):
    """Backpropagation that stops at each step's state. TensorFlow 2's own Keras 2 runs its steps where none can be reached."""
    cell = getattr(site.keras.layers, "LSTMCell", None)
    if cell is None or hasattr(inspect.getmodule(site.lstm), "standard_lstm"):
        raise NoPlaceError("the steps of the layer cannot be reached")
    stop = getattr(site.keras, "ops", site.keras.backend).stop_gradient

    def step(real, this, x, states, *words, **named):
        return real(this, x, [stop(state) for state in states], *words, **named)

    site.around([cell], "call", step)


def at(place, change):
    """A change of the gradient at one place: 0 kernel, 1 recurrent kernel, 2 bias, 3 dense kernel, 4 dense bias.

    The network whose order of samples is looked at has but two arrays.
    """

    def changed(found):
        found[place : place + 1] = map(change, found[place : place + 1])
        return found

    return changed


def gate(name, factor):
    """A change of a gradient that multiplies the columns of one gate."""

    def change(gradient):
        units = int(gradient.shape[-1]) // len(BLOCKS)
        return gradient * np.where(np.arange(4 * units) // units == BLOCKS.index(name), factor, 1.0).astype("float32")

    return change
