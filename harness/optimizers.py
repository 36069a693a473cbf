"""The clauses of the contract on optimizers: their learning rate, however it is said, and the steps of three."""

from functools import partial

import numpy as np

from harness import clipping, settings
from harness.judging import NOT_ASKED
from harness.small import EMBEDDED, OFF, PLAIN, SAMPLES, SHORT, STEPS, alike, joined, samples, shaken, taken
from harness.subjects import moments

RATE = 0.25  # No framework's own.
BY_NAME = dict(dict.fromkeys(("adadelta", "adagrad", "adam", "adamax", "nadam", "rmsprop"), 0.001), sgd=0.01)
RHO, EPSILON = 0.9, 1e-7  # RMSprop's own; until Keras 2.1 epsilon was 1e-8, which is nothing beside the root of GREAT's square.
STEP = 1e-4
HALF = 3  # Rows of each of two batches.
SQUARES = 0.1  # What Adagrad's sum begins at, since TensorFlow 1.14 and in Keras 3.
DECAY = 0.5
STILL = 1e8  # An epsilon beside which the root of any gradient here, below 1, is nothing: Adam takes no step of its own.
SHARE = 0.5  # Of the step before, which momentum takes again.
# Of the mean square of gradients g half is forgotten at each step. By the largest so far a step of g / 10 is 0.1 times the one
# before (Reddi, Kale and Kumar, On the Convergence of Adam and Beyond, ICLR 2018, algorithm 2), by its own, some 0.49 g^2, 0.14
# times. After so many steps the correction for their number is within 1 % of 1: TensorFlow 1 may count one too many.
FADING, BEFORE = 0.5, 5
TENTH, TENTH_OFF = 0.1, 0.02
GREAT = 1e-4  # Smaller numbers of a gradient may be off by as much where updates race, as in TensorFlow 1.


def rates_by_name(networks):
    """An optimizer that is asked for by its name alone has the learning rate that it has had since TensorFlow 2."""
    found = {name: float("{:.6g}".format(networks.backend.rate_by_name(name))) for name in sorted(BY_NAME)}
    odd = ["of {} is {:g}".format(name, rate) for name, rate in sorted(found.items()) if rate != BY_NAME[name]]
    return "the learning rate " + ", ".join(odd) if odd else None


def rate_said_as_lr_is_in_effect(networks):
    """`Adam(lr=...)`, as it was called before 2019, has that learning rate, or is refused."""
    try:
        optimizer = networks.backend.adam_by_lr(RATE)
    except Exception:  # noqa: BLE001 - to refuse is right, whatever the error is called
        return None
    found = networks.backend.construct(PLAIN, ("accuracy",), optimizer).learning_rate()
    return None if found == RATE else "Adam(lr={:g}) has a learning rate of {:g}".format(RATE, found)


def rate_set_as_lr_is_in_effect(networks):
    """A rate that is set as `model.optimizer.lr` is the one that the next step is taken with, or is refused."""
    gradient = joined(clipping.gradient(networks.get()))
    network = shaken(networks.backend, PLAIN, optimizer=networks.backend.descent(0.0))
    network.train_on_batch(*samples())  # Keras before 2.3 makes its step of the rate that it finds when it first trains.
    try:
        network.set_rate_as_lr(SHORT)
    except Exception:  # noqa: BLE001 - to refuse is right, whatever the error is called
        return None
    step = _step(network)
    if not step.any():
        return "a rate that is set as optimizer.lr changes nothing: training goes on with the one before"
    return None if alike(step, SHORT * gradient) else "a step at a rate that is set as optimizer.lr is of another length"


def decay_is_in_effect(networks):
    """A `decay` that an optimizer is given divides its rate by 1 + decay * step, the first being 0, or is refused."""
    whole = SHORT * joined(clipping.gradient(networks.get()))
    try:
        optimizer = networks.backend.descent(SHORT, decay=1.0)
    except Exception:  # noqa: BLE001 - to refuse is right, whatever the error is called
        return None
    network = shaken(networks.backend, PLAIN, optimizer=optimizer)
    _, second = _step(network), _step(network)
    if alike(second, whole):
        return "a decay changes nothing: the second step is as long as without one"
    # TensorFlow 1.0 may count a step before it divides by their number: of eight descents one began at half its rate, and two
    # took the third step at a quarter, not a third.
    is_decayed = any(alike(second, whole / count) for count in (2, 3))
    return None if is_decayed else "with a decay of 1 the second step is not half as long as without one"


