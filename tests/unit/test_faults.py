"""Faults are planted where they have a place, change what they say, and leave nothing behind."""

from types import SimpleNamespace

import numpy as np
import pytest

from harness import contract, cost, faults, stages
from harness.faults import keeping, planting, plants


class Base:
    """A model of Keras 2.0's kind: Sequential's `fit` calls that of its inner model."""

    def fit(self, x, y, batch_size=32, epochs=1, shuffle=True):
        return x, y, {"batch_size": batch_size, "epochs": epochs, "shuffle": shuffle}


class Sequential(Base):
    def __init__(self):
        self.model = Base()

    def fit(self, x, y, **named):
        return self.model.fit(x, y, **named)


class LSTM:
    def __init__(self, units, recurrent_activation="sigmoid", **more):
        self.units, self.recurrent_activation, self.more = units, recurrent_activation, more

    def call(self, x):
        return x + 1


def keras():
    return SimpleNamespace(
        layers=SimpleNamespace(LSTM=LSTM),
        models=SimpleNamespace(Model=Base, Sequential=Sequential),
        utils=SimpleNamespace(to_categorical=np.eye),
    )


def fault(plant):
    return planting.Fault("a_fault", "kind", "it is wrong", ("forward",), plant)


@pytest.mark.parametrize("one", faults.FAULTS, ids=[one.name for one in faults.FAULTS])
def test_a_fault_names_stages_and_clauses_that_there_are(one):
    known = {*stages.STAGES, *(clause.__name__ for clause in contract.CLAUSES), *cost.CLAUSES, "fit", "predict"}
    assert one.stages
    assert set(one.stages) <= known


def test_no_two_faults_have_one_name_or_say_the_same():
    assert len({one.name for one in faults.FAULTS}) == len({one.says for one in faults.FAULTS}) == len(faults.FAULTS)


def test_there_are_faults_of_every_kind():
    kinds = {"data", "default", "numbers", "gradient", "state", "trainer", "metrics", "contract", "cost"}
    assert {one.kind for one in faults.FAULTS} == kinds
    assert len(faults.FAULTS) >= 40


def test_a_fault_ends_with_its_context_though_the_framework_raises():
    before = dict(vars(LSTM)), dict(vars(Base)), dict(vars(Sequential))
    plant = fault(plants.settings("lstm", recurrent_activation="hard_sigmoid"))
    with pytest.raises(ValueError, match="from inside"), faults.planted(plant, keras()):
        assert LSTM(3).recurrent_activation == "hard_sigmoid"
        raise ValueError("from inside")
    assert (dict(vars(LSTM)), dict(vars(Base)), dict(vars(Sequential))) == before
    assert LSTM(3).recurrent_activation == "sigmoid"


class Adam:
    def __init__(self, lr=0.001, **more):
        if more:
            raise TypeError("unexpected keyword argument")


def test_a_setting_that_a_class_of_any_words_refuses_has_no_place():
    old = SimpleNamespace(adam=Adam)
    with pytest.raises(planting.NoPlaceError, match="no such setting \\(unexpected"):
        plants.settings("adam", amsgrad=True)(old)


class Kept:
    states = (None,)
    resets = 0

    def reset_states(self):
        self.resets += 1
        self.states = (0.0,)


def test_the_reset_that_makes_the_state_is_no_reset():
    modules = {"layers": SimpleNamespace(LSTM=Kept), "models": SimpleNamespace(Model=Base, Sequential=Sequential)}
    with faults.planted(fault(keeping.no_reset), SimpleNamespace(**modules)):
        layer = Kept()
        layer.reset_states()
        layer.reset_states()
    assert layer.resets == 1


def test_a_default_gives_way_to_what_the_caller_says_and_an_overruled_one_does_not():
    with faults.planted(fault(plants.settings("lstm", recurrent_activation="relu")), keras()):
        assert LSTM(3, recurrent_activation="tanh").recurrent_activation == "tanh"
    with faults.planted(fault(plants.overruled("lstm", recurrent_activation="relu")), keras()):
        assert LSTM(3, recurrent_activation="tanh").recurrent_activation == "relu"


def test_a_default_that_is_there_already_has_no_place():
    plant = fault(plants.settings("lstm", recurrent_activation="sigmoid"))
    with pytest.raises(faults.NoPlaceError, match="that is the default here"), faults.planted(plant, keras()):
        pass


