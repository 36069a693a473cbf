"""Where does a stack leave the reference? Each stage asks one thing, from the stack's own weights, and never judges.

What is asked: LSTMs of 8 units over three steps, in batches of three, that keep their state, and that keep none. Stages after
the first take the settings it found, so that an era's own gates hide no fault.
"""

from functools import partial

import numpy as np

from harness import checks, diagnosis, experiments, framings, gradients, initial, reference, rounding, settings
from harness.backend import graphs
from harness.diagnosis import AGREES
from harness.errors import reason
from harness.experiments import ALONE, ARRAYS, BATCH, DESIGN, rows
from harness.subjects import Subjects, loud, moments, subject, sure

STATELESS = DESIGN.replace(stateful=False)
STAGES = (
    "data", "defaults", "initial_weights", "forward", "order", "loss", "stateless_gradient", "stateless_update", "gradient",
    "update", "state", "metrics", "first_epochs",
)  # fmt: skip


def observe(engine, seed):
    """Return {"stages": {stage: what it says}, "stages_off": {stage: units of the tolerance}} of one engine.

    A stage says "agrees", or what differs, by how many times what rounding explains, and as if what. They stand in the order
    in which a fault spreads: the first that does not agree is where it is. What an engine does not decide it is not asked.
    """
    backend = engine.backend
    told = {"data": [_data(backend)], "initial_weights": [initial.tell(backend, seed)]}
    for stage, found in _looked(("order",), _order, engine):
        told.setdefault(stage, []).append(found)
    backend.seed(seed)  # After what seeds for itself, which on TensorFlow 1 ends the life of every network.
    keeping = subject(engine, DESIGN, "adam", reference.NEWEST)
    setting, numerics = settings.odd(keeping.network.defaults())
    told["defaults"] = [setting]
    plain, slow = gradients.descents(backend)
    # Not of a compiled program, which takes whole batches alone: it would be compiled for this, 2.5 s on TensorFlow 2.0, and
    # each framing holds two epochs of it and its answers against `fit`.
    is_public = engine.decides_order
    subjects = Subjects(
        keeping._replace(given=keeping.given._replace(numerics=numerics)),
        subject(engine, STATELESS, "adam", numerics) if is_public else None,
        partial(subject, engine, DESIGN, plain, numerics),
        partial(subject, engine, STATELESS, slow, numerics),
        may_race=engine.backend.has_one_graph,
    )
    for stages, look in LOOKS:
        for stage, found in _looked(stages, look, subjects):
            told.setdefault(stage, []).append(found)
    worst = {stage: max(told[stage], key=lambda one: one[0]) for stage in STAGES if stage in told}
    return {
        "stages": {stage: words for stage, (_, words) in worst.items()},
        "stages_off": {stage: units for stage, (units, _) in worst.items()},
    }


def _looked(stages, look, subjects):
    """Yield (stage, (units, words)) of one look; what raises says so of every stage that it was to tell of."""
    try:
        yield from look(subjects)
    except Exception as error:  # noqa: BLE001 - what a stack cannot do is what it says
        for stage in stages:
            yield stage, (float("inf"), reason(error))


def _data(backend):
    """Whether the framework's own functions pad and encode as the listing's data are defined, and beyond what it asks."""
    x, y = backend.arrays(framings.VARIABLE_LENGTH)
    wanted_x, wanted_y = framings.arrays(framings.VARIABLE_LENGTH)
    looks = (
        ("padded samples", x, wanted_x),
        ("one-hot targets", y, wanted_y),
        ("sequences that are too long", backend.padded([[1, 2, 3, 4], [5]], maxlen=3), [[2, 3, 4], [0, 0, 5]]),
        ("sequences padded behind", backend.padded([[1, 2, 3, 4], [5]], maxlen=3, padding="post"), [[2, 3, 4], [5, 0, 0]]),
        ("sequences cut off behind", backend.padded([[1, 2, 3, 4], [5]], maxlen=3, truncating="post"), [[1, 2, 3], [0, 0, 5]]),
        ("sequences padded to the longest", backend.padded([[1], [2, 3]]), [[0, 1], [2, 3]]),
        ("one-hot targets of more classes", backend.one_hot([0, 2], num_classes=4), np.eye(4)[[0, 2]]),
    )
    for name, found, wanted in looks:
        if not np.array_equal(found, wanted):
            return float("inf"), "the {} are others".format(name)
    return 0.0, AGREES


