"""Try an operation from the console: build the request from a client's arguments, log in, send, show what came back."""

from vendor_sandbox.trial.access import Logins
from vendor_sandbox.trial.building import WrongArgument
from vendor_sandbox.trial.run import Tried, try_operation

__all__ = ["Logins", "Tried", "WrongArgument", "try_operation"]
