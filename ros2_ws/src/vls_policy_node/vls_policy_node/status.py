"""What the policy node tells about its task and its last chunk."""

from __future__ import annotations

from vls_interfaces.msg import SteeringStatus

from vls_core.steering.planned_chunk import PlannedChunk
from vls_core.steering.planner import Planner
from vls_core.steering.stages import TaskState
from vls_ros import convert

_STATES = {
    None: SteeringStatus.IDLE,
    TaskState.RUNNING: SteeringStatus.RUNNING,
    TaskState.SUCCEEDED: SteeringStatus.SUCCEEDED,
    TaskState.FAILED: SteeringStatus.FAILED,
}


def status_of_task(planner: Planner) -> SteeringStatus:
    """How the task stands; its stamp is still to be filled in."""
    assert planner.task and planner.machine
    machine = planner.machine
    return SteeringStatus(
        program_id=planner.task.program_id,
        state=_STATES[planner.state],
        stage=machine.index,
        stage_count=len(machine.program.stages),
        stage_name=machine.stage.name,
    )


def status_of_chunk(
    planner: Planner, planned: PlannedChunk, now: float, duration: float, suggestion: str
) -> SteeringStatus:
    """How a chunk came about.

    Args:
        now: on the clock of the chunk's observation [s].
        duration: of the planning [s].
        suggestion: what was answered to a proposal; empty if nothing was.
    """
    assert planner.machine
    steering, stages = planned.steering, planner.machine.program.stages
    status = status_of_task(planner)
    status.header.stamp = convert.stamp(planned.chunk.observation_time)
    status.sequence = planned.chunk.sequence
    status.stage = planned.stage_index
    status.stage_name = stages[planned.stage_index].name
    status.reward = steering.reward
    status.term_names = list(planned.term_names)
    status.term_rewards = list(steering.term_rewards)
    status.strength = steering.strength
    status.effective_sample_size = steering.effective_sample_size
    status.gate_reason = steering.reason
    status.suggestion = suggestion
    status.latency = now - planned.chunk.observation_time
    status.compute_duration = duration
    return status
