"""What a user can get wrong. Each error is one sentence that says what was got, what is allowed and where."""

LONGEST = 200  # Keras 3 puts a model's whole configuration into one line, two thousand letters of a network of eight units.


def reason(error):
    """Return an exception in one line: its kind and the first line of what it says, the end of a long one cut off."""
    line = (str(error).splitlines() or [""])[0]
    return "{}: {}".format(type(error).__name__, line if len(line) <= LONGEST else line[:LONGEST] + "...")


class UserError(Exception):
    """The call or its input was wrong: one sentence for the user, exit code 2, no traceback."""


class FramingError(UserError):
    """A framing, or an edition of one, that does not exist or contradicts itself."""


class SeedsError(UserError):
    """A set of seeds that is not whole numbers and ranges of them."""


class RecordError(UserError):
    """A line of a record file that is broken or was written by a newer harness."""


class ExpectationError(UserError):
    """A declaration in `expectations/` that cannot be read strictly."""


class StackError(UserError):
    """The environment under test does not hold the framework that it should."""


class TurnsError(UserError):
    """The other process that this one is to be timed beside cannot be reached."""
