"""A network's training as one TensorFlow program: its own call, loss, gradient, optimizer and reset, without `fit`."""

import time

import numpy as np
import tensorflow as tf

from harness.errors import StackError


class Program:
    """Trains one network over given rows of (x, y). `kind` is "xla" where that compiles, else "function".

    x, y: (samples, steps, features) and (samples, classes), float32. The rows of a step are looked up by tf.gather:
    slicing them would compile anew for every order of samples (measured: 0.8 s a seed).
    """

    def __init__(self, network, x, y):
        self.network = network
        self.x, self.y = tf.constant(x), tf.constant(y)
        network.build_slots()
        self.answer_function = tf.function(lambda rows: network.model(rows, training=False))
        self.kind, self.compile_seconds = None, 0.0

    def train(self, rows, resets):
        """Train one step for each row of `rows` and return (losses, accuracies), float32 of shape (steps,).

        rows: (steps, batch) whole numbers, the samples of each step; resets: (steps,) booleans, forget after this step.
        Arrays of one shape share one compilation; `steps` may end early where `rows` is padded (see `train_padded`).
        """
        return self.train_padded(rows, resets, len(rows))

    def train_padded(self, rows, resets, steps):
        """Train only the first `steps` of `rows`, so that a shorter last piece needs no compilation of its own."""
        if self.kind is None:
            self._compile(rows, resets)
        losses, accuracies = self._call(rows, resets, steps)
        return losses[:steps], accuracies[:steps]

    def answer(self, x):
        """Return the softmax of each sample, (samples, classes); a stateful network goes on from its state."""
        return self.answer_function(tf.constant(x)).numpy()

    def _compile(self, rows, resets):
        started = time.perf_counter()
        for kind, options in (("xla", {"jit_compile": True}), ("function", {})):
            try:
                self.function = tf.function(self._train, **options)
                self._call(rows, resets, 0)
            except (TypeError, tf.errors.InvalidArgumentError, tf.errors.UnimplementedError):
                continue  # No such argument in TensorFlow 2.0; an operation that XLA lacks in 2.4 (both measured).
            self.kind, self.compile_seconds = kind, time.perf_counter() - started
            return
        raise StackError("neither XLA nor tf.function compiles this network's training here; only `fit` can train it")

    def _call(self, rows, resets, steps):
        rows = tf.constant(np.asarray(rows, dtype="int32"))
        losses, accuracies = self.function(rows, tf.constant(np.asarray(resets, dtype=bool)), tf.constant(steps))
        return losses.numpy(), accuracies.numpy()

    def _train(self, rows, resets, steps):
        nothing = tf.zeros([rows.shape[0]])

        def body(step, losses, accuracies):
            loss, accuracy = self._step(tf.gather(rows, step))
            if self.network.recurrent.stateful:
                tf.cond(tf.gather(resets, step), self._reset, lambda: False)
            at = [[step]]
            losses = tf.tensor_scatter_nd_update(losses, at, [loss])
            return step + 1, losses, tf.tensor_scatter_nd_update(accuracies, at, [accuracy])

        return tf.while_loop(lambda step, *_: step < steps, body, [0, nothing, nothing])[1:]

    def _step(self, rows):
        model, x, y = self.network.model, tf.gather(self.x, rows), tf.gather(self.y, rows)
        with tf.GradientTape() as tape:
            answers = model(x, training=True)
            loss = _loss(model, x, y, answers)
        gradients = tape.gradient(loss, model.trainable_variables)
        model.optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        hits = tf.equal(tf.argmax(answers, axis=-1), tf.argmax(y, axis=-1))
        return loss, tf.reduce_mean(tf.cast(hits, "float32"))

    def _reset(self):
        self.network.reset()
        return True


def _loss(model, x, y, answers):
    """Return the model's compiled loss, under the name that its release has for it (from 2.9, from 2.2, in 2.0)."""
    if hasattr(model, "compute_loss"):
        return model.compute_loss(x=x, y=y, y_pred=answers)
    if hasattr(model, "compiled_loss"):
        return model.compiled_loss(y, answers)
    return tf.reduce_mean(model.loss_functions[0](y, answers))
