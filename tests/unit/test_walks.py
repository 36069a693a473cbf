"""The clauses on walking hold for networks that walk as they are told, and each says what it found where one does not."""

import numpy as np
import pytest

from harness import padding, reference, small, walks

NUMERICS = reference.NEWEST._replace(dtype="float64")


class Walking:
    """The reference over the steps that are there, walked as the design says; a subclass replaces what it does wrong."""

    def __init__(self, design):
        self.design = design
        ways, units, ingoing = 1 + design.is_both_ways, design.units[0], design.features
        one = [(ingoing, 4 * units), (units, 4 * units), (4 * units,)]
        table = [] if design.vocabulary is None else [(design.vocabulary, ingoing)]
        self.shapes = [*table, *ways * one, (ways * units, design.classes), (design.classes,)]
        self.arrays, self.kept = [np.zeros(shape) for shape in self.shapes], {}

    def weights(self):
        return self.arrays

    def set_weights(self, weights):
        self.arrays = weights

    def there(self, row):
        return row[np.any(row != padding.PADDING, axis=1)]

    def back(self, row):
        return self.there(row)[::-1]

    def unrolled(self, row):
        return self.there(row)

    def hidden(self, place, rows, states=None):
        """Return the last states [h, c] of the layer whose weights begin at the place, over rows of any lengths."""
        states = self.first(states, self.kept.get(place))
        layer = [*self.arrays[3 * place : 3 * place + 3], *self.arrays[-2:]]
        layer[3] = layer[3][: len(layer[1])]
        network = reference.Network(layer, NUMERICS)
        starts = [None] * len(rows) if states is None else [[one[[row]] for one in states] for row in range(len(rows))]
        told = [network.forward(row[None], start).states for row, start in zip(rows, starts)]
        found = [np.concatenate([one[number] for one in told]) for number in range(2)]
        if self.design.batch_size is not None:
            self.keep(place, found)
        return found

    def first(self, given, kept):
        return kept if given is None else given

    def keep(self, place, states):
        self.kept[place] = states

    def reset(self):
        self.kept.clear()

    def states(self):
        return self.kept[0]

    def set_states(self, states):
        self.kept[0] = states

    def answers(self, *hidden):
        return reference.softmax(np.concatenate(hidden, axis=1).dot(self.arrays[-2]) + self.arrays[-1])

    def turned(self, steps):
        return steps[::-1]

    def every(self, rows):
        return self.hidden(0, [rows[:step] for step in range(1, len(rows) + 1)])[0]

    def step_by_step(self, x):
        """Return the answers at the steps that are there, and ones elsewhere."""
        found = np.ones((*x.shape[:2], self.design.classes))
        for row, answers in zip(x, found):
            ways = [self.every(self.there(row))]
            if self.design.is_both_ways:
                layer, self.arrays = self.arrays, [*self.arrays[3:6], *self.arrays[-2:]]
                ways, self.arrays = [*ways, self.turned(self.every(self.back(row)))], layer
            answers[np.any(row != padding.PADDING, axis=1)] = self.answers(*ways)
        return found

    def embedded(self, tokens, table):
        return np.where(tokens[:, :, None] == 0, padding.PADDING, table[tokens])

    def predict(self, x, batch_size):
        if self.design.vocabulary is not None:
            table, *self.arrays = self.arrays
            found = self.answers(self.hidden(0, [self.there(row) for row in self.embedded(x, table)])[0])
            self.arrays = [table, *self.arrays]
            return found
        if self.design.every_step:
            return self.step_by_step(x)
        backwards, there = [self.back(row) for row in x], [self.there(row) for row in x]
        if self.design.is_both_ways:
            return self.answers(self.hidden(0, there)[0], self.hidden(1, backwards)[0])
        rows = [self.unrolled(row) for row in x] if self.design.is_unrolled else there
        return self.answers(self.hidden(0, backwards if self.design.is_backwards else rows)[0])

    def starts(self, states):
        return states

    def handed(self, x):
        return [self.there(row) for row in x]

    def go_on(self, x, states):
        if self.design.is_both_ways:
            ways = self.hidden(0, list(x)), self.hidden(1, [row[::-1] for row in x])
            return [self.answers(*(hidden for hidden, _ in ways)), *self.joined(*ways)]
        hidden, cells = self.hidden(0, self.handed(x), self.starts(states))
        return [self.step_by_step(x) if self.design.every_step else self.answers(hidden), *self.given([hidden, cells])]

    def given(self, states):
        return states

    def joined(self, there, back):
        return [*there, *back]

    def train_on_batch(self, x, y):
        self.predict(x, len(x))

    def anew(self):
        found = type(self)(self.design)
        found.set_weights(self.weights())
        return found


class Networks:
    """Gives such networks, their weights shaken."""

    def __init__(self, **broken):
        self.kind = type("Broken", (Walking,), broken)

    def get(self, design=small.PLAIN, metrics=()):
        network, random = self.kind(design), np.random.RandomState(4)
        network.set_weights([random.normal(0, 0.4, shape) for shape in network.shapes])
        return network


@pytest.mark.parametrize("clause", walks.CLAUSES, ids=lambda clause: clause.__name__)
def test_a_network_that_walks_as_it_is_told_holds(clause):
    assert clause(Networks()) is None


def forwards(self, row):
    return self.there(row)


