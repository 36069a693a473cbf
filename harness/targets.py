"""The clauses of the contract on targets that are no one-hot rows, and on weights, of steps and in metrics."""

from functools import partial

import numpy as np

from harness import reference
from harness.judging import NOT_ASKED
from harness.small import METRICS, MORE_LOSS, PLAIN, SAMPLES, SHORT, alike, differ, odd_way, samples, shaken, taken

LABELS = PLAIN._replace(loss="sparse_categorical_crossentropy", is_weighted=True)
NUMBERS = PLAIN._replace(classes=1, answer="linear", loss="mse")
BINARY = PLAIN._replace(classes=1, answer="sigmoid", loss="binary_crossentropy")
FEW, RIGHT = 3, 3  # Rows; and one in so many is answered right.
CLASSES = [0, 2, 1]
TWO = (np.arange(SAMPLES) % RIGHT == 0).astype("float32")[:, None]  # One class of two, in a column.
SMOOTHING = 0.25
STEEP = 32  # Four answers of seven are below one half then, and three above, all by 0.02 and more.


def labels_count_as_their_rows(networks):
    """Classes that are given by their numbers, in a column, have the loss and the accuracy of their one-hot rows."""
    x, answers, labels, is_right = _labelled(networks)
    found = networks.get(LABELS, ("accuracy",)).evaluate(x, labels, SAMPLES, sample_weight=np.ones(SAMPLES, "float32"))
    wanted = -np.log(answers[np.arange(SAMPLES), labels[:, 0]]).mean(), is_right.mean()
    return _odd("of classes in a column evaluate gives", found, wanted)


def weighted_metrics_begin_anew(networks):
    """A metric of `weighted_metrics` is the weighted mean over the rows of its own call, not of those before."""
    if not networks.backend.compiles_with("weighted_metrics"):  # Keras 2.0.2 knows none.
        return NOT_ASKED
    x, _, labels, is_right = _labelled(networks)
    network = networks.get(LABELS, ("accuracy",))
    for count in (FEW, SAMPLES):
        weights = 2 * np.arange(1, count + 1, dtype="float32") / (count + 1)  # Their mean is 1: Keras 2.0 divides by no sum.
        found = network.evaluate(x[:count], labels[:count], count, sample_weight=weights)[1]
        wanted = float((weights * is_right[:count]).mean())
        if differ(found, wanted) > MORE_LOSS:
            return "a weighted accuracy over {} rows is {:.6g}, where {:.6g} is right".format(count, found, wanted)
    return None


def _labelled(networks):
    """Return (samples, the answers of one-hot training, a class for each row in a column, whether it is what is answered)."""
    x, _ = samples()
    answers, is_right = networks.get().predict(x, SAMPLES), np.arange(SAMPLES) % RIGHT == 0
    return x, answers, ((answers.argmax(axis=1) + ~is_right) % PLAIN.classes)[:, None], is_right


def labels_in_a_column_are_encoded_alike(networks):
    """`to_categorical` makes one-hot rows of labels that stand in a column, as of those in a row."""
    found = np.asarray(networks.backend.one_hot(np.array(CLASSES)[:, None]))
    wanted = np.eye(len(CLASSES))[CLASSES]
    if np.array_equal(found, wanted):
        return None
    shapes = "the shape {}".format(found.shape) if found.shape != wanted.shape else "other numbers"
    return "one-hot rows of three labels in a column have {}".format(shapes)


def labels_are_encoded_where_they_stand(networks):
    """`to_categorical` makes the one-hot row of each label where it stands, also in an array that lies otherwise in memory."""
    labels = np.array([CLASSES, CLASSES[::-1]]).T
    found = np.asarray(networks.backend.one_hot(labels))
    off = differ(found.reshape(*labels.shape, -1), np.eye(len(CLASSES))[labels])  # Some put all rows one below the other.
    return None if off == 0 else "of a transposed array of labels, one-hot rows stand in other places"


def labels_count_step_by_step(networks):
    """Classes that are given by their numbers, one for each step, have the loss and the accuracy that the answers imply."""
    network, (x, _) = networks.get(LABELS._replace(every_step=True, is_weighted=False), ("accuracy",)), samples()
    answers = network.predict(x, SAMPLES).reshape(-1, PLAIN.classes)
    rows = np.arange(len(answers))
    labels = np.where(rows % 2, answers.argmax(axis=1), answers.argmin(axis=1))
    given = answers[rows, labels]
    found = network.evaluate(x, labels.reshape(SAMPLES, -1, 1), SAMPLES)
    return _odd("of classes step by step evaluate gives", found, (-np.log(given).mean(), (given == answers.max(axis=1)).mean()))


