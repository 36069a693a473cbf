"""What a user can get wrong. Each error is one sentence that says what was got, what is allowed and where."""


def reason(error):
    """Return an exception in one line: its kind and the first line of what it says."""
    return "{}: {}".format(type(error).__name__, (str(error).splitlines() or [""])[0])


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