def _order(engine):
    """Yield what `fit` feeds: the order given without `shuffle`, and with it every sample once, each epoch another way.

    No recurrent layer has a say in that, and without one it takes half as long (0.7 s on TensorFlow 2.15).
    """
    if not engine.decides_order:
        return
    yield "order", (0.0, AGREES)
    engine.backend.seed(None)
    flat = partial(graphs.flat, shape=framings.shape(STATELESS), classes=framings.classes(STATELESS))
    build = partial(engine.backend.assemble, flat, "adam")
    off, on, again, unsaid = checks.seen(engine.backend, STATELESS, (False, True, True, None), build)
    first, both = checks.described(on), checks.described(on + again)
    odd = (
        (not checks.described(off)["given"], "without shuffle, fit feeds another order than the given one"),
        (both["given"] or not first["differ"], "with shuffle, fit feeds the given order, or the same one again"),
        (not both["permutations"], "with shuffle, fit does not feed every sample once an epoch"),
        (not both["differ"], "with shuffle, another fit feeds the same orders again"),
        (not checks.is_mixed(on + again), "with shuffle, fit feeds an order that is much like the given one"),
        (checks.described(unsaid)["given"], "where nothing is said of it, fit does not shuffle"),
    )
    yield from (("order", (float("inf"), words)) for is_odd, words in odd if is_odd)


def _trained_alone(subjects):
    """Three epochs of a network that keeps no state, in two calls, each with a short last batch; and `train_on_batch`."""
    if not subjects.is_public:
        return
    subject, given = subjects.stateless, subjects.stateless.given
    found, floors, epoch = {}, {}, 0
    for count in experiments.EPOCHS_ALONE:
        for loss in subject.ways.epochs(np.arange(ALONE), count):
            epoch += 1
            found[experiments.epoch_label(epoch)] = np.array(loss)
        _note_moved(found, floors, subject, "epoch {}".format(epoch), epoch * experiments.EPOCH_ALONE)
    subject.network.train_on_batch(*given.samples(rows(0)))
    _note_moved(found, floors, subject, "train_on_batch", epoch * experiments.EPOCH_ALONE + 1)
    found.update(_moments(subject.network.slots(), given.weights))
    told = diagnosis.explain(found, experiments.updates_alone, given, floors)
    yield "stateless_update", told[:2]
    implied = gradients.implied(told, partial(experiments.gradients_alone, way="fit"), given)
    yield from _descended("stateless_gradient", gradients.alone, subjects, implied)


def _descended(stage, look, subjects, implied):
    """Look at the gradients only where training does not imply what they are.

    Each look takes a program of its own: of 18 CPU seconds through `fit` and compiled (TensorFlow 2.21) the three took 5.5.
    """
    yield from [(stage, implied)] if implied else _looked((stage,), look, subjects)


def _note_moved(found, floors, subject, when, steps):
    """Note how far each array has moved by now, and what of that is rounding."""
    given = subject.given
    for name, start, now in zip(ARRAYS, given.weights, subject.network.weights()):
        label = experiments.moved_label(name, when)
        found[label] = now - start
        floors[label] = rounding.stored(now, steps)


def _trained(subjects):
    """Two epochs in four calls from fresh weights and a fresh optimizer, then two in one: losses, moves of arrays, slots."""
    keeping, given = subjects.keeping, subjects.keeping.given
    found, floors, losses, step = {}, {}, {}, 0
    for count in experiments.CALLS:
        if step == experiments.EPOCH:
            keeping.network.reset()
        losses[experiments.loss_label(step + count)] = np.array(keeping.ways.train([rows(step + n) for n in range(count)]))
        step += count
        _note_moved(found, floors, keeping, "step {}".format(step), step)
    found.update(_moments(keeping.network.slots(), given.weights))
    told = diagnosis.explain(found, experiments.updates, given, floors)
    yield "update", told[:2]
    if not subjects.may_race:
        yield from _descended("gradient", gradients.kept, subjects, gradients.implied(told, experiments.gradients, given))
    for loss in keeping.ways.epochs(np.concatenate([rows(place) for place in range(experiments.EPOCH)]), experiments.MORE):
        step += experiments.EPOCH
        losses[experiments.loss_label(step)] = np.array(loss)
    yield "first_epochs", diagnosis.tell(losses, experiments.losses, given)


def _raced(subjects):
    """Look at the gradients whatever the moments say, because a race shows only sometimes; see `gradients.kept`."""
    if subjects.may_race:
        yield from gradients.kept(subjects)