def several_yes_or_no_are_each_one(networks):
    """Of several answers of yes or no (`binary_crossentropy`), the accuracy is the share of all that are right."""
    network, (x, _) = networks.get(BINARY._replace(classes=PLAIN.classes), ("accuracy",)), samples()
    answers = network.predict(x, SAMPLES)
    is_right = np.arange(answers.size).reshape(answers.shape) % RIGHT == 0
    targets = ((answers > 1 / 2) == is_right).astype("float32")
    given = np.where(targets == 1, answers, 1 - answers)
    return _odd(
        "of several yes or no evaluate gives", network.evaluate(x, targets, SAMPLES), (-np.log(given).mean(), is_right.mean())
    )


def likeness_makes_the_loss_small(networks):
    """The loss that is called a cosine is minus that of the angle between answers and targets: the more alike, the less."""
    name = networks.backend.first_loss("cosine_proximity", "cosine_similarity")
    network, (x, y) = networks.get(PLAIN._replace(loss=name), ("accuracy",)), samples()
    answers = network.predict(x, SAMPLES)
    wanted = -np.mean((answers * y).sum(axis=1) / np.linalg.norm(answers, axis=1)), reference.right(answers, y)
    return _odd("by {} evaluate gives".format(name), network.evaluate(x, y, SAMPLES), wanted)


def numbers_are_held_each_against_its_own(networks):
    """Numbers to come near to, given as a row, are held each against its own answer: by `mse`, and by the metric `mae`."""
    network, (x, _) = networks.get(NUMBERS, ("mae",)), samples()
    targets = np.linspace(-1, 1, SAMPLES).astype("float32")
    off = network.predict(x, SAMPLES)[:, 0] - targets
    found, wanted = network.evaluate(x, targets, SAMPLES), (np.mean(off**2), np.abs(off).mean())
    return _odd("of numbers in a row evaluate gives", found, wanted)


def root_of_squares_is_over_all_rows(networks):
    """RootMeanSquaredError is the root of the mean square over all rows, not a mean of the roots of batches."""
    metric = networks.backend.metric("RootMeanSquaredError")
    if metric is None:  # Before TensorFlow 1.13, and in Keras 2 on its own.
        return NOT_ASKED
    network, (x, _) = shaken(networks.backend, NUMBERS, [metric], networks.backend.descent(0.0)), samples()
    targets = np.linspace(-1, 1, SAMPLES).astype("float32")[:, None]
    off = network.predict(x, SAMPLES) - targets
    wanted = np.mean(off**2), np.sqrt(np.mean(off**2))
    return _odd("of numbers in batches evaluate gives", network.evaluate(x, targets, FEW), wanted)


def numbers_train_each_its_own(networks):
    """A step over numbers that are given as a row is the one over the same numbers in a column."""
    (x, _), backend = samples(), networks.backend
    targets = np.linspace(-1, 1, SAMPLES).astype("float32")
    asked = [(shaken(backend, NUMBERS, optimizer=backend.descent(SHORT)), y) for y in (targets, targets[:, None])]
    row, column = (taken(network, partial(network.fit, x, y, SAMPLES, False)) for network, y in asked)
    return None if alike(row, column) else "a step over numbers in a row is another than over the same in a column"


def logits_are_told_apart(networks):
    """A loss that is told so (`from_logits=True`) takes answers for logits: the softmax of them, or the sigmoid, is asked."""
    (x, y), rows = samples(), np.arange(SAMPLES)
    ways = {
        "CategoricalCrossentropy": (y, lambda z: -np.log(reference.softmax(z)[y == 1])),
        "SparseCategoricalCrossentropy": (y.argmax(axis=1), lambda z: -np.log(reference.softmax(z)[rows, y.argmax(axis=1)])),
        "BinaryCrossentropy": (y, lambda z: -np.log(reference.sigmoid(np.where(y == 1, z, -z)))),
    }
    for name, (targets, wanted) in ways.items():
        loss = networks.backend.loss(name, from_logits=True)
        if loss is None:  # Before TensorFlow 1.13, and in Keras 2 on its own.
            return NOT_ASKED
        network = shaken(
            networks.backend, PLAIN._replace(answer="linear", loss=loss), METRICS[1:2], networks.backend.descent(0.0)
        )
        right = wanted(network.predict(x, SAMPLES).astype("float64")).mean()
        found = network.evaluate(x, targets, SAMPLES)[0]
        if differ(found, right) > MORE_LOSS:
            return "of logits {} is {:.6g}, where {:.6g} is right".format(name, found, right)
    return None