def test_a_method_within_a_method_of_the_same_name_is_spoiled_once():
    def fit(real, this, x, y, **named):
        return real(this, x + 1, y, **named)

    with faults.planted(fault(plants.method("fit", fit)), keras()):
        assert Sequential().fit(1, 2)[0] == Base().fit(1, 2)[0] == 2


def test_a_fault_without_a_place_says_so():
    with pytest.raises(faults.NoPlaceError, match="has stop"), faults.planted(fault(plants.method("stop", None)), keras()):
        pass
    with pytest.raises(faults.NoPlaceError), faults.planted(fault(plants.function((("utils", "nothing"),), None)), keras()):
        pass


def test_a_method_is_called_with_other_words_where_it_has_them():
    class Trained(LSTM):
        def call(self, x, training=False):
            return training

    def here():
        return SimpleNamespace(layers=SimpleNamespace(LSTM=Trained))

    with faults.planted(fault(plants.words("call", training=True)), here()):
        assert Trained(3).call(2, training=False) is True
    with pytest.raises(faults.NoPlaceError, match="call takes no mask"), faults.planted(
        fault(plants.words("call", mask=1)), here()
    ):
        pass


def test_what_a_layer_takes_in_and_gives_on_is_changed():
    with faults.planted(fault(plants.call("LSTM", lambda x: x * 10, lambda h: -h)), keras()):
        assert LSTM(3).call(2) == -21


@pytest.mark.parametrize(("change", "found"), [
    (plants.at(1, lambda one: one * 0), [[1, 1, 1, 1], [0, 0, 0, 0]]),
    (plants.at(0, plants.gate("f", 0.0)), [[1, 0, 1, 1], [1, 1, 1, 1]]),
    (plants.at(1, plants.gate("o", -1.0)), [[1, 1, 1, 1], [1, 1, 1, -1]]),
])  # fmt: skip
def test_one_gradient_or_one_gate_of_it_is_changed(change, found):
    assert np.array(change([np.ones(4), np.ones(4)])).tolist() == found


@pytest.mark.parametrize("way", ["apply", "apply_gradients", "get_gradients"])
def test_gradients_are_reached_however_an_era_s_optimizers_take_them(way):
    halve = fault(plants.gradients(lambda found: [one / 2 for one in found]))
    ways = {
        "apply": lambda self, gradients, variables=None: gradients,
        "apply_gradients": lambda self, pairs, name=None: [gradient for gradient, _ in pairs],
        "get_gradients": lambda self, loss, weights: [2.0, 4.0],
    }
    kind = type("Adam", (), {way: ways[way]})
    here = SimpleNamespace(optimizers=SimpleNamespace(Adam=kind, SGD=kind))
    with faults.planted(halve, here):
        asked = {"apply": [[2.0, 4.0]], "apply_gradients": [zip([2.0, 4.0], "ab")], "get_gradients": [None, "ab"]}[way]
        assert getattr(kind(), way)(*asked) == [1.0, 2.0]


class Keeping(Base):
    """A model with one layer that keeps [h, c]; predict adds one to both."""

    def __init__(self):
        self.layers = [SimpleNamespace(stateful=True, states=[np.ones((2, 3)), np.full((2, 3), 5.0)])]

    def predict(self, x):
        self.layers[0].states[:] = [state + 1 for state in self.layers[0].states]


def a_keeping_keras():
    backend = SimpleNamespace(get_value=np.array, set_value=lambda variable, array: variable.__setitem__(..., array))
    return SimpleNamespace(models=SimpleNamespace(Model=Keeping, Sequential=Keeping), backend=backend)


@pytest.mark.parametrize(("plant", "hidden", "cell"), [
    (keeping.states_after("predict", lambda old, new: new[::-1]), 6, 2),
    (keeping.states_after("predict", lambda old, new: old), 1, 5),
    (keeping.states_before("predict", keeping.zeros), 1, 1),
])  # fmt: skip
def test_states_are_changed_around_a_method(plant, hidden, cell):
    model = Keeping()
    with faults.planted(fault(plant), a_keeping_keras()):
        model.predict(None)
    assert [float(state[0, 0]) for state in model.layers[0].states] == [hidden, cell]
