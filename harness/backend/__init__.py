"""The only package that knows which Keras this is. A difference it cannot hide is recorded, not patched over.

Plain arrays and numbers cross this border. Features are looked for once, at load; no version is ever compared.
"""

import importlib
import inspect
import os
import random
from importlib.util import find_spec

import numpy as np

from harness import framings
from harness.backend import batches, designs, networks, phrases
from harness.errors import StackError


def load():
    """Return the Backend of the Keras installed here; StackError says in one sentence that there is none."""
    # TensorFlow from 2.16 brings Keras 3 along, and obeys this variable only under its own name.
    legacy = os.environ.get("TF_USE_LEGACY_KERAS", "") in ("1", "true", "True")
    try:
        keras = _tensorflow_keras() if legacy or find_spec("keras") is None else importlib.import_module("keras")
        keras.layers.LSTM  # noqa: B018 - a lazy module loads when it is first asked for something
        keras = _whole(keras)
        return Backend(keras, _engine_room(keras))
    except Exception as error:  # noqa: BLE001 - a broken installation raises anything, a TypeError of protobuf for one
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise StackError(
            f"this environment has no Keras that can be used ({reason}); run the suite through tox, as in `tox -e tf2`"
        ) from None


def _whole(keras):
    """Return tf.keras where it is the same Keras but for the optimizers: the other has none in 2.6 to 2.9, old ones in 2.11."""
    if hasattr(keras, "ops") or find_spec("tensorflow") is None:  # Keras 3 is whole.
        return keras
    other = getattr(importlib.import_module("tensorflow"), "keras", None)
    if getattr(other, "Model", None) is not getattr(keras, "Model", keras):
        return keras
    return keras if getattr(keras.optimizers, "Adam", None) is other.optimizers.Adam else other


def _tensorflow_keras():
    return importlib.import_module("tensorflow").keras


def _engine_room(keras):
    """Return what computes for this Keras: the module tensorflow, jax, torch or theano."""
    find = getattr(keras.backend, "backend", None) or getattr(getattr(keras, "config", None), "backend", None)
    return importlib.import_module(find() if find else "tensorflow")


UNITS = 4  # Of a layer whose arrays alone are asked for.


