"""What the operator and the arm notice of every misbehaviour of an endpoint: observed, as a table.

A real vlm node with its real client and verification, the test endpoint, and a real policy node;
scene, bridge and joints are scripted. `python fault_table.py` writes the page in docs/reference.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import rclpy
from geometry_msgs.msg import PoseStamped
from rclpy.node import Node
from rclpy.parameter import Parameter
from scripted_peers import OperatorsTask, wait_for
from scripted_stack import Stack
from sensor_msgs.msg import JointState
from vls_interfaces.msg import ActionChunk, SteeringStatus

from vls.test_endpoint.behaviour import Behaviour
from vls.test_endpoint.faults import Fault
from vls.test_endpoint.server import EndpointServer
from vls_policy_node.code_terms import CodeState
from vls_policy_node.policy_node import PolicyNode
from vls_ros.convert import seconds
from vls_ros.qos import STATE, STATUS
from vls_vlm_node.world import ErrorCode

PAGE = Path(__file__).resolve().parents[4] / 'docs' / 'reference' / 'endpoint-faults.md'
SENTENCE = 'put the red cube on the plate, stay clear of the bottle'
BEYOND_THE_RULES = 'knock on the plate three times'
ADDRESS = 'http://127.0.0.1:8399/v1'
PATIENCE = {'request_timeout': 2.0, 'authoring_timeout': 20.0, 'maximum_retries': 1}
LONGEST_MESSAGE = 200
MEASURED = re.compile(r'-?\d+\.\d{2,}')
"""Numbers that depend on the machine have no place on the page."""
HOLDS, STEERED, UNSTEERED = 'holds', 'moves, steered', 'moves, unsteered'
LEVELS = {b'\x00': 'OK', b'\x01': 'WARN', b'\x02': 'ERROR'}


@dataclass(frozen=True)
class Case:
    """A misbehaviour, and what has to come of it.

    Attributes:
        name: what people call it.
        behaviour: of the test endpoint.
        code, source, level, arm: the result's code and source, the level on /diagnostics, and what
            the arm does.
        requests: how often the endpoint is asked.
        sentence: what is asked for.
        parameters: of the node, beside PATIENCE.
        before: the same was asked of another model, when all was well, with the cache in use.
        listening: False: nobody listens at the address.
    """

    name: str
    behaviour: Behaviour = Behaviour()
    code: str = 'NONE'
    source: str = 'test'
    level: str = 'OK'
    arm: str = STEERED
    requests: int = 1
    sentence: str = SENTENCE
    parameters: dict[str, Any] = field(default_factory=dict)
    before: bool = False
    listening: bool = True

    def __str__(self) -> str:
        return self.name


def _case(name: str, fault: Fault, times: int | None = None, delay: float = 5.0, **values: Any
          ) -> Case:
    return Case(name, Behaviour(fault, delay, times), **values)


def _degraded(name: str, fault: Fault, requests: int, **values: Any) -> Case:
    return _case(
        name, fault, source='offline rules', level='WARN', requests=requests, **values
    )


CASES = (
    _case('answers well', Fault.NONE),
    _case('answers well, with a term in code', Fault.CODE),
    _case('slow, but within `request_timeout`', Fault.SLOW, delay=0.2),
    _case('slower than `request_timeout` once', Fault.SLOW, 1, 6.0, requests=2),
    _degraded('slower than `request_timeout`', Fault.SLOW, 2, delay=6.0),
    _case('429 once', Fault.TOO_MANY_REQUESTS, 1, requests=2),
    _degraded('429', Fault.TOO_MANY_REQUESTS, 2),
    _case('500 once', Fault.SERVER_ERROR, 1, requests=2),
    _degraded('500', Fault.SERVER_ERROR, 2),
    _case('truncated JSON once', Fault.TRUNCATED, 1, requests=2, level='WARN'),
    _degraded('truncated JSON', Fault.TRUNCATED, 2),
    _case('prose around the JSON', Fault.PROSE),
    _case('wrong schema once', Fault.WRONG_SCHEMA, 1, requests=2, level='WARN'),
    _degraded('wrong schema', Fault.WRONG_SCHEMA, 2),
    _case('refusal', Fault.REFUSAL, code='NOT_UNDERSTOOD', source='', arm=HOLDS),
    _case('hostile code once', Fault.HOSTILE, 1, requests=2, level='WARN'),
    _case('hostile code', Fault.HOSTILE, requests=2, level='WARN'),
    _case('code that rewards the opposite once', Fault.UNVERIFIED, 1, requests=2, level='WARN'),
    _case('code that rewards the opposite', Fault.UNVERIFIED, requests=2, level='WARN'),
    _degraded('never answers', Fault.SILENT, 2),
    _case('closes the connection once', Fault.DROP, 1, requests=2),
    _degraded('closes the connection', Fault.DROP, 2),
    Case('nobody listens', source='offline rules', level='WARN', requests=0, listening=False),
    _case('500; another model wrote this before, and it is in the cache', Fault.SERVER_ERROR,
          level='WARN', requests=2, before=True),
    _case('500; `fall_back_to_offline` is false', Fault.SERVER_ERROR, code='AUTHOR_FAILED',
          source='', level='WARN', arm=HOLDS, requests=2,
          parameters={'fall_back_to_offline': False}),
    _case('never answers; `fall_back_to_offline` is false', Fault.SILENT, code='AUTHOR_FAILED',
          source='', level='WARN', arm=HOLDS, requests=2,
          parameters={'fall_back_to_offline': False}),
    _case('500; the offline rules do not understand the sentence', Fault.SERVER_ERROR,
          code='AUTHOR_FAILED', source='', level='WARN', arm=HOLDS, requests=2,
          sentence=BEYOND_THE_RULES),
)


@dataclass(frozen=True)
class Observation:
    """What came of a case.

    Attributes:
        steps: how the program came about.
        chunks_before: published before there was a program.
    """

    code: str
    source: str
    level: str
    message: str
    arm: str
    requests: int
    steps: tuple[str, ...]
    chunks_before: int


class ScriptedRobot(Node):
    """Stands still at one place, and counts what it is told to do."""

    def __init__(self, namespace: str) -> None:
        super().__init__('scripted_robot', namespace=namespace)
        self.chunks: list[ActionChunk] = []
        self.arrivals: list[tuple[float, float]] = []
        """Of every chunk: when the robot it was planned for was seen, and when it came [s]."""
        self._joints = self.create_publisher(JointState, 'joint_states', STATE)
        self._pose = self.create_publisher(PoseStamped, 'end_effector_pose', STATE)
        self.create_subscription(ActionChunk, 'action_chunk', self._on_chunk, STATUS)
        self.create_timer(0.03, self._publish)

    def now(self) -> float:
        """[s]."""
        return 1e-9 * self.get_clock().now().nanoseconds

    def _on_chunk(self, chunk: ActionChunk) -> None:
        self.arrivals.append((seconds(chunk.header.stamp), self.now()))
        self.chunks.append(chunk)

    def _publish(self) -> None:
        joints = JointState(position=[0.0] * 7 + [0.04, 0.04], velocity=[0.0] * 9)
        pose = PoseStamped()
        pose.pose.position.x, pose.pose.position.z, pose.pose.orientation.x = 0.4, 0.3, 1.0
        joints.header.stamp = pose.header.stamp = self.get_clock().now().to_msg()
        self._joints.publish(joints)
        self._pose.publish(pose)


def _steered(chunk: ActionChunk) -> bool:
    """Whether a reward had a part in it; the chunks of the policy alone name no program."""
    return bool(chunk.program_id)


class Bench:
    """A stack whose policy node is real, and the endpoint it asks."""

    def __init__(self, endpoint: EndpointServer, stack: Stack) -> None:
        self.endpoint = endpoint
        self.stack = stack
        self.robot = ScriptedRobot(stack.namespace)
        # So that a busy computer costs no term in code:
        slow = Parameter('code_deadline', value=10.0)
        self.policy = PolicyNode(namespace=stack.namespace, parameter_overrides=[slow])
        stack.add(self.robot)
        stack.add(self.policy)
        assert self.policy.bring_up()
        stack.peers.policy_state = None
        wait_for(lambda: self.robot.count_publishers('action_chunk') > 0, 'the policy')
        wait_for(lambda: self.policy._code.state is CodeState.READY, 'the worker')  # noqa: SLF001

    def run(self, case: Case) -> Observation:
        """Gives one task to its end."""
        peers, robot = self.stack.peers, self.robot
        wait_for(lambda: self.policy._planner.task is None, 'the policy to rest')  # noqa: SLF001
        begun = robot.now()
        peers.programs.clear()
        robot.chunks.clear()
        asked = self.endpoint.requests
        self.endpoint.misbehave(case.behaviour)
        task = peers.run(case.sentence, steer=True)
        wait_for(lambda: task.done or any(item.stages for item in peers.programs), 'a program')
        arm = self._arm(task)
        # The scripted robot stands still: its task is called done once the arm was told to move.
        peers.policy_state = SteeringStatus.SUCCEEDED
        result = task.result()
        peers.policy_state = None
        report = self._diagnosis()
        return Observation(
            ErrorCode(result.error_code).name, result.source, LEVELS[report.level],
            self._readable(report.message), arm, self.endpoint.requests - asked,
            self.stack.vlm._newest.steps, self._chunks_before(begun),
        )

    def _chunks_before(self, begun: float) -> int:
        """Chunks of this task that came before its first program was published."""
        stamps = [seconds(item.header.stamp) for item in self.stack.peers.programs if item.stages]
        first = min(stamps, default=self.robot.now())
        return sum(begun <= seen and came < first for seen, came in self.robot.arrivals)

    def _diagnosis(self) -> Any:
        """A report that was made after the task had ended."""
        peers, ended = self.stack.peers, len(self.stack.peers.reports)
        wait_for(lambda: len(peers.reports) >= ended + 2, 'two more reports')
        return peers.reports[-1]

    def _arm(self, task: OperatorsTask) -> str:
        """What chunks tell the arm to do, terms in code included; waits for them, or the end."""
        chunks = self.robot.chunks
        wait_for(lambda: task.done or chunks, 'a chunk, or the end')
        if not chunks:
            return HOLDS
        program = next(item for item in reversed(self.stack.peers.programs) if item.stages)
        if any(term.kind == 'code' for stage in program.stages for term in stage.terms):
            wait_for(lambda: self.policy._code.state is CodeState.READY, 'the worker')  # noqa: SLF001
            chunks.clear()
        if not program.steer:
            return STEERED if any(map(_steered, chunks)) else UNSTEERED
        wait_for(lambda: task.done or any(map(_steered, chunks)), 'a steered chunk')
        return STEERED if any(map(_steered, chunks)) else UNSTEERED

    def _readable(self, text: str) -> str:
        text = ' '.join(text.replace(self.endpoint.base_url, ADDRESS).split())
        text = MEASURED.sub('...', text)
        short = text[:LONGEST_MESSAGE].rstrip()
        return text if short == text else f'{short} ...'

    def close(self) -> None:
        """Ends both."""
        self.policy.halt()
        self.stack.close()
        self.policy.teardown()


@contextmanager
def bench(folder: Path, model: str = 'test', listening: bool = True, **parameters: Any
          ) -> Iterator[Bench]:
    """A bench whose node reports on /diagnostics ten times a second."""
    with ExitStack() as cleanup:
        endpoint = EndpointServer()
        base_url = endpoint.base_url
        if listening:
            cleanup.enter_context(endpoint)
        else:
            endpoint.release()
        with patch('vls_ros.lifecycle.DIAGNOSTICS_PERIOD', 0.1):
            stack = Stack(folder / 'programs.sqlite3', **{
                **PATIENCE, 'base_url': base_url, 'model': model, 'use_cache': False, **parameters
            })
        stack.bring_up()
        item = Bench(endpoint, stack)
        cleanup.callback(item.close)
        yield item


class Observer:
    """Runs cases on as few benches as possible, and remembers what it saw.

    Arguments:
        folder: for caches.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._plain: Bench | None = None
        self._cleanup = ExitStack()
        self._seen: dict[str, Observation] = {}

    def __call__(self, case: Case) -> Observation:
        """What comes of a case."""
        if case.name not in self._seen:
            self._seen[case.name] = self._observe(case)
        return self._seen[case.name]

    def close(self) -> None:
        """Ends the bench that most cases share."""
        self._cleanup.close()

    def _observe(self, case: Case) -> Observation:
        if not (case.parameters or case.before) and case.listening:
            if self._plain is None:
                self._plain = self._cleanup.enter_context(bench(self._folder))
            return self._plain.run(case)
        parameters = dict(case.parameters)
        if case.before:
            parameters['use_cache'] = True
            with bench(self._folder, **parameters) as first:
                first.run(Case('before'))
            parameters['model'] = 'another'
        with bench(self._folder, listening=case.listening, **parameters) as item:
            return item.run(case)


