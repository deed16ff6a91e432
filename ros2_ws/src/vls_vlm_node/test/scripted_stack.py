"""A vlm node and scripted peers on real DDS, in a namespace of their own."""

from __future__ import annotations

import threading
import uuid
from dataclasses import replace

from rclpy.exceptions import InvalidHandle
from rclpy.executors import Executor, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from scripted_peers import ScriptedPeers, wait_for
from vls_interfaces.msg import BridgeStatus

from vls_ros.executor import PatientExecutor
from vls_vlm_node.node import THREADS, VlmNode

PATIENT = {'reappearance_timeout': 0.3, 'policy_timeout': 20.0, 'bridge_timeout': 20.0,
           'scene_timeout': 20.0, 'authoring_timeout': 20.0}
"""A peer that is silent because this computer pauses must not count as silent."""


class Spinner:
    """Spins a node in the background, as if it were a process of its own."""

    def __init__(self, node: Node, executor: Executor) -> None:
        self.node = node
        self._executor = executor
        self._executor.add_node(node)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._spin)
        self._thread.start()

    def _spin(self) -> None:
        while not self._closing.is_set():
            try:
                self._executor.spin()
            except InvalidHandle:
                # What another thread destroys may just have been collected to be waited for.
                continue
            except Exception:
                # An executor that is shut down while it spins may raise; before, nothing may.
                if not self._closing.is_set():
                    raise

    def stop(self) -> None:
        """Spins no more."""
        self._closing.set()
        self._executor.shutdown()
        self._thread.join()


class Stack:
    """The node under test and its peers, spinning in the background.

    Arguments:
        cache_file: of the node.
        bridge_state: what the bridge reports from the start; None: it is silent.
        parameters: of the node, stronger than PATIENT.
    """

    def __init__(self, cache_file, bridge_state=BridgeStatus.ARMED, **parameters):
        values = {**PATIENT, 'cache_file': str(cache_file), **parameters}
        self.namespace = f'/test_{uuid.uuid4().hex[:12]}'
        self.vlm = VlmNode(namespace=self.namespace, parameter_overrides=[
            Parameter(name, value=value) for name, value in values.items()
        ])
        self.peers = ScriptedPeers(self.namespace)
        self.peers.bridge_state = bridge_state
        self._spinners = [Spinner(self.vlm, PatientExecutor(THREADS))]
        self.add(self.peers)

    def add(self, node: Node):
        """Spins another node, too."""
        self._spinners.append(Spinner(node, SingleThreadedExecutor()))

    def bring_up(self):
        assert self.vlm.bring_up()
        wait_for(lambda: self.peers.programs, 'the empty program at the start')
        wait_for(lambda: self.peers.heard, 'discovery')
        self.peers.programs.clear()
        return self

    def employ(self, author, meanwhile=None):
        """Lets somebody else write from now on."""
        means = self.vlm._means
        self.vlm._means = replace(
            means, authors=replace(means.authors, author=author, meanwhile=meanwhile)
        )

    def bridge_seen(self):
        report = self.vlm._means.inbox.world().bridge
        return report and report.state

    def picture_seen(self):
        return self.vlm._means.inbox.picture() is not None

    def close(self):
        self.vlm.halt() if self.vlm._means else None
        for spinner in self._spinners:
            spinner.stop()
        self.vlm.teardown()
        for spinner in self._spinners:
            spinner.node.destroy_node()