def _moments(slots, weights):
    """Yield (label, array) of both moments of every array."""
    for name, both in zip(ARRAYS, moments(slots, weights)):
        yield from zip((experiments.moment_label(order, name) for order in ("first", "second")), both)


def _forward(subjects):
    """Answers and states, from zeros and from a kept state; and twice those that keep none, because what stays shows then."""
    keeping, given = subjects.keeping, subjects.keeping.shaken()
    for asked in (given, loud(given)):
        found = {}
        keeping.restart(asked)
        for step, start in enumerate(experiments.STARTS):
            found["the answers from " + start] = keeping.ways.answer(rows(step))
            found["the hidden state from " + start], found["the cell state from " + start] = keeping.network.states()
        # A gate that saturates may be rounded at the size of 1: XLA makes a sigmoid of a tanh.
        size = 0.0 if asked is given else 1.0
        yield "forward", diagnosis.tell(found, experiments.forward, asked, size=size)
    if not subjects.is_public:
        return
    keeping.restart(given)
    two = np.concatenate([rows(0), rows(1)])
    found = {"the answers to two batches in one call": keeping.ways.answer(two)}
    yield "forward", diagnosis.tell(found, experiments.at_once, given)
    stateless, alone = subjects.stateless, subjects.stateless.shaken()
    stateless.restart(alone)
    for _ in range(2):
        found = {"the answers without a state": stateless.ways.answer(np.arange(ALONE))}
        yield "forward", diagnosis.tell(found, experiments.alone, alone)


def _loss(subjects):
    keeping, given = subjects.keeping, subjects.keeping.shaken()
    keeping.restart(given)
    loss = keeping.ways.train([rows(0)])
    yield "loss", diagnosis.tell({"the loss of a training step": np.array(loss)}, experiments.loss, given)
    if not subjects.is_public:
        return
    stateless, alone = subjects.stateless, subjects.stateless.shaken()
    for asked in (alone, sure(alone)):
        stateless.restart(asked)
        loss, _ = stateless.network.evaluate(*asked.samples(np.arange(ALONE)), BATCH)
        yield "loss", diagnosis.tell({"the loss of evaluate": np.array(loss)}, experiments.evaluated, asked)


def _state(subjects):
    """What each way of an engine leaves of the state, and what a reset leaves; and that `evaluate` goes on from it."""
    keeping, given, found = subjects.keeping, subjects.keeping.shaken(), {}
    ways = {
        "answering": lambda step: keeping.ways.answer(rows(step)),
        "training": lambda step: keeping.ways.train([rows(step)]),
    }
    if subjects.is_public:
        ways["evaluate"] = lambda step: keeping.network.evaluate(*given.samples(rows(step)), batch_size=BATCH)
    for way, go in ways.items():
        keeping.restart(given)
        for step, start in enumerate(experiments.STARTS):
            keeping.network.set_weights(given.weights)  # Which training moved.
            told = go(step)
            found.update(experiments.labelled("after {} from {}".format(way, start), keeping.network.states()))
    if subjects.is_public:
        found["the loss of evaluate from a kept state"] = np.array(told[0])
    keeping.network.reset()
    found.update(experiments.labelled("after a reset", keeping.network.states()))
    yield "state", diagnosis.tell(found, partial(experiments.states, ways=tuple(ways)), given)


def _metrics(subjects):
    """Two of seven are made right, one of them alone in the last batch, which a mean over batches would count thrice."""
    if not subjects.is_public:
        return
    stateless, alone = subjects.stateless, subjects.stateless.shaken()
    answers = alone.network().forward(alone.x[:ALONE]).answers
    is_right = np.isin(np.arange(ALONE), (1, ALONE - 1))
    told = np.where(is_right, answers.argmax(axis=1), answers.argmin(axis=1))
    asked = alone._replace(y=np.eye(answers.shape[1])[told])
    stateless.restart(alone)
    _, accuracy = stateless.network.evaluate(*asked.samples(np.arange(ALONE)), BATCH)
    yield "metrics", diagnosis.tell({"the accuracy of evaluate": np.array(accuracy)}, experiments.accuracy, asked)


# In the order in which they are looked at: training first, while the optimizer is fresh.
LOOKS = (
    (("gradient", "update", "first_epochs"), _trained),
    (("stateless_gradient", "stateless_update"), _trained_alone),
    (("forward",), _forward),
    (("loss",), _loss),
    (("gradient",), _raced),
    (("state",), _state),
    (("metrics",), _metrics),
)
