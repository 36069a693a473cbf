"""What can be wrong outside of the environments under test. One sentence each, as in `harness.errors`."""

from harness.errors import UserError


class StoreError(UserError):
    """The MLflow store cannot be reached, or refuses what it is given."""


class ReferenceRecordsError(UserError):
    """The records that the declared numbers came from are missing, broken or of another framing."""


class DeclarationError(UserError):
    """The declaration of stacks cannot be read strictly, or has no stack of that name."""


class LockError(UserError):
    """A stack that cannot be resolved, or that has no lock by its nature."""


class ReportError(UserError):
    """A night, an edition or a stack that there is nothing to report of, or a page that cannot be written."""


class NightError(UserError):
    """A night that cannot begin or go on, or a file of one that cannot be read."""


class TrackerError(UserError):
    """The issue tracker cannot be reached, or refuses what it is told."""


class ChoiceError(UserError):
    """Nothing that was recorded bears the name that was given: a stack, an invocation, a day, a file."""


class SettlingError(UserError):
    """A stack that was to train more seeds, and could not."""


class BaselineError(UserError):
    """The list of accepted baselines cannot be read, or there is none of a stack."""


class TrialError(UserError):
    """What the harness found out about itself cannot be read, or cannot be kept."""


class SelfcheckError(UserError):
    """A self-check, or clean runs, that did not come to their end."""
