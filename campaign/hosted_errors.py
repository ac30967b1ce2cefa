"""What can go wrong with a take that somebody else makes for money; a branch of the tree in campaign.errors.

HostedError
├── InvalidRequestError        the vendor, or its catalog, says that the request cannot be met
│   └── ModelRetiredError      the model is no longer, or was never, served
├── AuthError                  the key is missing, wrong or not allowed to do this
├── InsufficientCreditError    the account has no money left; stops new attempts
├── BudgetError                a cap of ours is reached; stops new attempts
├── RateLimitedError           too many requests; nothing was made
├── RefusedError               the vendor's safety check; terminal
├── ProviderInternalError      the vendor failed; another try is another payment
├── AssetUnreachableError      an input picture, or the result, cannot be read
├── VendorUnreachableError     a question was not answered; nothing is known, nothing was spent
├── TaskLostError              the vendor no longer knows a task, or never finished it
├── SubmitAmbiguousError       it is not known whether the vendor began a task
└── AbandonedError             a person gave this take up
"""

from campaign.errors import GenerationError


class HostedError(GenerationError):
    """Base of the branch. ``backend`` is the name a campaign writes."""

    degrades = True
    """Whether the next backend of a campaign's list may be asked instead."""

    def __init__(self, backend: str, problem: str, remedy: str) -> None:
        super().__init__(backend, problem, remedy)
        self.backend = backend
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.backend}: {self.problem} {self.remedy}".rstrip()


class InvalidRequestError(HostedError, ValueError):
    """The model cannot make what is asked for; nothing was spent."""


class ModelRetiredError(InvalidRequestError):
    """The vendor has shut the model down, or never had it."""


class AuthError(HostedError):
    """The key is missing, wrong, or may not use this model."""


class InsufficientCreditError(HostedError):
    """The account has no money left."""


class BudgetError(HostedError):
    """One more attempt would go over a cap of the campaign."""

    degrades = False


class RateLimitedError(HostedError):
    """Too many requests; the vendor made nothing."""

    transient = True

    def __init__(self, backend: str, problem: str, remedy: str, retry_after: float | None = None) -> None:
        GenerationError.__init__(self, backend, problem, remedy, retry_after)
        self.backend = backend
        self.problem = problem
        self.remedy = remedy
        self.retry_after = retry_after
        """Seconds the vendor asks to wait; None when it does not say."""


class RefusedError(HostedError):
    """The vendor's safety check refused the prompt, the picture or the result. Never tried again as it is."""

    degrades = False


class ProviderInternalError(HostedError):
    """The vendor failed to make the task; trying again is a new task."""


class AssetUnreachableError(HostedError):
    """An input could not be read by the vendor, or a result could not be fetched whole."""

    transient = True
    degrades = False


class VendorUnreachableError(HostedError):
    """A request that spends nothing got no usable answer."""

    transient = True


class TaskLostError(HostedError):
    """The vendor does not know the task any more, or its deadline is over. It may have been paid."""

    degrades = False


class SubmitAmbiguousError(HostedError):
    """A paid request went out and no usable answer came back."""

    degrades = False


class AbandonedError(HostedError):
    """A person gave the take up; nothing is tried again."""

    degrades = False
