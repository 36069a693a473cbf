"""The stages agree with a framework that is right, and name the first stage of one that is wrong, and as if what."""

import numpy as np
import pytest

from harness import checks, diagnosis, gradients, reference, rounding, stages, training
from tests.unit.framework import Framework, as_keras_does


@pytest.fixture(autouse=True)
def few_tries(monkeypatch):
    monkeypatch.setattr(gradients, "SECONDS", 0.0)


def told(framework):
    """Return what the stages say that do not agree, in their order."""
    found = stages.observe(training.Fit(framework), 1)
    assert list(found["stages"]) == list(stages.STAGES) == list(found["stages_off"])
    assert all((found["stages_off"][stage] <= 1) == (words == "agrees") for stage, words in found["stages"].items())
    return {stage: words for stage, words in found["stages"].items() if words != "agrees"}


def first(framework):
    """Return the first stage that does not agree, and what it says."""
    return next(iter(told(framework).items()))


def test_a_framework_that_is_right_agrees_at_every_stage():
    assert told(Framework()) == {}


def test_an_era_s_own_gates_and_epsilon_are_told_once_and_hide_nothing_later():
    settings = {"lstm.recurrent_activation": "hard_sigmoid", "adam.epsilon": 1e-8}
    framework = Framework(reference.NEWEST._replace(gate="hard_sigmoid", epsilon=1e-8), settings)
    assert told(framework) == {
        "defaults": "2 settings differ: adam.epsilon is 1e-08, lstm.recurrent_activation is hard_sigmoid"
    }


def test_a_setting_that_must_be_off_is_told():
    assert first(Framework(settings={"adam.weight_decay": 0.004})) == (
        "defaults",
        "1 setting differs: adam.weight_decay is 0.004",
    )


@pytest.mark.parametrize(("change", "stage", "cause"), [
    ({"gate": "hard_sigmoid"}, "forward", "as if the gates were hard sigmoids"),
    ({"epsilon": 1e-3}, "stateless_update", "as if epsilon were 0.001"),
    ({"learning_rate": 0.0005}, "stateless_update", "as if the learning rate were 0.0005"),
    ({"beta_1": 0.8}, "stateless_update", "as if beta_1 were 0.8"),
    ({"beta_2": 0.99}, "stateless_update", "as if beta_2 were 0.99"),
])  # fmt: skip
def test_numerics_that_are_not_the_settings_are_named_at_their_stage(change, stage, cause):
    found, words = first(Framework(reference.NEWEST._replace(**change)))
    assert found == stage
    assert words.endswith(cause)


def test_a_loss_that_is_clipped_where_answers_are_all_but_certain_is_named():
    stage, words = first(Framework(reference.NEWEST._replace(clip=1e-3)))
    assert (stage, words.split(",")[0]) == ("loss", "the loss of evaluate differs")


def spoiled(name, change):
    """Return a plant that passes what a method returns through `change`."""

    def plant(network):
        real = getattr(network, name)
        setattr(network, name, lambda *words, **named: change(real(*words, **named)))

    return plant


def test_a_state_that_is_not_kept_is_named():
    stage, words = first(Framework(plant=lambda network: setattr(network, "_go_on", network.forward)))
    assert stage == "forward"
    assert words.startswith("the hidden state from zeros")


def test_swapped_states_are_named():
    def swap(network):
        real = network.forward
        network.forward = lambda x, states=None: real(x, states and states[::-1])

    assert first(Framework(plant=swap))[1].endswith("as if both states were swapped")


def test_an_array_that_is_not_trained_is_named():
    def untrained(vector, start=1 * 32, end=1 * 32 + 8 * 32):
        vector[start:end] = 0
        return vector

    stage, words = first(Framework(plant=spoiled("gradients", untrained)))
    assert stage == "stateless_gradient"
    assert words.startswith("the gradient of the")
    assert "recurrent kernel" in words


