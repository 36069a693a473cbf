"""A network's training as one JAX program: `lax.scan` over Keras' own stateless call and the optimizer's stateless step."""

import time

import jax
import keras
import numpy as np
from jax import numpy as jnp


class Program:
    """Trains one network over given rows of (x, y); `kind` is "scan".

    x, y: (samples, steps, features) and (samples, classes), float32. Keras variables are read before a call and written after.
    """

    def __init__(self, network, x, y):
        self.network, self.model = network, network.model
        self.x, self.y = jnp.asarray(x), jnp.asarray(y)
        network.build_slots()
        self.kind, self.compile_seconds = None, 0.0
        self.scan = jax.jit(self._scan)
        self.call = jax.jit(lambda carried, x: self.model.stateless_call(*carried[:2], x, training=False))

    def train(self, rows, resets):
        """Train one step for each row of `rows` and return (losses, accuracies), float32 of shape (steps,).

        rows: (steps, batch) whole numbers, the samples of each step; resets: (steps,) booleans, forget after this step.
        Arrays of one shape share one compilation; `steps` may end early where `rows` is padded (see `train_padded`).
        """
        return self.train_padded(rows, resets, len(rows))

    def train_padded(self, rows, resets, steps):
        """Train only the first `steps` of `rows`, so that a shorter last piece needs no compilation of its own."""
        if self.kind is None:
            started = time.perf_counter()
            self._call(rows, resets, 0)
            self.kind, self.compile_seconds = "scan", time.perf_counter() - started
        losses, accuracies = self._call(rows, resets, steps)
        return losses[:steps], accuracies[:steps]

    def answer(self, x):
        """Return the softmax of each sample, (samples, classes); a stateful network goes on from its state."""
        carried = self._carried()
        answers, states = self.call(carried, jnp.asarray(x))
        self._keep((carried[0], states, carried[2]))
        return np.asarray(answers)

    def _call(self, rows, resets, steps):
        rows = jnp.asarray(np.asarray(rows, dtype="int32"))
        taken = jnp.arange(len(rows)) < steps
        carried, found = self.scan(self._carried(), rows, jnp.asarray(np.asarray(resets, dtype=bool)), taken)
        self._keep(carried)
        return tuple(np.asarray(values) for values in found)

    def _groups(self):
        return self.model.trainable_variables, self.model.non_trainable_variables, self.model.optimizer.variables

    def _carried(self):
        return tuple([variable.value for variable in group] for group in self._groups())

    def _keep(self, carried):
        for group, values in zip(self._groups(), carried):
            for variable, value in zip(group, values):
                variable.assign(value)

    def _scan(self, carried, rows, resets, taken):
        def body(carried, step):
            rows, forget, is_taken = step
            return jax.lax.cond(is_taken, self._step, _skip, carried, rows, forget)

        return jax.lax.scan(body, carried, (rows, resets, taken))

    def _step(self, carried, rows, forget):
        weights, states, slots = carried
        x, y = self.x[rows], self.y[rows]
        (loss, (answers, states)), gradients = jax.value_and_grad(self._loss, has_aux=True)(weights, states, x, y)
        weights, slots = self.model.optimizer.stateless_apply(slots, gradients, weights)
        if self.network.recurrent.stateful:
            states = jax.lax.cond(forget, self._forgotten, lambda states: states, states)
        hits = jnp.argmax(answers, axis=-1) == jnp.argmax(y, axis=-1)
        return (weights, states, slots), (loss, hits.mean(dtype="float32"))

    def _loss(self, weights, states, x, y):
        answers, states = self.model.stateless_call(weights, states, x, training=True)
        return self.model.compute_loss(x=x, y=y, y_pred=answers), (answers, states)

    def _forgotten(self, states):
        """Return the states after the layer's own reset, which assigns to variables, followed by Keras' scope."""
        variables = self.model.non_trainable_variables
        with keras.StatelessScope(state_mapping=list(zip(variables, states))) as scope:
            self.network.reset()
        return [scope.get_current_value(variable) for variable in variables]


def _skip(carried, rows, forget):
    return carried, (jnp.float32(0), jnp.float32(0))
