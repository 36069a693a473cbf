"""One network of the tutorial, through the framework's public API: what the listing calls, call for call."""

import contextlib
import copy
import io
import re
import weakref

import numpy as np

from harness import framings
from harness.backend import batches, defaults

# Keras up to 2.2, and tf.keras 1, call them so; the harness has one word for each.
METRIC_NAMES = {"acc": "accuracy", "mean_absolute_error": "mae"}
PRINTED = r"\bloss: ([-+.e0-9]+|nan|inf)"


class Network:
    """An LSTM and a softmax, compiled. Arrays in and out; the model itself stays behind this border."""

    def __init__(self, keras, said, layers, metrics, optimizer="adam", **more):
        self.keras, self.said, self.history_names = keras, said, ()
        self.model, self.recurrent = layers
        self.compiled = dict({"loss": "categorical_crossentropy", "optimizer": optimizer, "metrics": metrics}, **more)
        self.model.compile(**self.compiled)

    def fit(self, x, y, batch_size, shuffle, epochs=1, on_epoch=None, on_batch=None, callbacks=(), **more):
        """Train as `model.fit` does and return its history: {"loss": [per epoch], metric: [per epoch]}.

        batch_size, shuffle: None says nothing of it. callbacks: the framework's own, which are told before `on_epoch` and
        `on_batch` are.
        more: what else `model.fit` takes, as it calls it.
        """
        callbacks = [*callbacks, *self._callbacks(on_epoch, on_batch)] or None
        said = {"batch_size": batch_size, "shuffle": shuffle}
        words = dict(more, **{word: value for word, value in said.items() if value is not None})
        history = self.model.fit(x, y, epochs=epochs, verbose=0, callbacks=callbacks, **words)
        self.history_names = sorted(history.history)
        return _told(history)

    def fit_batches(self, given, epochs=1, **more):
        """Train on what `Backend.batches` gives, in its order, and return the history; more: what else `fit` takes."""
        return _told(batches.ask(self.model, "fit", given, epochs=epochs, shuffle=False, **more))

    def fit_generator(self, generator, count, epochs):
        """Train on what a generator gives, (x, y), `count` of them in each epoch, and return the history as `fit` does."""
        return _told(batches.ask(self.model, "fit", generator, count, epochs=epochs))

    def evaluate_batches(self, given):
        """Return the loss and metrics over what an object gives batch by batch, as `model.evaluate` gives them."""
        return [float(value) for value in np.ravel(batches.ask(self.model, "evaluate", given))]

    def printed_loss(self, x, y, batch_size):
        """Return (the loss that an epoch of `fit` prints, the one that its history tells), of rows as they stand."""
        with contextlib.redirect_stdout(io.StringIO()) as out:
            history = self.model.fit(x, y, batch_size=batch_size, shuffle=False, verbose=1)
        printed = re.findall(PRINTED, out.getvalue()) or ["nan"]
        return float(printed[-1]), history.history["loss"][0]

    def predict_batches(self, given):
        """Return the softmax of each row of what `Backend.batches` gives, (rows, classes)."""
        return np.asarray(batches.ask(self.model, "predict", given))

    def _callbacks(self, on_epoch, on_batch):
        hooks = {}
        if on_epoch:
            hooks["on_epoch_end"] = lambda _, epoch, logs=None: on_epoch(epoch + 1)
        if on_batch:  # The one name that every release calls; where nobody asks, none pays for it.
            hooks["on_batch_end"] = lambda _, batch, logs=None: on_batch(logs)
        return [type("Told", (self.keras.callbacks.Callback,), hooks)()] if hooks else []

    def predict(self, x, batch_size):
        """Return the softmax of each sample, (samples, classes)."""
        return np.asarray(self.model.predict(x, batch_size=batch_size, verbose=0))

    def evaluate(self, x, y, batch_size, **more):
        """Return (loss, accuracy) over the samples, as `model.evaluate` gives them; more: what else that takes."""
        loss, accuracy = self.model.evaluate(x, y, batch_size=batch_size, verbose=0, **more)[:2]
        return float(loss), float(accuracy)

    def metrics(self, x, y, batch_size):
        """Return (the names that the framework has for its metrics, the values that `model.evaluate` gives), in their order."""
        values = self.model.evaluate(x, y, batch_size=batch_size, verbose=0)
        return [_own_name(name) for name in self.model.metrics_names], [float(value) for value in values]

    def train_on_batch(self, x, y, **more):
        """Train one step as `model.train_on_batch` does and return [loss, metric, ...]; more: what it takes."""
        return [float(value) for value in np.ravel(self.model.train_on_batch(x, y, **more))]

    def test_on_batch(self, x, y):
        """Return what `model.test_on_batch` gives: the loss, and metrics."""
        return [float(value) for value in np.ravel(self.model.test_on_batch(x, y))]

    def freeze(self):
        """Let no step move the last recurrent layer from here on, as a user says it: `trainable`, and compile again."""
        self._freeze(self.recurrent)

    def freeze_answer(self):
        """Let no step move the layer that answers from here on."""
        self._freeze(self.model.layers[-1])

    def _freeze(self, layer):
        layer.trainable = False
        self.model.compile(**self.compiled)

    def compile_again(self, optimizer):
        """Compile the model once more, with another optimizer, as a user does who goes on at another rate."""
        self.model.compile(**dict(self.compiled, optimizer=optimizer))

    def learning(self):
        """Return how many arrays a step may move."""
        return len(self.model.trainable_weights)

    def watched(self):
        """Return what gives the model when called, and None once it is gone."""
        return weakref.ref(self.model)

    def stop(self):
        """End the `fit` that is going on, as a callback does."""
        self.model.stop_training = True

    def go_on(self, x, states):
        """Return [answers, h, c] of a network that hands its states over, from given states [h, c], each (samples, units)."""
        return [np.asarray(one) for one in self.model.predict([x, *states], batch_size=len(x), verbose=0)]

    def anew(self):
        """Return a network whose model is made of this one's settings, and holds its weights; it cannot tell its states."""
        found = copy.copy(self)
        found.model, found.recurrent = type(self.model).from_config(self.model.get_config()), None
        found.set_weights(self.weights())
        return found

    def predict_on_batch(self, x):
        """Return what `model.predict_on_batch` gives, as it is."""
        return self.model.predict_on_batch(x)

    def save(self, path):
        """Write the whole model to a file."""
        self.model.save(path)

    def load(self, path):
        """Take over the whole model that a file holds."""
        self.model = self.keras.models.load_model(path)

    def save_weights(self, path):
        """Write the weights alone to a file; path: ends in .weights.h5, the one ending that Keras 3 takes."""
        self.model.save_weights(path)

    def load_weights(self, path):
        """Take over the weights alone of what a file holds."""
        self.model.load_weights(path)

    def reset(self):
        """Forget the state by the framework's own word for it."""
        self.said["reset"](self.model, self.recurrent)

    def states(self):
        """Return the recurrent layer's states [h, c], each (batch, units); an empty list where it keeps none."""
        if not self.recurrent.stateful:
            return []
        return [self._array(state) for state in self.recurrent.states]

    def set_states(self, states):
        """Put these arrays in the place of the recurrent layer's states, by the layer's own word for it."""
        self.recurrent.reset_states(states)

    def weights(self):
        """Return [kernel, recurrent kernel, bias, dense kernel, dense bias]; gates in the order i, f, c, o."""
        return [np.array(array) for array in self.model.get_weights()]

    def set_weights(self, weights):
        """Put these arrays in the place of the weights; what state there is stays."""
        self.model.set_weights(weights)

    def slots(self):
        """Return the optimizer's own arrays: step count, learning rate and both moments of each weight."""
        return [self._array(variable) for variable in self._optimizer_variables()]

    def learning_rate(self):
        """Return the optimizer's learning rate."""
        return learning_rate(self.keras, self.said, self.model.optimizer)

    def set_rate_as_lr(self, rate):
        """Set the optimizer's learning rate by the name that it had before 2019."""
        self.model.optimizer.lr = rate

    def defaults(self):
        """Return the settings in effect, {"lstm.recurrent_activation": "sigmoid", "adam.epsilon": 1e-07, ...}.

        With them the names under which a fitted network tells its metrics, which code that reads them depends on.
        """
        names = {"history": self.history_names, "metrics_names": getattr(self.model, "metrics_names", ())}
        told = {"fit.{}".format(key): ", ".join(values) for key, values in names.items()}
        return dict(defaults.effective(self.recurrent, self.model.optimizer), **told, **defaults.of_keras(self.keras))

    def build_slots(self):
        """Let the optimizer make its arrays now instead of at its first step."""
        optimizer, weights = self.model.optimizer, self.model.trainable_weights
        if hasattr(optimizer, "build"):
            optimizer.build(weights)
            return
        # Before TensorFlow 2.11 only a step makes them; one over gradients of zero moves nothing but the step count.
        optimizer.apply_gradients([(0 * weight, weight) for weight in weights])
        optimizer.iterations.assign(0)

    def restart(self, weights, slots):
        """Put weights and slots back to given arrays and forget the state, as if freshly built."""
        self.set_weights(weights)
        for variable, value in zip(self._optimizer_variables(), slots):
            variable.assign(value)
        if self.recurrent.stateful:
            self.reset()

    def _optimizer_variables(self):
        optimizer = self.model.optimizer
        variables = getattr(optimizer, "variables", None) or optimizer.weights  # Keras 2 on its own has but the latter.
        return variables() if callable(variables) else variables

    def _array(self, variable):
        return _array(self.keras, variable)