def test_a_scaled_gradient_is_named_with_its_scale():
    stage, words = first(Framework(plant=spoiled("gradients", lambda vector: vector * np.float32(0.5))))
    assert (stage, words.split(": ")[1]) == ("stateless_gradient", "it is 0.5 times what it should be")


def test_a_training_step_that_moves_no_weight_is_named():
    def idle(network):
        real = network.train_on_batch

        def train_on_batch(x, y):
            kept = network.vector.copy()
            loss = real(x, y)
            network.vector[:] = kept
            return loss

        network.train_on_batch = train_on_batch

    stage, words = first(Framework(plant=idle))
    assert stage == "stateless_gradient"
    assert words.startswith("train_on_batch does not move the ")
    assert words.endswith(" by the step of its optimizer")


def test_training_that_begins_from_zeros_is_named_where_its_gradients_race_too():
    def forgetful(network):
        real = network.fit
        network.fit = lambda *words, **named: [network.stateful and network.reset(), real(*words, **named)][1]

    assert told(Framework(plant=forgetful))["state"].startswith("the hidden state after training from a kept state")


def test_backpropagation_through_the_state_that_the_batch_left_is_named():
    def race(network):
        real = network.gradients
        behind = dict(diagnosis.HYPOTHESES)["backpropagation read the states that the batch left"]
        look_back = behind(rounding.Given([], None, None, None)).look_back
        network.gradients = lambda one, y: real(look_back(one), y)

    stage, words = first(Framework(plant=lambda network: network.stateful and race(network)))
    assert (stage, words.split(": ")[1]) == ("gradient", "as if backpropagation read the states that the batch left")


def test_a_gradient_that_is_wrong_once_in_many_tries_is_repeated_until_it_shows_and_named_a_race(monkeypatch):
    monkeypatch.setattr(gradients, "SECONDS", 60.0)
    steps = []

    def race(vector):
        steps.append(1)
        return vector * np.float32(1 + (len(steps) % 97 == 0))

    races = lambda network: network.stateful and network.rate != "adam"  # noqa: E731
    stage, words = first(Framework(plant=lambda network: races(network) and spoiled("gradients", race)(network)))
    assert stage == "gradient"
    assert words.endswith("it is 2 times what it should be, in 1 of 49 tries: this stack races")


def test_a_gradient_that_agrees_is_not_asked_for_longer_than_it_may():
    tries = []
    list(gradients._tries(lambda: tries.append(1) or {}, {"gradient": (0.0, 1.0)}, 0.0))
    assert len(tries) == gradients.REPEATS


@pytest.mark.parametrize(("name", "change", "stage"), [
    ("evaluate", lambda found: (found[0] + 0.01, found[1]), "loss"),
    ("evaluate", lambda found: (found[0], found[1] + 1 / 7), "metrics"),
    ("fit", lambda history: {"loss": [history["loss"][0] * 1.01]}, "loss"),
    ("predict", lambda answers: answers ** 0.9, "forward"),
    ("predict", lambda answers: answers[:-1], "forward"),
    ("predict", lambda answers: answers * np.nan, "forward"),
    ("states", lambda states: [state.clip(-1, 1) for state in states], "forward"),
])  # fmt: skip
def test_what_the_public_api_gives_wrong_is_named_at_its_stage(name, change, stage):
    assert first(Framework(plant=spoiled(name, change)))[0] == stage


def test_an_engine_is_not_asked_what_it_does_not_decide():
    class Compiled(training.Fit):
        decides_order = False

    wrong = Framework(plant=spoiled("evaluate", lambda found: (found[0] + 0.01, found[1] + 1 / 7)))
    found = stages.observe(Compiled(wrong), 1)["stages"]
    assert set(stages.STAGES) - set(found) == {"order", "stateless_gradient", "stateless_update", "metrics"}
    assert set(found.values()) == {"agrees"}


def test_a_reset_that_does_nothing_is_named():
    assert first(Framework(plant=lambda network: setattr(network, "reset", lambda: None)))[0] == "forward"


