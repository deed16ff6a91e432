"""How long an author may take beyond its deadline: what is verified and looked up besides."""

from __future__ import annotations

from vls_core.rewards.code.checking import LOADED
from vls_core.rewards.verification.verify import DEADLINE, PROGRAM_DEADLINE
from vls_core.vlm.cache_repair import LOCK_TIMEOUT
from vls_core.vlm.compose import LOOK_UP_TIME

VERIFICATION = PROGRAM_DEADLINE + LOADED * DEADLINE
"""Of one program: its time, and that of a last check begun within it on a busy machine [s]."""
CACHE_ACCESS = 5 * LOCK_TIMEOUT
"""Two locks, those of moving a damaged file, and the two of the new one [s]."""
LOOK_UP = LOOK_UP_TIME + CACHE_ACCESS + VERIFICATION
"""In the cache: the last candidate is begun within its time [s]."""
OVERTIME = 2 * LOOK_UP + 2 * VERIFICATION
"""One look-up before the author is asked and one after it failed; the answer that is verified
when the deadline passes, and the program of the substitute [s]. Storing a program takes the time
of one access, when the second look-up is not needed."""
