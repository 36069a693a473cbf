"""What `fit` and `compiled` do with the same weights and the same samples, and what `fit` alone decides.

A check looks at a few steps of training and never judges; `expectations/` says what the numbers must be.
"""

from functools import partial

import numpy as np

from harness import framings, probes, training

STEPS = 50
ROWS_ORDERED = 100  # Enough rows to see an order in; all 1,000 of variable length would take 4 s an epoch and tell no more.
EPOCHS_ORDERED = 3
SIGMAS = 5.3  # Once in ten million draws.


def agreement(fit, compiled, framing, seed):
    """Return the largest deviations between the engines after 50 steps from the same weights over the same samples.

    weights, states, slots: absolute, over every array; a reset falls after the first epoch where the framing is stateful.
    loss: of the mean loss of those steps. answers: of the softmax of `predict` against the compiled program's.
    """
    x, y = fit.backend.arrays(framing)
    initial = compiled.initial_weights(framing, seed)
    public, (kept, program, slots) = fit.backend.build(framing), compiled.prepared(framing)
    public.build_slots()
    public.restart(initial, slots)
    kept.restart(initial, slots)
    rows, resets = _rows(framing, seed)
    fitted = _fit_rows(public, framing, x, y, rows, resets)
    padding = training.piece_length(framing) - len(rows)
    padded = np.pad(rows, ((0, padding), (0, 0))), np.pad(resets, (0, padding))
    losses, _ = program.train_padded(*padded, STEPS)
    return {
        "weights": _deviation(public.weights(), kept.weights()),
        "states": _deviation(public.states(), kept.states()),
        "slots": _deviation(public.slots(), kept.slots()),
        "loss": float(abs(np.mean(losses) - fitted)),
        "answers": _deviation([public.predict(x[rows[0]], len(rows[0]))], [program.answer(x[rows[0]])]),
        "program": program.kind,
    }


