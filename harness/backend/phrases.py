"""How each Keras wants the listing said. A way of saying it is tried, not looked up by version; what failed is kept.

Ways are in order of age: the listing's own words of 2016 to 2018 first, so that what comes before the way that works is
what a reader's code will have to change.
"""

import importlib
from typing import Callable, NamedTuple


class Way(NamedTuple):
    """One way to say something: as it stands in code, and what finds it, given the Keras module."""

    words: str
    find: Callable


class Difference(NamedTuple):
    """What the listing had to say differently on this stack, and the error that its own words gave."""

    topic: str
    listing: str
    said: str
    error: str


def _module(keras, name):
    """Return a submodule of Keras; Keras 2.0 does not import them by itself."""
    found = keras
    try:
        for part in name.split("."):
            found = getattr(found, part)
    except AttributeError:
        return importlib.import_module("{}.{}".format(keras.__name__, name))
    return found


def _stateful_by_layer(keras):
    keras.layers.LSTM(1, batch_input_shape=(1, 1, 1), stateful=True)
    return _of_layer


def _of_layer(keras, shape, units, stateful):
    words = {"batch_input_shape": shape} if stateful else {"input_shape": shape[1:]}
    return [keras.layers.LSTM(units, stateful=stateful, **words)]


def _stateful_by_input(keras):
    return lambda keras, shape, units, stateful: [
        keras.layers.Input(batch_shape=shape),
        keras.layers.LSTM(units, stateful=stateful),
    ]


def _model_resets(keras):
    keras.models.Sequential.reset_states  # noqa: B018 - whether it is there is the question
    return lambda model, layer: model.reset_states()


def _learning_rate_by(name):
    def find(keras):
        getattr(keras.optimizers.get("adam"), name)
        return lambda optimizer: getattr(optimizer, name)

    return find


# The listing's words come from the editions of 2016 to 2018; the others are what later releases accept.
WAYS = {
    "fixed batch": (
        Way("LSTM(units, batch_input_shape=(batch, steps, features), stateful=True)", _stateful_by_layer),
        Way("Input(batch_shape=(batch, steps, features)) before LSTM(units, stateful=True)", _stateful_by_input),
    ),
    "reset": (
        Way("model.reset_states()", _model_resets),
        Way("layer.reset_states()", lambda keras: lambda model, layer: layer.reset_states()),
    ),
    "padding": (
        Way("keras.preprocessing.sequence.pad_sequences", lambda k: _module(k, "preprocessing.sequence").pad_sequences),
        Way("keras.utils.pad_sequences", lambda keras: keras.utils.pad_sequences),
    ),
    "one-hot": (
        Way("keras.utils.np_utils.to_categorical", lambda keras: _module(keras, "utils.np_utils").to_categorical),
        Way("keras.utils.to_categorical", lambda keras: keras.utils.to_categorical),
    ),
    "learning rate": (
        Way("optimizer.lr", _learning_rate_by("lr")),
        Way("optimizer.learning_rate", _learning_rate_by("learning_rate")),
    ),
}


def settle(keras, ways=None):
    """Return ({topic: what was found}, [Difference]); a topic that no way serves is an error of this stack."""
    found, differences = {}, []
    for topic, choices in (ways or WAYS).items():
        found[topic], more = _first_that_works(keras, topic, choices)
        differences += more
    return found, differences


def _first_that_works(keras, topic, ways):
    error = ""
    for way in ways:
        try:
            found = way.find(keras)
        except Exception as failure:  # noqa: BLE001 - a removed name or argument raises anything
            error = error or "{}: {}".format(type(failure).__name__, (str(failure).splitlines() or [""])[0])
            continue
        return found, ([Difference(topic, ways[0].words, way.words, error)] if way is not ways[0] else [])
    raise AttributeError("no way to say {!r} on this Keras ({})".format(topic, error))
