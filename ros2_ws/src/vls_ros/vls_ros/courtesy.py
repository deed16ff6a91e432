"""Who may wait where there is too little processor for all: pictures may, plans and motion not."""

from __future__ import annotations

import os
import threading


def let_others_go_first(niceness: int = 5) -> None:
    """Lowers the priority of the calling thread, and of those it starts from now on.

    Args:
        niceness: 1 to 19; a thread with 5 gets about a third of what an ordinary one gets.
    """
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)