class Backend:
    """What the harness asks of a framework: seeds, data helpers, networks and the programs that train them fast."""

    def __init__(self, keras, room):
        self.keras, self.room = keras, room
        self.said, self.differences = phrases.settle(keras)
        self.sessions = []

    @property
    def name(self):
        """What computes: tensorflow, jax, torch or theano."""
        return self.room.__name__

    @property
    def engines(self):
        """The engines this stack has: a compiled one where it traces functions eagerly (TensorFlow 2) or scans (JAX)."""
        return ("fit",) if self._program_module() is None else ("fit", "compiled")

    def _program_module(self):
        if hasattr(self.room, "jit") and hasattr(self.room, "lax"):
            return "harness.backend.scans"
        return "harness.backend.programs" if self._is_eager else None

    @property
    def _is_eager(self):
        """Whether TensorFlow computes, and as its second release does."""
        return getattr(self.room, "executing_eagerly", lambda: False)()

    def seed(self, seed):
        """Seed every generator the framework draws from; None makes its draws differ again.

        Where one graph holds all networks (TensorFlow 1), it begins a new one: a seed counts from the graph's first
        operation on, so that only so does a seed fix the weights. Networks made before cannot be used any more.
        """
        self.begin_graph()
        if seed is not None and hasattr(self.keras.utils, "set_random_seed"):
            self.keras.utils.set_random_seed(seed)
            return
        random.seed(seed)
        np.random.seed(seed)
        for owner, name in ((self.room, "set_random_seed"), (getattr(self.room, "random", None), "set_seed")):
            if hasattr(owner, name):
                getattr(owner, name)(seed)

    @property
    def has_one_graph(self):
        """Whether one graph holds all networks, whose operations run in no fixed order: in TensorFlow 1 alone."""
        return hasattr(self.room, "set_random_seed")

    def begin_graph(self):
        """Begin a new graph where one holds all networks, which ends the life of all that are; return whether it was so."""
        if self.has_one_graph:
            # TensorFlow 1.8 crashes when a session is gone before the last callable that Keras 2.2 made of it.
            self.sessions.append(self.keras.backend.get_session())
            self.keras.backend.clear_session()
        return self.has_one_graph

    def leave_names(self):
        """Leave the names of a layer that could not be built: on Theano, Keras would put them before all that come after."""
        del getattr(self.keras.backend, "NAME_SCOPE_STACK", [])[:]

    def arrays(self, framing):
        """Return (x, y) as `framings.arrays` does, through the framework's own padding and one-hot functions."""
        return framings.arrays(framing, self.said["padding"], self.said["one-hot"])

    def padded(self, sequences, **words):
        """Return sequences of any lengths as one array, by the framework's own `pad_sequences` as it is called by default."""
        return self.said["padding"](sequences, **words)

    def one_hot(self, labels, **words):
        """Return labels as rows of zeros and a one, by the framework's own `to_categorical` as it is called by default."""
        return self.said["one-hot"](labels, **words)

    def build(self, framing, metrics=("accuracy",), optimizer="adam"):
        """Return a Network built and compiled as the listing does; its weights follow from `seed`."""
        layers = networks.as_listed(self.keras, self.said["fixed batch"], framing)
        return networks.Network(self.keras, self.said, layers, list(metrics), optimizer)

    def construct(self, design, metrics=("accuracy",), optimizer="adam", **more):
        """Return a Network built by a Design, which goes beyond what the listings say; more: what else `compile` takes."""
        layers, more = designs.as_designed(self.keras, design), dict(more, loss=design.loss)
        if design.is_weighted and self.compiles_with("weighted_metrics"):
            metrics, more = (), dict(more, weighted_metrics=list(metrics))
        return networks.Network(self.keras, self.said, layers, list(metrics) or None, optimizer, **more)

    def assemble(self, graph, optimizer, **more):
        """Return a Network of one of the functions of `graphs`; more: what else `compile` takes."""
        return networks.Network(self.keras, self.said, graph(self.keras), more.pop("metrics", None), optimizer, **more)

    def casts(self):
        """Whether a layer casts what it is given to the numbers that it computes in: since TensorFlow 2.0, and in Keras 3."""
        return self._is_eager or hasattr(self.keras, "ops")

    def compiles_with(self, word):
        """Whether `compile` has an argument of this name."""
        return word in inspect.signature(self.keras.models.Model.compile).parameters

    def has_layer(self, name):
        """Whether there is a layer of this name."""
        return hasattr(self.keras.layers, name)

    def takes_batches(self):
        """Whether rows can come from an object that gives batches."""
        return batches.base(self.keras) is not None

    def batches(self, pairs, on_epoch_end=lambda: None):
        """Return an object that gives the batches [(x, y)] that the list holds when asked, and tells of an epoch's end."""
        return batches.served(self.keras, pairs, on_epoch_end)

    def remade(self, kind, told):
        """Return {word: what it has of it} of a layer that is made of the settings of one of this kind that was told these."""
        layer = getattr(self.keras.layers, kind)(**told)
        anew = type(layer).from_config(layer.get_config())
        return {word: getattr(anew, word, None) for word in told}

    def drawn(self, seed, layers=1):
        """Return the kernels of so many new layers that one initializer of this seed draws; None is no seed."""
        initializer = self.keras.initializers.VarianceScaling(seed=seed)
        made = [self.keras.layers.LSTM(UNITS, kernel_initializer=initializer) for _ in range(layers)]
        return [self._arrays(layer, (None, UNITS))[0] for layer in made]

    def embedded(self, table):
        """Return the table of a new Embedding that is given this one, (tokens, features), as its weights."""
        return self._arrays(self.keras.layers.Embedding(*table.shape, weights=[table]), (None,))[0]

    def _arrays(self, layer, shape):
        inputs = self.keras.layers.Input(shape)
        return self.keras.models.Model(inputs, layer(inputs)).get_weights()

    def loss(self, name, **words):
        """Return a new loss of this class, None where there is no such class."""
        kind = getattr(self.keras.losses, name, None)
        return kind and kind(**words)

    def first_loss(self, *names):
        """Return the first of these names that is one of a loss."""
        return next(name for name in names if hasattr(self.keras.losses, name))

    def data_set(self, x, y, batch_size, is_counted=False):
        """Return a data set of TensorFlow of these rows, in batches; None where there is none.

        is_counted: whether it knows how many it has, the last of which may be short. Before TensorFlow 2 a data set has to be
        told of how many steps it is.
        """
        if not self._is_eager:
            return None
        rows = self.room.data.Dataset.from_tensor_slices((x, y))
        return rows.batch(batch_size) if is_counted else rows.filter(lambda x, y: True).batch(batch_size, drop_remainder=True)

    def windows(self, series, targets, length):
        """Return (windows of so many steps over a series, (windows, steps, ...), the target that each is paired with).

        None where the framework makes none: before TensorFlow 2.3, and without TensorFlow.
        """
        make = getattr(self.keras.utils, "timeseries_dataset_from_array", None)
        make = make or getattr(self.keras.preprocessing, "timeseries_dataset_from_array", None)
        if make is None or not self._is_eager:
            return None
        (found,) = make(series, targets, length, batch_size=len(series))
        return tuple(np.array(one) for one in found)

    def metric(self, name):
        """Return a new metric of this class, None where there is no such class."""
        kind = getattr(self.keras.metrics, name, None)
        return kind and kind(name=name.lower())

    def decaying_adam(self, rate, decay, excluded, **more):
        """Return AdamW that takes `decay` times its rate of each weight but those of these names; None where there is none."""
        kind = getattr(self.keras.optimizers, "AdamW", None)
        if kind is None:
            return None
        optimizer = kind(rate, weight_decay=decay, **more)
        optimizer.exclude_from_weight_decay(var_names=excluded)
        return optimizer

    def descent(self, rate, momentum=0.0, **more):
        """Return an optimizer that steps down the gradient, `rate` times its length, and on by a share of the step before.

        rate: a number, or what `rates_in_pieces` gives. more: `clipvalue`, `clipnorm`, `decay` or `nesterov`, as the framework
        takes them.
        """
        return self.keras.optimizers.SGD(rate, momentum, **more)

    def rates_in_pieces(self, rates):
        """Return the framework's own schedule that gives each step the next of these rates, None where it knows none."""
        kind = networks.schedule(self.keras)
        return kind and kind(list(range(len(rates) - 1)), rates)

    def adam(self, rate, **more):
        """Return Adam with this learning rate, all else as the framework has it; more: what else it takes."""
        return self.keras.optimizers.Adam(rate, **more)

    def adam_by_lr(self, rate):
        """Return Adam with this learning rate, said as before 2019; raise what the framework says where it refuses that."""
        return self.keras.optimizers.Adam(lr=rate)

    def optimizer(self, kind, rate):
        """Return an optimizer of this class with this learning rate, all else as the framework has it."""
        return getattr(self.keras.optimizers, kind)(rate)

    def rate_by_name(self, name):
        """Return the learning rate of the optimizer that the framework makes of this name alone."""
        return networks.learning_rate(self.keras, self.said, self.keras.optimizers.get(name))

    def callback(self, name, *words, **named):
        """Return one of the framework's own callbacks, by its name."""
        return getattr(self.keras.callbacks, name)(*words, **named)

    def has_callback(self, name):
        """Whether the framework has a callback of this name."""
        return hasattr(self.keras.callbacks, name)

    def program(self, network, x, y):
        """Return a Program that trains this network over rows of (x, y) in one compiled piece."""
        return importlib.import_module(self._program_module()).Program(network, x, y)

    def device(self):
        """Return "gpu" if the framework sees one, else "cpu"."""
        room = self.room
        if hasattr(room, "default_backend"):  # JAX
            return "cpu" if room.default_backend() == "cpu" else "gpu"
        if hasattr(room, "cuda"):  # PyTorch
            return "gpu" if room.cuda.is_available() else "cpu"
        is_there = getattr(getattr(room, "test", None), "is_gpu_available", None)
        config = getattr(room, "config", None)
        if hasattr(config, "list_physical_devices"):
            return "gpu" if config.list_physical_devices("GPU") else "cpu"
        return "gpu" if is_there and is_there() else "cpu"

    def threads(self):
        """Return {intra, inter}: the threads within and between operations, 0 where the framework chooses or is not asked."""
        if hasattr(self.room, "get_num_interop_threads"):  # PyTorch
            return {"intra": self.room.get_num_threads(), "inter": self.room.get_num_interop_threads()}
        threading = getattr(getattr(self.room, "config", None), "threading", None)
        if threading is None:
            return {"intra": 0, "inter": 0}
        intra, inter = threading.get_intra_op_parallelism_threads(), threading.get_inter_op_parallelism_threads()
        return {"intra": intra, "inter": inter}
