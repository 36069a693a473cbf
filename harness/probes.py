"""Questions put to a fitted network. A probe looks and never judges.

Each takes a `training.Trained` and returns plain numbers, texts and lists. Which probes apply follows from the framing's
values, never from its name. A network that keeps its state is reset before each question that starts cold.
"""

import hashlib

import numpy as np

from harness import framings

VERSION = 1  # Raised when a probe asks something else, so that old answers are not taken for new ones.
WARM_UP = "ABCDEFGHIJ"
COLD_LETTER = "K"
NEW_START_LENGTH = 5
SCATTERED_TRIPLES = 100

# What a record may hold, and so what an expectation may speak of.
NAMES = (
    "accuracy",
    "loss",
    "parameters",
    "forget_bias",
    "data_as_declared",
    "answers",
    "right",
    "wrong",
    "wrong_in_first_half",
    "accuracy_off",
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
    "other_batch_size",
    "weights_digest",
    "repeats",
    "agreement",
    "order",
)


def observe(trained, purpose="learn"):
    """Return {name: observation} of every probe that applies to this framing; a "check" asks no learned behaviour."""
    observations = {"parameters": sum(array.size for array in trained.network.weights())}
    observations["weights_digest"] = weights_digest(trained.network.weights())
    for probe, applies in PROBES:
        if applies(trained.framing) and (purpose == "learn" or probe in UNLEARNED):
            observations.update(probe(trained))
    if "right" in observations:
        observations["accuracy_off"] = abs(observations["accuracy"] - observations["right"])
    return observations


def weights_digest(weights):
    """Return 16 hexadecimal digits that are equal only for bit-identical weights."""
    content = b"".join(np.ascontiguousarray(array).tobytes() for array in weights)
    return hashlib.sha256(content).hexdigest()[:16]


def built(trained):
    """The mean forget-gate bias of the fresh network (gates in the order i, f, c, o), and whether the data are right."""
    units, bias = trained.framing.units, trained.initial_weights[2]
    x, y = framings.arrays(trained.framing)
    same = np.array_equal(x, trained.x) and np.array_equal(y, trained.y)
    return {"forget_bias": float(bias[units : 2 * units].mean()), "data_as_declared": bool(same)}


def evaluation(trained):
    """Loss and accuracy (0 to 1) over the training patterns, as the framework's `evaluate` gives them, from a fresh state."""
    _reset(trained)
    loss, accuracy = trained.network.evaluate(trained.x, trained.y, trained.framing.batch_size)
    return {"loss": loss, "accuracy": accuracy}


def training_patterns(trained):
    """The answer to every training pattern in order, each distinct one once: [pattern, answer, probability]."""
    asked = framings.patterns(trained.framing)
    distinct = list(dict.fromkeys(asked)) if trained.framing.draws else asked
    _reset(trained)
    answers = ask(trained, [text for text, _ in distinct])
    given = {text: answer for (text, _), (answer, _) in zip(distinct, answers)}
    by_place = [answer for answer, _ in answers] if not trained.framing.draws else [given[text] for text, _ in asked]
    wrong = [[text, answer] for (text, wanted), (answer, _) in zip(distinct, answers) if answer != wanted]
    half = framings.ALPHABET[: len(framings.ALPHABET) // 2]
    return {
        "answers": [[text, answer, probability] for (text, _), (answer, probability) in zip(distinct, answers)],
        "right": float(np.mean([answer == wanted for answer, (_, wanted) in zip(by_place, asked)])),
        "wrong": wrong,
        "wrong_in_first_half": sum(text[-1] in half for text, _ in wrong),
    }


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


def ask(trained, texts):
    """Return [(answered letter, its probability)] for texts asked together, or one after the other if state is kept."""
    x = framings.inputs(trained.framing, texts)
    rows = [trained.answer(x[row : row + 1])[0] for row in range(len(x))] if trained.framing.stateful else trained.answer(x)
    return [(framings.ALPHABET[int(np.argmax(row))], float(np.max(row))) for row in rows]


def _answers(trained, letters):
    _reset(trained)
    return "".join(ask(trained, [letter])[0][0] for letter in letters)


def _last_answer(trained, letters):
    return _answers(trained, letters)[-1]


def _reset(trained):
    if trained.framing.stateful:
        trained.network.reset()


def _largest(arrays):
    return float(max(np.abs(array).max() for array in arrays))


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