def compiled_again_takes_its_rate(networks):
    """A model that was trained, and is compiled again with another optimizer, takes its next step with that one."""
    gradient = joined(clipping.gradient(networks.get()))
    network = shaken(networks.backend, PLAIN, optimizer=networks.backend.descent(0.0))
    network.train_on_batch(*samples())
    network.compile_again(networks.backend.descent(SHORT))
    step = _step(network)
    if not step.any():
        return "compiled again, a model is trained by the optimizer that it had"
    return None if alike(step, SHORT * gradient) else "compiled again, a model takes a step of another length than its rate"


def scheduled_rate_is_in_effect(networks):
    """An optimizer whose rate is a schedule (`PiecewiseConstantDecay`) takes each step at the rate that this gives for it."""
    schedule = networks.backend.rates_in_pieces([SHORT, SHORT / 4])
    if schedule is None:  # A separate Keras 2.
        return NOT_ASKED
    whole = SHORT * joined(clipping.gradient(networks.get()))
    network = shaken(networks.backend, PLAIN, optimizer=networks.backend.descent(schedule))
    for name, share in (("first", 1), ("second", 1 / 4)):
        if not alike(_step(network), share * whole):
            return "by a schedule of two rates, the {} step is of another length than its rate gives".format(name)
    return None


def nesterov_looks_ahead(networks):
    """By Nesterov's momentum m a step is that of plain descent, and m times the velocity that it has just brought up to date.

    From rest, over one gradient, steps are 1 + m plain ones, then 1 + m + m * m. (Bengio, Boulanger-Lewandowski and Pascanu,
    Advances in optimizing recurrent networks, ICASSP 2013, section 3.5.)
    """
    step = SHORT * joined(clipping.gradient(networks.get()))
    network = shaken(networks.backend, PLAIN, optimizer=networks.backend.descent(SHORT, SHARE, nesterov=True))
    found = np.array([_step(network) for _ in range(2)])
    if alike(found, np.multiply.outer([1 + SHARE, 1 + SHARE + SHARE**2], step)):
        return None
    is_plain = alike(found, np.multiply.outer([1, 1 + SHARE], step))
    return "by Nesterov's momentum, steps are " + ("those of momentum alone" if is_plain else "of other lengths than it has")


def rmsprop_divides_by_the_root(networks):
    """A step of RMSprop is rate * g / sqrt(m + epsilon) of the gradient g, whose square goes into m, a running mean."""
    gradient = joined(clipping.gradient(networks.get()))
    great = np.abs(gradient) >= GREAT
    network = shaken(networks.backend, PLAIN, optimizer=networks.backend.optimizer("RMSprop", STEP))
    steps, gradient = np.array([_step(network)[great] for _ in range(2)]) / STEP, gradient[great]
    means = np.multiply.outer([1 - RHO, 1 - RHO**2], gradient**2)
    if alike(steps, gradient / np.sqrt(means + EPSILON)):
        return None
    is_outside = alike(steps, gradient / (np.sqrt(means) + EPSILON))
    return "RMSprop adds epsilon to the root" if is_outside else "RMSprop takes other steps than its definition"


def adagrad_begins_at_a_tenth(networks):
    """Adagrad's first step is rate * g / sqrt(0.1 + g * g) of the gradient g: what it sums squares in is not empty."""
    gradient = joined(clipping.gradient(networks.get()))
    great = np.abs(gradient) >= GREAT
    network = shaken(networks.backend, PLAIN, optimizer=networks.backend.optimizer("Adagrad", STEP))
    step, gradient = _step(network)[great] / STEP, gradient[great]
    if alike(step, gradient / np.sqrt(SQUARES + gradient**2)):
        return None
    is_empty = alike(step, np.sign(gradient))
    return "Adagrad's first step is " + ("the rate, whatever the gradient is" if is_empty else "another than its definition")


def adam_squares_whole_gradients(networks):
    """Of an Embedding, whose tokens come more than once, Adam's second moment is a mean of the square of the whole gradient."""
    network = shaken(networks.backend, EMBEDDED)
    numerics = settings.odd(network.defaults())[1]
    tokens = np.random.RandomState(6).randint(1, EMBEDDED.vocabulary, (SAMPLES, STEPS))  # 28, of five kinds.
    network.train_on_batch(tokens, samples()[1])
    first, second = moments(network.slots(), network.weights())[0]
    wanted = (1 - numerics.beta_2) * (first / (1 - numerics.beta_1)) ** 2
    if alike(second, wanted):
        return None
    words = "where tokens come more than once, Adam's second moment is {:.3g} times what the square of their gradient makes it"
    return words.format(second.sum() / wanted.sum())


