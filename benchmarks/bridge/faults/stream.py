"""A policy that is easy to break: it swings one joint, chunk after chunk."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from vls_interfaces import msg as messages

from benchmarks.bridge.bridge_process import BridgeClient, wait_for
from vls_core.control import fr3
from vls_core.types import ActionChunk, TargetKind
from vls_ros import convert, qos

STEP = 1 / 15
HORIZON = 16
REPLAN_PERIOD = 8 * STEP


@dataclass(frozen=True)
class Swing:
    """Of the first joint, about home: amplitude [rad], frequency [Hz]."""

    amplitude: float = 0.35
    frequency: float = 0.25


CALM = Swing()
"""Passes the middle at 0.55 rad/s."""
FAST = Swing(0.42, 0.4)
"""Passes the middle at 1.06 rad/s."""


class SwingingPolicy:
    """Publishes chunks of a swing from a thread of its own, until told to stop.

    Args:
        client: to publish with.
        swing: how far and how often.
    """

    def __init__(self, client: BridgeClient, swing: Swing = CALM) -> None:
        self._client, self._swing = client, swing
        self.change: Callable[[ActionChunk], ActionChunk] = lambda chunk: chunk
        """Applied to every chunk before it is published."""
        self.delay = 0.0
        """Between the observation of a chunk and its publication [s]."""
        self._publisher = client.node.create_publisher(
            messages.ActionChunk, 'action_chunk', qos.action_chunk(1.0)
        )
        self._sequence = 0
        self._start = 0.0
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins to swing, from home."""
        wait_for(lambda: self._publisher.get_subscription_count() > 0, 'the bridge to listen')
        self._start = self._client.now()
        self.resume()

    def resume(self) -> None:
        """Goes on swinging, where it would be by now."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Falls silent, as a dead policy; the chunk in force plays on."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def reset(self) -> None:
        """Falls silent and forgets what was wrong with its chunks."""
        self.stop()
        self.change, self.delay = lambda chunk: chunk, 0.0

    def close(self) -> None:
        """Falls silent and leaves the graph."""
        self.stop()
        self._client.node.destroy_publisher(self._publisher)

    def next_chunk(self) -> ActionChunk:
        """A good one, from now on."""
        self._sequence += 1
        now = self._client.now()
        due = now + STEP * np.arange(1, HORIZON + 1) - self._start
        targets = np.tile(fr3.HOME_JOINT_POSITIONS, (HORIZON, 1))
        ramp = np.clip(due / 1.0, 0.0, 1.0)
        targets[:, 0] += ramp * self._swing.amplitude * np.sin(
            2 * np.pi * self._swing.frequency * due
        )
        return ActionChunk(
            now, STEP, self._sequence, targets, np.ones(HORIZON), TargetKind.JOINT_POSITION
        )

    def publish_chunk(self, chunk: ActionChunk) -> None:
        """Sends a chunk once the bridge listens."""
        wait_for(lambda: self._publisher.get_subscription_count() > 0, 'the bridge to listen')
        self.publish(convert.chunk_to_message(chunk))

    def publish(self, message: messages.ActionChunk) -> None:
        """Sends a message, good or bad."""
        self._publisher.publish(message)

    def _run(self) -> None:
        while not self._stopping.is_set():
            chunk = self.change(self.next_chunk())
            self._stopping.wait(self.delay)
            self.publish(convert.chunk_to_message(chunk))
            self._stopping.wait(REPLAN_PERIOD - self.delay)
