"""The swinging policy as a process, to be killed.

Takes the namespace of the bridge, amplitude [rad] and frequency [Hz].
"""

from __future__ import annotations

import signal
import sys

from benchmarks.bridge.bridge_process import BridgeClient
from benchmarks.bridge.faults.stream import Swing, SwingingPolicy


def main() -> None:
    """Swings until it is killed."""
    namespace, amplitude, frequency = sys.argv[1:]
    with BridgeClient(namespace) as client:
        SwingingPolicy(client, Swing(float(amplitude), float(frequency))).start()
        signal.pause()


if __name__ == '__main__':
    main()