def excluded_weights_do_not_decay(networks):
    """AdamW takes its rate times `weight_decay` of every weight, but nothing of those that it was told to exclude."""
    optimizer = networks.backend.decaying_adam(RATE, DECAY, ["bias"], epsilon=STILL)
    if optimizer is None:  # Before Keras 2.12.
        return NOT_ASKED
    network = shaken(networks.backend, PLAIN, optimizer=optimizer)
    before = network.weights()
    network.train_on_batch(*samples())
    for was, now in zip(before, network.weights()):
        share, wanted = float(np.mean((was - now) / was)), RATE * DECAY * (was.ndim > 1)
        if abs(share - wanted) > OFF * RATE * DECAY:
            name = "kernel" if was.ndim > 1 else "bias, which is excluded,"
            return "AdamW takes {:.3g} of a {} where {:.3g} is right".format(share, name, wanted)
    return None


def nadam_moves_all_alike(networks):
    """Nadam's first step moves the weights of every array as far: each by its rate, but for what its moments make of it."""
    network = shaken(networks.backend, PLAIN, optimizer="nadam")
    before = network.weights()
    network.train_on_batch(*samples())
    moved = [np.abs(ours - was) for ours, was in zip(network.weights(), before)]
    lengths = [float(np.median(one)) for one in moved]
    if max(lengths) <= (1 + OFF) * min(lengths):
        return None
    return "Nadam's first step moves one array by {:.3g}, and another by {:.3g}".format(min(lengths), max(lengths))


def momentum_moves_every_token(networks):
    """A token that is not in a batch is moved on by the momentum of the step before, as all weights are."""
    network = shaken(networks.backend, EMBEDDED, optimizer=networks.backend.descent(RATE, SHARE))
    tables, (_, y) = [network.weights()[0]], samples()
    for tokens in ((1, 2), (3, 4)):
        network.train_on_batch(np.resize(np.array(tokens, "int32"), (SAMPLES, STEPS)), y)
        tables.append(network.weights()[0])
    first, second = np.diff([table[1] for table in tables], axis=0)
    if alike(second, SHARE * first):
        return None
    words = "a token that is not in the batch is moved by up to {:.3g}, where momentum moves it by {:.3g}"
    return words.format(np.abs(second).max(), SHARE * np.abs(first).max())


def accumulated_gradients_make_one_step(networks):
    """Two batches whose gradients Adam gathers (`gradient_accumulation_steps`) move weights as both at once do, and again."""
    x, y = samples(count=4 * HALF)
    try:
        gathering = networks.backend.adam(STEP, gradient_accumulation_steps=2)
    except (TypeError, ValueError):  # Before Keras 3.0.2.
        return NOT_ASKED
    at_once, in_turn = (shaken(networks.backend, PLAIN, optimizer=one) for one in (networks.backend.adam(STEP), gathering))
    before = joined(at_once.weights())
    for network, size in ((at_once, 2 * HALF), (in_turn, HALF)):
        for first in range(0, len(x), size):
            network.train_on_batch(x[first : first + size], y[first : first + size])
    wanted, found = (joined(network.weights()) - before for network in (at_once, in_turn))
    if alike(found, wanted):
        return None
    words = "twice two batches that are gathered move weights by up to {:.3g}, where two at once move them by {:.3g}"
    return words.format(np.abs(found).max(), np.abs(wanted).max())


def amsgrad_keeps_the_largest(networks):
    """With `amsgrad` Adam divides by the root of the largest mean square so far: a step of a tenth is a tenth as long."""
    try:
        optimizer = networks.backend.adam(STEP, beta_1=0.0, beta_2=FADING, amsgrad=True)
    except (TypeError, ValueError):  # Before Keras 2.1.3.
        return NOT_ASKED
    network, (x, y) = shaken(networks.backend, PLAIN, optimizer=optimizer), samples()
    shares = [*BEFORE * [1.0], TENTH]
    *_, whole, tenth = [
        taken(network, partial(network.train_on_batch, x, y, sample_weight=np.full(SAMPLES, share, "float32")))
        for share in shares
    ]
    found = float(np.median(tenth / whole))
    if abs(found - TENTH) <= TENTH_OFF:
        return None
    return "with amsgrad the step of a tenth of the gradient is {:.3g} times the whole one, where 0.1 is right".format(found)


def _step(network):
    return taken(network, lambda: network.train_on_batch(*samples()))


CLAUSES = (
    rates_by_name,
    rate_said_as_lr_is_in_effect,
    rate_set_as_lr_is_in_effect,
    decay_is_in_effect,
    scheduled_rate_is_in_effect,
    compiled_again_takes_its_rate,
    nesterov_looks_ahead,
    rmsprop_divides_by_the_root,
    adagrad_begins_at_a_tenth,
    adam_squares_whole_gradients,
    excluded_weights_do_not_decay,
    nadam_moves_all_alike,
    momentum_moves_every_token,
    accumulated_gradients_make_one_step,
    amsgrad_keeps_the_largest,
)
