"""Questions put to a fitted network. A probe looks and never judges.

Each takes a `training.Trained` and returns plain numbers, texts and lists. Which probes apply follows from the framing's
values, never from its name. A network that keeps its state is reset before each question that starts cold.
"""

import hashlib

import numpy as np

from harness import framings

# Raised when a probe asks something else, so that old answers are not taken for new ones; some purposes have their own.
VERSION, OWN_VERSIONS = 2, {"stage": 11, "contract": 22, "time": 5, "check": 5}
WARM_UP = "ABCDEFGHIJ"
COLD_LETTER = "K"
NEW_START_LENGTH = 5
SCATTERED_TRIPLES = 100
FIRST_HALF = framings.ALPHABET[: len(framings.ALPHABET) // 2]
# A probability is clipped at keras.config.epsilon before its logarithm, or, where the logits are at hand (Keras 3 on
# TensorFlow), not at all: seed 303 of variable length loses 0.034 in the mean to one pattern. float32 ends at 1e-45.
SMALLEST = (1e-7, 1e-45)

# What a record may hold, and so what an expectation may speak of.
NAMES = (
    "error",
    "accuracy",
    "loss",
    "parameters",
    "forget_bias",
    "learning_rate",
    "data_as_declared",
    "answers",
    "right",
    "implied_loss",
    "wrong",
    "wrong_in_first_half",
    "accuracy_off",
    "loss_off",
    "demonstration",
    "cold_starts",
    "cold_starts_all_b",
    "free_run",
    "new_start",
    "warm_start",
    "control_start",
    "constant_letter",
    "state",
    "neighbours",
    "scattered_right",
    "moved",
    "other_batch_size",
    "weights_digest",
    "repeats",
    "agreement",
    "another_epoch",
    "order",
    "defaults",
    "differences",
    "warnings",
    "stages",
    "stages_off",
    "contract",
    "peak_memory",
)


def version(purpose):
    """Return the version of what runs of this purpose ask."""
    return OWN_VERSIONS.get(purpose, VERSION)


def observe(trained, purpose="learn"):
    """Return {name: observation} of every probe that applies to this framing; a "check" asks no learned behaviour."""
    observations = {"parameters": sum(array.size for array in trained.network.weights())}
    observations["weights_digest"] = weights_digest(trained.network.weights())
    for probe, applies in PROBES:
        if applies(trained.framing) and (purpose == "learn" or probe in UNLEARNED):
            observations.update(probe(trained))
    if "right" in observations:
        observations["accuracy_off"] = abs(observations["accuracy"] - observations["right"])
        observations["loss_off"] = _outside(observations["loss"], *observations["implied_loss"])
    return observations


def weights_digest(weights):
    """Return 16 hexadecimal digits that are equal only for bit-identical weights."""
    content = b"".join(np.ascontiguousarray(array).tobytes() for array in weights)
    return hashlib.sha256(content).hexdigest()[:16]


def built(trained):
    """What was built: the fresh mean forget-gate bias (gates i, f, c, o), the learning rate, and whether the data are right."""
    units, bias = trained.framing.units, trained.initial_weights[2]
    x, y = framings.arrays(trained.framing)
    same = np.array_equal(x, trained.x) and np.array_equal(y, trained.y)
    rate = trained.network.learning_rate()
    return {"forget_bias": float(bias[units : 2 * units].mean()), "learning_rate": rate, "data_as_declared": bool(same)}


def evaluation(trained):
    """Loss and accuracy (0 to 1) over the training patterns, as the framework's `evaluate` gives them, from a fresh state."""
    _reset(trained)
    loss, accuracy = trained.network.evaluate(trained.x, trained.y, trained.framing.batch_size)
    return {"loss": loss, "accuracy": accuracy}


def training_patterns(trained):
    """The answer to every distinct training pattern in order, [pattern, answer, probability], and what they come to.

    right: the share of all patterns answered right; implied_loss: the least and the most that the mean over all patterns of
    -log p of the right letter can be, equal but where p is so small that frameworks clip it, or take its logits instead.
    """
    _reset(trained)
    asked, distinct = framings.patterns(trained.framing), framings.distinct(trained.framing)
    found = dict(zip(distinct, softmax(trained, [text for text, _ in distinct])))
    answers = [[text, *_likeliest(found[text, wanted])] for text, wanted in distinct]
    wrong = [[text, answer] for (text, answer, _), (_, wanted) in zip(answers, distinct) if answer != wanted]
    shares = [float(found[pattern][framings.ALPHABET.index(pattern[1])]) for pattern in asked]
    return {
        "answers": answers,
        "right": float(np.mean([_likeliest(found[pattern])[0] == pattern[1] for pattern in asked])),
        "implied_loss": [-float(np.mean(np.log(np.maximum(shares, least)))) for least in SMALLEST],
        "wrong": wrong,
        "wrong_in_first_half": sum(text[-1] in FIRST_HALF for text, _ in wrong),
    }


def _outside(value, least, most):
    return max(0.0, least - value, value - most)


def demonstration(trained):
    """The page's 20 random training patterns (drawn after its seed 7, each asked alone) and how many came out right."""
    asked = framings.patterns(trained.framing)
    chosen = [asked[place] for place in framings.demonstration(trained.framing, trained.framing.draws_seed)]
    answers = [ask(trained, [text])[0][0] for text, _ in chosen]
    right = sum(answer == wanted for answer, (_, wanted) in zip(answers, chosen))
    shown = ["{}->{}".format(text, answer) for answer, (text, _) in zip(answers, chosen)]
    return {"demonstration": {"shown": shown, "right": right}}


def cold_starts(trained):
    """The answer to each of the 26 letters asked first of all, and whether all of them are B."""
    found = {}
    for letter in framings.ALPHABET:
        _reset(trained)
        answer, probability = ask(trained, [letter])[0]
        found[letter] = {"answer": answer, "probability": probability}
    return {"cold_starts": found, "cold_starts_all_b": all(start["answer"] == "B" for start in found.values())}


def free_runs(trained):
    """What comes when every answer is the next question: 25 letters after A, and 5 after a new start from K."""
    return {
        "free_run": free_run(trained, framings.ALPHABET[0], len(framings.ALPHABET) - 1),
        "new_start": free_run(trained, COLD_LETTER, NEW_START_LENGTH),
    }


def free_run(trained, letter, length):
    """Return the answers, as one text, when each is fed back; from a fresh state."""
    _reset(trained)
    letters = [letter]
    while len(letters) <= length:
        letters.append(ask(trained, [letters[-1]])[0][0])
    return "".join(letters[1:])


def warm_starts(trained):
    """The answer to K after A..J; its control, after ten As; and the answers to 25 As, which show a mere counter."""
    return {
        "warm_start": _last_answer(trained, WARM_UP + COLD_LETTER),
        "control_start": _last_answer(trained, WARM_UP[0] * len(WARM_UP) + COLD_LETTER),
        "constant_letter": _answers(trained, framings.ALPHABET[0] * (len(framings.ALPHABET) - 1)),
    }


def state(trained):
    """The recurrent state's shape, its largest size after one letter, and after a reset."""
    _reset(trained)
    ask(trained, [COLD_LETTER])
    arrays = trained.network.states()
    kept = _largest(arrays)
    trained.network.reset()
    after = _largest(trained.network.states())
    return {"state": {"shape": [list(array.shape) for array in arrays], "kept": kept, "after_reset": after}}


def neighbours(trained):
    """The largest change of a row's softmax when all other rows of its batch are exchanged, or when it is asked alone."""
    together = trained.answer(trained.x)
    changes = []
    for row in (0, len(trained.x) // 2, len(trained.x) - 1):
        others = np.roll(trained.x, 7, axis=0)
        others[row] = trained.x[row]
        alone = trained.answer(trained.x[row : row + 1])[0]
        changes += [np.abs(trained.answer(others)[row] - together[row]), np.abs(alone - together[row])]
    return {"neighbours": float(np.max(changes))}


def scattered(trained):
    """The share of 100 fixed random triples of different letters (not Z) answered with the letter after the last."""
    random = np.random.RandomState(0)
    letters = framings.ALPHABET[:-1]
    width = trained.framing.window
    texts = ["".join(random.choice(list(letters), width, replace=False)) for _ in range(SCATTERED_TRIPLES)]
    answers = ask(trained, texts)
    wanted = [framings.ALPHABET[framings.ALPHABET.index(text[-1]) + 1] for text in texts]
    return {"scattered_right": float(np.mean([answer == letter for (answer, _), letter in zip(answers, wanted)]))}


def softmax(trained, texts):
    """Return the softmax of each text, (texts, classes): asked together, or one after the other if state is kept."""
    x = framings.inputs(trained.framing, texts)
    if not trained.framing.stateful:
        return trained.answer(x)
    return [trained.answer(x[row : row + 1])[0] for row in range(len(x))]


def ask(trained, texts):
    """Return [(answered letter, its probability)] for each text."""
    return [_likeliest(shares) for shares in softmax(trained, texts)]


def _likeliest(shares):
    return framings.ALPHABET[int(np.argmax(shares))], float(np.max(shares))


def _answers(trained, letters):
    _reset(trained)
    return "".join(ask(trained, [letter])[0][0] for letter in letters)


def _last_answer(trained, letters):
    return _answers(trained, letters)[-1]


def _reset(trained):
    if trained.framing.stateful:
        trained.network.reset()


def _largest(arrays):
    # NumPy's max, because Python's passes over a NaN that does not come first.
    return float(np.max([np.abs(array).max() for array in arrays]))


def _always(framing):
    return True


def _takes_single_letters(framing):
    return framing.window == 1 or framing.draws is not None


def _is_stateful(framing):
    return framing.stateful


def _is_stateless(framing):
    return not framing.stateful


def _takes_fixed_windows(framing):
    return framing.window > 1 and framing.draws is None


def _has_random_demonstration(framing):
    return framing.draws is not None or framing.batch_size > 1


PROBES = (
    (built, _always),
    (evaluation, _always),
    (training_patterns, _always),
    (demonstration, _has_random_demonstration),
    (cold_starts, _takes_single_letters),
    (free_runs, _takes_single_letters),
    (warm_starts, _is_stateful),
    (state, _is_stateful),
    (neighbours, _is_stateless),
    (scattered, _takes_fixed_windows),
)

# What a network answers after two epochs says nothing; these tell of the framework, not of what was learned.
UNLEARNED = (built, evaluation, state, neighbours)
