"""A network's training as one TensorFlow program: its own call, loss, gradient, optimizer and reset, without `fit`."""

import contextlib
import time
from functools import partial

import numpy as np
import tensorflow as tf

# What a layer calls it that it could go to a GPU's own kernel: in TensorFlow 2.0 and 2.1, and since.
GPU_FLAGS = ("could_use_cudnn", "_could_use_gpu_kernel")


class Program:
    """Trains one network over given rows of (x, y). `kind` is "xla" where that compiles once, else "function".

    x, y: (samples, steps, features) and (samples, classes), float32. The rows of a step are looked up by tf.gather:
    slicing them would compile anew for every order of samples (measured: 0.8 s a seed).
    """

    def __init__(self, network, x, y):
        self.network = network
        self.x, self.y = tf.constant(x), tf.constant(y)
        network.build_slots()
        self.answer_function = tf.function(lambda rows: network.model(rows, training=False))
        self.kind, self.compile_seconds, self.is_by_cell = None, 0.0, False

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
        pieces = [self._call(rows, resets, first, end) for first, end in self._stretches(resets, steps)]
        return tuple(np.concatenate(values) for values in zip(*pieces))

    def _stretches(self, resets, steps):
        """Yield (first, end) of what one call may take: all, or where a reset has no effect inside, up to the next one."""
        ends = [] if self.resets_inside else (np.flatnonzero(resets[:steps]) + 1).tolist()
        for first, end in zip([0] + ends, ends + [steps]):
            if first < end:
                yield first, end
            if end in ends:
                self.network.reset()

    def answer(self, x):
        """Return the softmax of each sample, (samples, classes); a stateful network goes on from its state."""
        return self.answer_function(tf.constant(x)).numpy()

    def _compile(self, rows, resets):
        started = time.perf_counter()
        for kind, function in self._kinds(np.shape(rows)[1]):
            try:
                self.function = function(self._train)
                self._call(rows, resets, 0, 0)
            except (TypeError, tf.errors.InvalidArgumentError, tf.errors.UnimplementedError):
                continue  # As XLA answered for an operation that it lacked, in TensorFlow 2.4.
            self.kind, self.compile_seconds = kind, time.perf_counter() - started
            self.resets_inside = not self.network.recurrent.stateful or self._can_reset_inside()
            return
        raise RuntimeError("neither XLA nor tf.function compiles this network's training here; only `fit` can train it")

    def _kinds(self, batch_size):
        """XLA first, by the name that a release has for it, but not where a function is left that cannot be traced in place.

        XLA takes all that such a call is given for constants, the weights too, and compiles anew whenever they have changed:
        1 s and 7 MB each time on TensorFlow 2.10.
        """
        self.is_by_cell = self._is_nested(batch_size)
        if self.is_by_cell and self._is_nested(batch_size):
            return [("function", tf.function)]
        named = [("xla", partial(tf.function, **{name: True})) for name in ("jit_compile", "experimental_compile")]
        return [*named, ("xla", _cluster), ("function", tf.function)]

    def _is_nested(self, batch_size):
        traced = tf.function(self._answers).get_concrete_function(self.x[:batch_size])
        return any(operation.type.endswith("PartitionedCall") for operation in traced.graph.get_operations())

    def _answers(self, x):
        """The network's own call, traced in place."""
        with _in_place(self.network.recurrent, self.is_by_cell):
            return self.network.model(x, training=True)

    def _can_reset_inside(self):
        """Whether the layer's own reset acts within a traced function: TensorFlow 2.0 carries it out while tracing, once."""
        states, function = self.network.recurrent.states, tf.function(self._reset)
        kept = [state.numpy() for state in states]
        for _ in range(2):  # The first call traces; only what the second one does counts.
            for state in states:
                state.assign(tf.ones_like(state))
            function()
        is_zero = not any(state.numpy().any() for state in states)
        for state, value in zip(states, kept):
            state.assign(value)
        return is_zero

    def _call(self, rows, resets, first, end):
        rows = tf.constant(np.asarray(rows, dtype="int32"))
        resets = tf.constant(np.asarray(resets, dtype=bool))
        losses, accuracies = self.function(rows, resets, tf.constant(first), tf.constant(end))
        return losses.numpy()[first:end], accuracies.numpy()[first:end]

    def _train(self, rows, resets, first, end):
        nothing = tf.zeros([rows.shape[0]])

        def body(step, losses, accuracies):
            loss, accuracy = self._step(tf.gather(rows, step))
            if self.network.recurrent.stateful:  # Where this has no effect, the piece ends here and `_stretches` resets.
                tf.cond(tf.gather(resets, step), self._reset, lambda: False)
            at = [[step]]
            losses = tf.tensor_scatter_nd_update(losses, at, [loss])
            return step + 1, losses, tf.tensor_scatter_nd_update(accuracies, at, [accuracy])

        return tf.while_loop(lambda step, *_: step < end, body, [first, nothing, nothing])[1:]

    def _step(self, rows):
        model, x, y = self.network.model, tf.gather(self.x, rows), tf.gather(self.y, rows)
        with tf.GradientTape() as tape:
            answers = self._answers(x)
            loss = _loss(model, x, y, answers)
        gradients = tape.gradient(loss, model.trainable_variables)
        model.optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        hits = tf.equal(tf.argmax(answers, axis=-1), tf.argmax(y, axis=-1))
        return loss, tf.reduce_mean(tf.cast(hits, "float32"))

    def _reset(self):
        self.network.reset()
        return True


def _cluster(train):
    """A graph that is one cluster, which XLA compiles: 0.11 ms a step of variable length on TensorFlow 2.0, 0.77 without."""
    return tf.function(lambda *given: tf.xla.experimental.compile(train, given), autograph=False)


@contextlib.contextmanager
def _in_place(layer, is_by_cell):
    """Let a layer call no function of its own, where TensorFlow can (from 2.3).

    is_by_cell: and run its cell step by step, as it does wherever it could not go to cuDNN. Up to Keras 2.11 it else puts the
    same steps into a function that stays one: 350 microseconds a step, where XLA takes 30 (TensorFlow 2.10).
    """
    switch = getattr(tf.config, "run_functions_eagerly", lambda is_inlined: None)
    changed = [flag for flag in GPU_FLAGS if is_by_cell and vars(layer).get(flag, False)]
    switch(True)
    try:
        vars(layer).update(dict.fromkeys(changed, False))
        yield
    finally:
        switch(False)
        vars(layer).update(dict.fromkeys(changed, True))


def _loss(model, x, y, answers):
    """Return the model's compiled loss, under the name that its release has for it (from 2.9, from 2.2, in 2.0)."""
    if hasattr(model, "compute_loss"):
        return model.compute_loss(x=x, y=y, y_pred=answers)
    if hasattr(model, "compiled_loss"):
        return model.compiled_loss(y, answers)
    return tf.reduce_mean(model.loss_functions[0](y, answers))
