"""A thread that lets others go first takes those it starts along, and nobody else."""

import os
import threading

from vls_ros.courtesy import let_others_go_first


def niceness():
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def test_only_the_calling_thread_and_those_it_starts_go_last():
    before, seen = niceness(), []

    def work():
        let_others_go_first(before + 3)
        seen.append(niceness())
        child = threading.Thread(target=lambda: seen.append(niceness()))
        child.start()
        child.join()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before + 3, before + 3]
    assert niceness() == before