def learning_rate(keras, said, optimizer):
    """Return an optimizer's learning rate; said: what this Keras calls it."""
    return float(_array(keras, said["learning rate"](optimizer)))


def schedule(keras):
    """Return the class of schedules that give one rate after the other, None where there is none (a separate Keras 2)."""
    schedules = getattr(keras.optimizers, "schedules", None)
    # In Keras 2.10 a module of them is all that the package holds.
    return getattr(getattr(schedules, "learning_rate_schedule", schedules), "PiecewiseConstantDecay", None)


def _array(keras, variable):
    if hasattr(keras.backend, "get_value"):
        return np.array(keras.backend.get_value(variable))
    return np.array(variable.numpy() if hasattr(variable, "numpy") else variable)


def _told(history):
    return {_own_name(name): [float(value) for value in values] for name, values in history.history.items()}


def _own_name(name):
    """Return the harness's word for a metric, of validation data too ("val_acc")."""
    before = "val_" if name.startswith("val_") else ""
    plain = name[len(before) :]
    return before + METRIC_NAMES.get(plain, plain)


def as_listed(keras, layers, framing):
    """Return (model, its LSTM) as the listing builds them; layers: the way to say a fixed batch."""
    shape = (framing.batch_size if framing.stateful else None,) + framings.shape(framing)
    model, first = keras.models.Sequential(), layers(keras, shape, framing.units, framing.stateful)
    for layer in first:
        model.add(layer)
    model.add(keras.layers.Dense(framings.classes(framing), activation="softmax"))
    return model, first[-1]