def _rows(framing, seed):
    """Return 50 steps of samples in random order, and a reset after the first epoch but none at the end."""
    per_epoch = framings.steps_per_epoch(framing)
    random, samples = np.random.RandomState(seed), len(framings.patterns(framing))
    epochs = [random.permutation(samples) for _ in range(-(-STEPS // per_epoch))]
    rows = np.concatenate(epochs).reshape(len(epochs) * per_epoch, -1)[:STEPS]
    return rows, np.arange(1, STEPS + 1) == min(per_epoch, STEPS // 2)


def _fit_rows(network, framing, x, y, rows, resets):
    """Train through `fit` on rows that are already in order and return the mean loss of all steps."""
    losses = []
    for piece, forget in zip(np.split(rows, np.flatnonzero(resets) + 1), (True, False)):
        order = piece.reshape(-1)
        history = network.fit(x[order], y[order], batch_size=len(rows[0]), shuffle=False)
        losses += [history["loss"][0]] * len(piece)
        if forget and framing.stateful:
            network.reset()
    return float(np.mean(losses))


def _deviation(ours, theirs):
    if len(ours) != len(theirs):
        return float("inf")
    return float(np.max([np.abs(a - b).max() for a, b in zip(ours, theirs)] or [0.0]))


def order(backend, framing, seed):
    """Return what one `fit` of three epochs feeds the network, seeded and, where it shuffles, `unseeded` too:

    given: the patterns' order; permutations: each epoch has every row once; differ: no two epochs are alike; mixed, of the
    unseeded ones: rows stand as far from their place as drawn orders have them. Each target carries its row's number, and
    metrics that read it back say which row stood where in each batch.
    """
    backend.seed(seed)
    seeded = fed(backend, framing)
    if not framing.shuffle:
        return seeded
    backend.seed(None)
    epochs = seen(backend, framing, [framing.shuffle])[0]
    return dict(seeded, unseeded=dict(described(epochs), mixed=is_mixed(epochs)))


def fed(backend, framing):
    """Return what one `fit` of three epochs feeds a fresh network, in the words of `order`, whatever the seed is now."""
    return described(seen(backend, framing, [framing.shuffle])[0])


def seen(backend, framing, shuffles, build=None):
    """Return the orders [rows of an epoch] of three epochs, of a `fit` for each `shuffle`; None says nothing of it to `fit`.

    build: metrics -> the Network that is fed, the framing's own unless one is given.
    """
    x, y = backend.arrays(framing)
    x, y = x[:ROWS_ORDERED], np.array(y[:ROWS_ORDERED])
    y[:, 0] = np.arange(len(y))
    places = [_row_at(place) for place in range(min(framing.batch_size, len(y)))]
    network, names = (build or partial(backend.build, framing))(metrics=places), [place.__name__ for place in places]
    return [_epochs_seen(network, framing.batch_size, shuffle, x, y, names) for shuffle in shuffles]


def described(epochs):
    """Return of the orders of some epochs whether all are the given one, hold every row once, and differ from each other."""
    rows = list(range(len(epochs[0])))
    return {
        "given": all(epoch == rows for epoch in epochs),
        "permutations": all(sorted(epoch) == rows for epoch in epochs),
        "differ": len({tuple(epoch) for epoch in epochs}) == len(epochs),
    }


def is_mixed(epochs):
    """Whether rows stand as far from their place, and as seldom behind the row before them, as drawn orders have them.

    A row of n stands n / 3 from its place on average, with a standard deviation of n / sqrt(18); about one an epoch follows the
    row before it, as Poisson has it. Both bounds are passed by chance once in ten million times.
    """
    orders = np.array(epochs)
    far = np.abs(orders - np.arange(orders.shape[1])).mean() / orders.shape[1]
    follow = (np.diff(orders, axis=1) == 1).sum()
    few = len(epochs) + SIGMAS * (1 + np.sqrt(len(epochs)))
    return bool(far > 1 / 3.0 - SIGMAS / np.sqrt(18 * orders.size) and follow <= few)


def _row_at(place):
    def row(y_true, y_pred):
        return y_true[place : place + 1, 0]

    row.__name__ = "row_{}".format(place)
    return row


def _epochs_seen(network, batch_size, shuffle, x, y, names):
    means = []
    network.fit(
        x,
        y,
        batch_size,
        shuffle,
        epochs=EPOCHS_ORDERED,
        on_batch=lambda logs: means.append([logs[name] for name in names]),
    )
    return [_rows_told(epoch) for epoch in np.split(np.array(means, dtype=float), EPOCHS_ORDERED)]


def _rows_told(means):
    """Return the rows of an epoch from what callbacks were told batch by batch.

    Keras up to 2.2 tells each batch's own value; later ones the running mean so far, which is undone: n times the n-th mean,
    less what came before. Rows are whole numbers, and a running mean of them is so throughout only if all are alike.
    """
    if np.allclose(means, np.rint(means), atol=1e-4):
        return np.rint(means).astype(int).reshape(-1).tolist()
    sums = means * np.arange(1, len(means) + 1)[:, None]
    return np.rint(np.diff(sums, axis=0, prepend=0)).astype(int).reshape(-1).tolist()


def moved(trained):
    """Return how far training moved, at the most, the recurrent kernel, and what kernel and bias hold of the forget gate.

    Both have their part in the state before alone: where every sequence is one step from a state of zeros, no gradient comes to
    them.
    """
    before, after = trained.initial_weights, trained.network.weights()
    return {
        "recurrent_kernel": _deviation(before[1:2], after[1:2]),
        "forget_gate": _deviation(_forget_gate(before), _forget_gate(after)),
    }


def _forget_gate(weights):
    kernel, recurrent, bias = weights[:3]
    columns = slice(len(recurrent), 2 * len(recurrent))  # Gates stand in the order i, f, c, o.
    return [kernel[:, columns], bias[columns]]


def other_batch_size(network, framing, x):
    """Return whether `predict` refuses twice the batch that the network was built for, and the name of the error it gives."""
    try:
        network.predict(x[: 2 * framing.batch_size], 2 * framing.batch_size)
    except Exception as error:  # noqa: BLE001 - which error it is, is the observation
        return {"refused": True, "error": type(error).__name__}
    return {"refused": False, "error": None}


def repeats(engine, framing, seed, weights):
    """Return whether training again from the same seed gives these weights, bit for bit."""
    again = engine.train(framing, seed).network.weights()
    return probes.weights_digest(again) == probes.weights_digest(weights)


def same_loss(fit, compiled, framing, seed):
    """Return how far the two engines' losses are apart after the whole budget, where both take the same samples in order.

    fit: the loss that `fit` ended with; what `compiled` ends with is trained here.
    """
    trained = compiled.train(framing, seed)
    loss, _ = trained.network.evaluate(trained.x, trained.y, framing.batch_size)
    return {"whole_loss": abs(loss - fit)}
