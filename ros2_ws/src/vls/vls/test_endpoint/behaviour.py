"""What the test endpoint was told to do, and for how many requests."""

from __future__ import annotations

from dataclasses import dataclass, replace

from vls.test_endpoint.faults import Fault


class InvalidFaultError(ValueError):
    """A fault that does not exist, or a delay or number of times that makes no sense."""


@dataclass(frozen=True)
class Behaviour:
    """How requests to the model "test" are answered.

    Attributes:
        fault: what goes wrong.
        delay: before an answer of the fault `slow` [s].
        times: so many requests are answered so, later ones properly; None: all.
    """

    fault: Fault = Fault.NONE
    delay: float = 5.0
    times: int | None = None

    @classmethod
    def from_document(cls, document: object) -> Behaviour:
        """Of a POST to /fault. Raises InvalidFaultError."""
        if not isinstance(document, dict) or not set(document) <= {'fault', 'delay', 'times'}:
            raise InvalidFaultError('expected {"fault": ..., "delay": seconds, "times": number}')
        try:
            delay, times = float(document.get('delay', cls.delay)), document.get('times')
            times = times if times is None else int(times)
            fault = Fault(document.get('fault', 'none'))
        except (TypeError, ValueError) as error:
            names = ', '.join(Fault)
            raise InvalidFaultError(f'{error}; there are the faults {names}') from error
        if not 0.0 <= delay <= 3600.0 or (times is not None and times < 1):
            raise InvalidFaultError('delay must be 0 to 3600 seconds, times at least 1')
        return cls(fault, delay, times)

    def after_one_request(self) -> Behaviour:
        """What is left of it once a request was answered."""
        if self.times is None:
            return self
        if self.times > 1:
            return replace(self, times=self.times - 1)
        return Behaviour(Fault.NONE, self.delay)
