"""One network of the tutorial, through the framework's public API: what the listing calls, call for call."""

import numpy as np

from harness import framings


class Network:
    """An LSTM and a softmax, compiled. Arrays in and out; the model itself stays behind this border."""

    def __init__(self, keras, framing, metrics):
        self.keras = keras
        self.model = _model(keras, framing)
        self.model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=metrics)
        self.recurrent = next(
            layer
            for layer in self.model.layers
            if hasattr(layer, "stateful") and layer.stateful is not None and hasattr(layer, "cell")
        )

    def fit(self, x, y, batch_size, shuffle, epochs=1, on_epoch=None, on_batch=None):
        """Train as `model.fit` does and return its history: {"loss": [per epoch], metric: [per epoch]}."""
        callbacks = self._callbacks(on_epoch, on_batch)
        history = self.model.fit(x, y, epochs=epochs, batch_size=batch_size, shuffle=shuffle, verbose=0, callbacks=callbacks)
        return {name: [float(value) for value in values] for name, values in history.history.items()}

    def _callbacks(self, on_epoch, on_batch):
        hooks = {}
        if on_epoch:
            hooks["on_epoch_end"] = lambda epoch, logs: on_epoch(epoch + 1)
        if on_batch:
            hooks["on_train_batch_end"] = lambda batch, logs: on_batch(logs)
        return [self.keras.callbacks.LambdaCallback(**hooks)] if hooks else None

    def predict(self, x, batch_size):
        """Return the softmax of each sample, (samples, classes)."""
        return np.asarray(self.model.predict(x, batch_size=batch_size, verbose=0))

    def evaluate(self, x, y, batch_size):
        """Return (loss, accuracy) over the samples, as `model.evaluate` gives them."""
        loss, accuracy = self.model.evaluate(x, y, batch_size=batch_size, verbose=0)[:2]
        return float(loss), float(accuracy)

    def reset(self):
        """Forget the state by the framework's own word for it: the model's method, or where that is gone the layer's."""
        owner = self.model if hasattr(self.model, "reset_states") else self.recurrent
        owner.reset_states()

    def states(self):
        """Return the recurrent layer's states [h, c], each (batch, units); an empty list where it keeps none."""
        if not self.recurrent.stateful:
            return []
        return [_array(state) for state in self.recurrent.states]

    def weights(self):
        """Return [kernel, recurrent kernel, bias, dense kernel, dense bias]; gates in the order i, f, c, o."""
        return [np.array(array) for array in self.model.get_weights()]

    def slots(self):
        """Return the optimizer's own arrays: step count, learning rate and both moments of each weight."""
        return [_array(variable) for variable in self._optimizer_variables()]

    def learning_rate(self):
        """Return the optimizer's learning rate."""
        return float(_array(self.model.optimizer.learning_rate))

    def build_slots(self):
        """Let the optimizer make its arrays now instead of at its first step."""
        self.model.optimizer.build(self.model.trainable_variables)

    def restart(self, weights, slots):
        """Put weights and slots back to given arrays and forget the state, as if freshly built."""
        self.model.set_weights(weights)
        for variable, value in zip(self._optimizer_variables(), slots):
            variable.assign(value)
        if self.recurrent.stateful:
            self.reset()

    def _optimizer_variables(self):
        variables = self.model.optimizer.variables
        return variables() if callable(variables) else variables


def _model(keras, framing):
    rows = framing.batch_size if framing.stateful else None
    model = keras.models.Sequential()
    model.add(keras.layers.Input(batch_shape=(rows,) + framings.shape(framing)))
    model.add(keras.layers.LSTM(framing.units, stateful=framing.stateful))
    model.add(keras.layers.Dense(framings.classes(framing), activation="softmax"))
    return model


def _array(variable):
    return np.array(variable.numpy() if hasattr(variable, "numpy") else variable)