def test_an_evaluation_that_forgets_the_state_is_named():
    def plant(network):
        real = network.evaluate

        def evaluate(*words):
            found = real(*words)
            network.reset()
            return found

        network.evaluate = evaluate

    assert first(Framework(plant=plant))[0] == "state"


def test_what_raises_says_so_of_its_own_stages_alone():
    def refuse(*words, **named):
        raise ValueError("not here")

    found = told(Framework(plant=lambda network: setattr(network, "fit", refuse)))
    stateless = {"stateless_gradient", "stateless_update"}
    assert set(found) == {"loss", "gradient", "update", "state", "first_epochs", "order"} | stateless
    assert set(found.values()) == {"ValueError: not here"}


@pytest.mark.parametrize(("feeds", "words"), [
    (lambda real, shuffle: real(False), "with shuffle, fit feeds the given order"),
    (lambda real, shuffle: real(True), "without shuffle, fit feeds another order"),
    (lambda real, shuffle: np.maximum(real(shuffle), 1), "without shuffle, fit feeds another order"),
])  # fmt: skip
def test_another_order_is_named(feeds, words):
    stage, said = first(Framework(plant=lambda network: feeding(network, feeds)))
    assert (stage, said.startswith(words)) == ("order", True)


def near(random):
    return np.argsort(np.arange(21) + random.uniform(0, 2, 21))


def in_blocks(random):
    return random.permutation(np.arange(21).reshape(7, 3)).ravel()


@pytest.mark.parametrize("drawn", [near, in_blocks])
def test_an_order_that_is_hardly_mixed_is_no_shuffle(drawn):
    random = np.random.RandomState(0)
    assert not any(checks.is_mixed([drawn(random) for _ in range(6)]) for _ in range(100))


def test_drawn_orders_are_mixed():
    random = np.random.RandomState(0)
    assert all(checks.is_mixed([random.permutation(21) for _ in range(6)]) for _ in range(1000))


def feeding(network, feeds):
    """Let `fit` take the order from `feeds`, which is given what makes the right one and whether to shuffle."""
    real = network.fit

    def fit(x, y, batch_size, shuffle, epochs=1, on_batch=None):
        for _ in range(epochs):
            order = feeds(lambda wanted: np.arange(len(x)) if wanted is False else np.random.permutation(len(x)), shuffle)
            history = real(x[order], y[order], batch_size, False, 1, on_batch)
        return history

    network.fit = fit


def drawn(place, change):
    """Return a draw that changes one array of the weights."""

    def draw(framing, random):
        weights = as_keras_does(framing, random)
        weights[place] = np.asarray(change(weights[place]), "float32")
        return weights

    return draw


@pytest.mark.parametrize(("place", "change", "words"), [
    (0, lambda array: array * 0.9, "the kernel's largest number is 0.9 times Glorot's limit"),
    (0, lambda array: array * 1.01, "the kernel's largest number is 1.01 times Glorot's limit"),
    (0, lambda array: array**3, "the kernel's "),
    (0, np.abs, "the kernel's mean is"),
    (1, lambda array: array * 1.1, "the recurrent kernel's"),
    (1, lambda array: array[::-1] + 1e-3, "the recurrent kernel's rows are not orthonormal"),
    (2, lambda array: array * 0, "the bias is not 1 for the forget gate"),
    (3, lambda array: array * 2, "the dense kernel's largest number is "),
    (4, lambda array: array + 0.1, "the dense bias is not 0"),
    (3, lambda array: array.T, "the shapes are"),
])  # fmt: skip
def test_weights_from_another_distribution_are_named(place, change, words):
    stage, said = first(Framework(draw=drawn(place, change)))
    assert stage == "initial_weights"
    assert said.startswith(words)


def test_a_seed_that_is_ignored_is_named():
    framework = Framework()
    framework.seed = lambda seed: None
    assert first(framework) == ("initial_weights", "the same seed gives other weights again")


def test_one_draw_for_all_seeds_is_named():
    framework = Framework(draw=lambda framing, random: as_keras_does(framing, np.random.RandomState(5)))
    assert "has the same numbers again" in first(framework)[1]