def padding_too(self, row):
    return row[::-1]


def first_alone(self, place, rows, states=None):
    return Walking.hidden(self, 0, rows, states)


def swapped(self, states):
    return states[::-1]


def forgotten(self, states):
    return None


def without_bias(self, x, states):
    self.arrays[2] = np.zeros_like(self.arrays[2])
    return Walking.go_on(self, x, states)


def as_many_as_rows(self, x, batch_size):
    return Walking.predict(self, x, batch_size)[:, : len(x) if self.design.is_distributed else None]


def turned_round(self, x, batch_size):
    return Walking.predict(self, x, batch_size)[:, :: -1 if self.design.is_distributed else 1]


def kept_first(self, given, kept):
    return given if kept is None else kept


def zeros_count(self, tokens, table):
    return table[tokens]


def nothing_kept(self, place, states):
    pass


def one_way_kept(self, place, states):
    if place == 0:
        self.kept[place] = states


def nothing_kept_in_training(self, x, y):
    self.keep(0, [np.zeros((len(x), *self.design.units)) for _ in "hc"])


def one_step_old(self, states):
    return [0.9 * states[0], states[1]] if self.design.every_step else states


def forgets_nothing(self):
    pass


def one_way(self):
    backwards = self.design.is_backwards or self.design.is_both_ways
    return Networks().get(self.design._replace(is_both_ways=False, is_backwards=backwards))


def hidden_first(self, there, back):
    return [there[0], back[0], there[1], back[1]]


def short_indices(self, tokens, table):
    return Walking.embedded(self, tokens % 2**16, table)


@pytest.mark.parametrize(("clause", "method", "broken", "words"), [
    ("states_beside_every_step_are_the_last", "given", lambda self, states: states[:1] if self.design.every_step else states,
     "where every step is answered, too, the answers and states are others by 1"),
    ("given_state_is_gone_on_from", "given", lambda self, states: states[:1] if self.design.batch_size else states,
     "where it keeps a state, the first call is inf away from where the given states lead"),
    ("both_ways_give_their_states", "joined", hidden_first,
     "both ways, 4 states are given, 2 of them those of each way alone"),
    ("both_ways_give_their_states", "joined", lambda self, there, back: there,
     "both ways, 2 states are given, 2 of them those of each way alone"),
    ("embedded_zeros_are_padding", "embedded", short_indices, "embedded, with zeros before, they are answered "),
    ("states_beside_every_step_are_the_last", "given", one_step_old,
     "where every step is answered, too, the hidden state differs by "),
    ("state_is_kept_by_train_on_batch", "train_on_batch", nothing_kept_in_training, "after train_on_batch the state is "),
    ("backwards_is_the_reversed_sequence", "back", forwards, "going backwards over rows that are not padded, answers are "),
    ("backwards_is_the_reversed_sequence", "back", padding_too, "going backwards over rows that are padded before, answers "),
    ("both_ways_are_each_alone", "hidden", first_alone, "both ways over rows that are not padded, "),
    ("both_ways_are_each_alone", "back", padding_too, "both ways over rows that are padded before, answers "),
    ("both_ways_are_each_alone", "turned", lambda self, steps: steps, "both ways, step by step over rows that are not "),
    ("both_ways_keeps_and_forgets", "keep", nothing_kept, "both ways, no state is kept"),
    ("both_ways_keeps_and_forgets", "keep", one_way_kept, "both ways, from the kept state answers are "),
    ("both_ways_keeps_and_forgets", "reset", forgets_nothing, "both ways, after a reset answers are "),
    ("kept_state_can_be_set", "set_states", lambda self, states: None, "from a state that was set, answers are "),
    ("distributed_layer_answers_every_step", "predict", as_many_as_rows, "of 3 rows a layer in a TimeDistributed answers "),
    ("distributed_layer_answers_every_step", "predict", turned_round, "in a TimeDistributed, a layer's answers are "),
    ("unrolled_answers_alike", "unrolled", lambda self, row: row, "unrolled, answers to rows that are padded before "),
    ("embedded_zeros_are_padding", "embedded", zeros_count, "embedded, with zeros before, they are answered "),
    ("states_handed_over_go_on", "starts", swapped, "from the states after 2 steps on, the answers differ by "),
    ("states_handed_over_go_on", "starts", forgotten, "from the states after 2 steps on, the answers differ by "),
    ("states_handed_over_go_on", "go_on", without_bias, "from states of zeros, answers are "),
    ("padding_is_left_out_beside_given_states", "handed", lambda self, x: x, "where states are given, padding counts: the "),
    ("given_state_is_gone_on_from", "first", kept_first, "where it keeps a state, the second call is "),
    ("given_state_is_gone_on_from", "starts", forgotten, "where it keeps a state, the second call is "),
])  # fmt: skip
def test_a_network_that_walks_otherwise_is_told(clause, method, broken, words):
    assert getattr(walks, clause)(Networks(**{method: broken})).startswith(words)


def test_the_hidden_and_the_cell_state_are_told_by_name():
    def otherwise(self, x, states):
        answers, hidden, cells = Walking.go_on(self, x, states)
        return [answers, hidden, cells + (len(x[0]) == small.STEPS)]

    words = walks.states_handed_over_go_on(Networks(go_on=otherwise))
    assert words == "from the states after 2 steps on, the cell state differs by 1"