def page(observe: Observer) -> str:
    """The page of docs/reference."""
    lines = [
        '# What comes of an endpoint that misbehaves', '',
        'Observed, not promised: a real vlm node with its client and verification, a real policy',
        'node and `vls test-endpoint`; scene, bridge and joints are scripted. A test holds this',
        'page to what it observes; `make endpoint-faults` writes it anew.', '',
        f'Asked is for "{SENTENCE}", with',
        f'`request_timeout` {PATIENCE["request_timeout"]:g} s, `maximum_retries` '
        f'{PATIENCE["maximum_retries"]}, the default `fall_back_to_offline` (true) and without',
        'the cache, unless the first column says otherwise. "once" means that the first request',
        'is answered so, and later ones well. While the endpoint is being waited for, the arm',
        'holds, or goes on with the program of the task before. "requests" are those that',
        'arrived.', '',
        '| the endpoint | requests | action result | program by | `/diagnostics` | the arm |',
        '|---|---|---|---|---|---|',
    ]
    for case in CASES:
        seen = observe(case)
        message = seen.message.replace('|', '\\|')
        lines.append(
            f'| {case.name} | {seen.requests} | `{seen.code}` | {seen.source or "nobody"} | '
            f'{seen.level}: {message} | {seen.arm} |'
        )
    return '\n'.join(lines) + '\n'


def main() -> None:
    """Writes the page."""
    rclpy.init()
    with tempfile.TemporaryDirectory() as folder:
        observe = Observer(Path(folder))
        try:
            PAGE.write_text(page(observe))
        finally:
            observe.close()
            rclpy.shutdown()
    print(f'written: {PAGE}')


if __name__ == '__main__':
    main()
