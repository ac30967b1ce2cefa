"""What goes wrong where several machines or people work on one batch: a branch of campaign.errors' tree.

FleetError
├── BusyError         somebody else works on the campaign
├── LeaseLostError    somebody else has taken the campaign over
├── LeftError         it is made on another machine, and is not there yet
├── LostWorkError     it was to be made on another machine, again and again, and never came
├── DecidedError      somebody else has decided meanwhile
├── ChangedError      what is to be decided is no longer what was looked at
└── ServerError       the Prefect server is not there, or cannot be used
    └── ServerLostError   it went away in the middle of the work
"""

from campaign.errors import ReelsheetError


class FleetError(ReelsheetError):
    """Work that is shared out among machines or people could not go on."""


class BusyError(FleetError):
    """Two would work on one campaign."""

    def __init__(self, campaign: str, holder: str) -> None:
        super().__init__(campaign, holder)
        self.campaign = campaign
        self.holder = holder

    def __str__(self) -> str:
        return (
            f"{self.campaign} is being made by {self.holder}. Wait until that ends, or end it there; "
            "then run the same command again: what is made is kept. If that machine is lost, wait a minute."
        )


class LeaseLostError(FleetError):
    """A process was silent so long that another has followed it; nothing it does may count any more."""

    def __init__(self, campaign: str, holder: str) -> None:
        super().__init__(campaign, holder)
        self.campaign = campaign
        self.holder = holder

    def __str__(self) -> str:
        return (
            f"{self.campaign} was taken over by {self.holder}, because this process was not heard of for too "
            "long. Leave it to that one; nothing is lost or released twice."
        )


class LeftError(FleetError):
    """A thing is missing that this machine leaves to others."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind

    def __str__(self) -> str:
        return f"Its {self.kind} is not made yet; the work pools make it. Run the same command again."


class LostWorkError(FleetError):
    """Workers took a piece of work and never brought it."""

    def __init__(self, kind: str, tries: int, last: str) -> None:
        super().__init__(kind, tries, last)
        self.kind = kind
        self.tries = tries
        self.last = last

    def __str__(self) -> str:
        return (
            f"Its {self.kind} was given to the work pools {self.tries} times and did not come back "
            f"({self.last}). Look at the worker's log, then run the same command again."
        )


class DecidedError(FleetError):
    """Two people would decide about one thing, each without knowing of the other."""

    def __init__(self, name: str, decision: str, who: str, why: str) -> None:
        super().__init__(name, decision, who, why)
        self.name = name
        self.decision = decision
        self.who = who
        self.why = why

    def __str__(self) -> str:
        return (
            f"{self.name} was not decided: meanwhile {self.who} has said {self.decision} ({self.why}). "
            "Look again; whoever still thinks otherwise can decide anew."
        )


class ChangedError(FleetError):
    """Takes or words have changed since a person looked at them."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"{self.name} was not decided: it is no longer what was looked at. Look again, then decide."


class ServerError(FleetError):
    """The Prefect server cannot be used as it is; ``where`` is its address."""

    def __init__(self, where: str, problem: str, remedy: str) -> None:
        super().__init__(where, problem, remedy)
        self.where = where
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"Prefect server {self.where}: {self.problem} {self.remedy}"


class ServerLostError(ServerError):
    """The Prefect server went away in the middle of the work."""