def smoothed_classes_count(networks):
    """A loss that is told to smooth (`label_smoothing`) takes a share of what is right and deals it out to all classes."""
    loss = networks.backend.loss("CategoricalCrossentropy", label_smoothing=SMOOTHING)
    if loss is None:  # Before TensorFlow 1.13, and in Keras 2 on its own.
        return NOT_ASKED
    (x, y), backend = samples(), networks.backend
    network = shaken(backend, PLAIN._replace(loss=loss), METRICS[1:2], backend.descent(0.0))
    logarithms = np.log(network.predict(x, SAMPLES))
    wanted = -((1 - SMOOTHING) * (y * logarithms).sum(axis=1) + SMOOTHING * logarithms.mean(axis=1)).mean()
    found = network.evaluate(x, y, SAMPLES)[0]
    if differ(found, wanted) <= MORE_LOSS:
        return None
    return "of classes smoothed by {:g} evaluate gives {:.6g}, where {:.6g} is right".format(SMOOTHING, found, wanted)


def two_classes_are_one_number(networks):
    """Of two classes, told apart by one sigmoid and given as a row of 0 and 1, `evaluate` is what the answers imply."""
    network, (x, _) = networks.get(BINARY, ("accuracy",)), samples()
    answers, targets = _two_classes(network, x)[:, 0], TWO[:, 0]
    given = np.where(targets == 1, answers, 1 - answers)  # The probability of what is right.
    return _odd(
        "of two classes evaluate gives",
        network.evaluate(x, targets, SAMPLES),
        (-np.log(given).mean(), (given > 1 - given).mean()),
    )


def _two_classes(network, x):
    """Return the answers, (rows, 1), of a network whose answers are made to lie on both sides of one half."""
    *recurrent, kernel, bias = network.weights()
    network.set_weights([*recurrent, STEEP * kernel, 0 * bias])
    return network.predict(x, SAMPLES)


def counting_metrics_begin_anew(networks):
    """Precision and Recall are of the rows of their own call, not of those before."""
    names, (x, _) = ("Precision", "Recall"), samples()
    metrics = [networks.backend.metric(name) for name in names]
    if None in metrics:  # Before TensorFlow 1.13, and Keras 2.3.
        return NOT_ASKED
    network = shaken(networks.backend, BINARY, metrics, networks.backend.descent(0.0))
    is_said, is_meant = _two_classes(network, x) > 1 / 2, TWO == 1
    for rows in (slice(None), slice(FEW, None)):  # Some right and some wrong of either kind each.
        both = np.sum(is_meant[rows] & is_said[rows])
        wanted = [both / np.sum(is_said[rows]), both / np.sum(is_meant[rows])]
        _, found = network.metrics(x[rows], TWO[rows], SAMPLES)
        if differ(found[1:], wanted) > MORE_LOSS:
            words = "of {} rows precision and recall are {:.3g} and {:.3g}, where {:.3g} and {:.3g} are right"
            return words.format(len(x[rows]), *(found[1:] + wanted))
    return None


def steps_count_by_their_weights(networks):
    """Where every step is answered, the loss is the mean over steps of each one's own times its weight (`sample_weight`)."""
    (x, _), random = samples(), np.random.RandomState(5)
    word = "sample_weight_mode"  # Gone with TensorFlow 2.2, which looks at the shape of what it is given.
    mode = {word: "temporal"} if networks.backend.compiles_with(word) else {}
    network = shaken(networks.backend, PLAIN._replace(every_step=True), METRICS[1:2], **mode)
    targets = np.eye(PLAIN.classes, dtype="float32")[random.randint(PLAIN.classes, size=x.shape[:2])]
    weights = random.uniform(0.5, 2, targets.shape[:2]).astype("float32")  # None is 0: see `feeding.WEIGHTS`.
    wanted = -(weights * np.log((network.predict(x, SAMPLES) * targets).sum(axis=2))).mean()
    ways = {
        "evaluate": lambda: network.evaluate(x, targets, SAMPLES, sample_weight=weights)[0],
        "fit": lambda: network.fit(x, targets, SAMPLES, False, sample_weight=weights)["loss"][0],
    }
    return odd_way(ways, wanted, "{} tells a loss of {:.6g}, where the weighted mean over steps is {:.6g}")


def _odd(words, found, wanted):
    if differ(found, wanted) <= MORE_LOSS:
        return None
    return "{} {:.6g} and {:.6g}, where {:.6g} and {:.6g} are right".format(words, *found, *wanted)


CLAUSES = (
    labels_in_a_column_are_encoded_alike,
    labels_are_encoded_where_they_stand,
    labels_count_as_their_rows,
    labels_count_step_by_step,
    several_yes_or_no_are_each_one,
    likeness_makes_the_loss_small,
    weighted_metrics_begin_anew,
    numbers_are_held_each_against_its_own,
    root_of_squares_is_over_all_rows,
    numbers_train_each_its_own,
    logits_are_told_apart,
    smoothed_classes_count,
    two_classes_are_one_number,
    counting_metrics_begin_anew,
    steps_count_by_their_weights,
)
