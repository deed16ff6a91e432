"""One LIBERO task in its simulator: initial states, steps, and what a policy may see of it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import mujoco
import numpy as np
from libero.libero.envs.env_wrapper import ControlEnv

from benchmarks.libero_pro.suites import Task

ACTION_WIDTH = 7
"""Translation, rotation vector and gripper, each in [-1, 1]."""
OPEN, CLOSED = -1.0, 1.0
"""Of the gripper's action."""
_SETTLING = 10  # steps: initial states drop their objects by some centimetres
_LONGEST = 100_000  # steps that the simulator allows; the caller decides when an episode ends


@dataclass(frozen=True)
class RobotState:
    """What the robot knows of itself.

    Attributes:
        position: (3,) of the point between the fingertips, in the world [m].
        quaternion: (4,) of the hand, x, y, z, w.
        opening: between the fingers [m].
        joints, velocities: (7,) [rad] and [rad/s].
    """

    position: np.ndarray
    quaternion: np.ndarray
    opening: float
    joints: np.ndarray
    velocities: np.ndarray


class _WorkedOut:
    """The simulator as the controller sees it: whoever calls the controller has just worked out
    the state of the bodies.
    """

    def __init__(self, simulator: Any) -> None:
        self._simulator = simulator

    def __getattr__(self, name: str) -> Any:
        return getattr(self._simulator, name)

    def forward(self) -> None:
        """Done already."""


class Simulation(AbstractContextManager['Simulation']):
    """A task that can be begun as often as wanted; a context that holds about a gigabyte.

    The robot's base stands at another place in every suite; everything here is in the world's
    frame, z up.

    Args:
        task: what is to be done.
        seed: places the fixtures, which initial states leave alone.
    """

    def __init__(self, task: Task, seed: int = 0) -> None:
        self.task = task
        self._environment = ControlEnv(
            bddl_file_name=str(task.problem_file), has_renderer=False,
            has_offscreen_renderer=False, use_camera_obs=False, horizon=_LONGEST,
        )
        self._environment.seed(seed)
        self._environment.reset()
        self._states = task.initial_states()
        self._leave_out_what_nobody_reads()

    def _leave_out_what_nobody_reads(self) -> None:
        """Spares observations that are not used here, and working out the state of the bodies a
        second time in every step; an episode stays the same to the last bit.
        """
        inner = self._environment.env
        inner._observables.clear()  # noqa: SLF001 (no public way)
        controller = inner.robots[0].controller
        controller.sim = _WorkedOut(controller.sim)

    def __exit__(self, *_: object) -> None:
        """Gives the memory back."""
        self._environment.close()

    @property
    def instruction(self) -> str:
        """What the problem file asks for: the perturbed sentence, where the file's name has not
        been changed.
        """
        return self._environment.language_instruction

    @property
    def goal(self) -> tuple[tuple[str, ...], ...]:
        """Predicates that must hold at the end, as in ('in', 'red_cup_1', 'tray_1_region')."""
        parsed = self._environment.env.parsed_problem['goal_state']
        return tuple(tuple(predicate) for predicate in parsed)

    @property
    def initial_states(self) -> int:
        """How many there are."""
        return len(self._states)

    @property
    def things(self) -> tuple[str, ...]:
        """Names of what can be moved."""
        return tuple(self._environment.env.objects_dict)

    @property
    def obstacles(self) -> tuple[str, ...]:
        """Names of everything on the table, furniture included."""
        inner = self._environment.env
        tables = {'main_table', 'floor', 'kitchen_table', 'living_room_table', 'study_table'}
        return (*self.things, *(name for name in inner.fixtures_dict if name not in tables))

    @property
    def physics(self) -> tuple[mujoco.MjModel, mujoco.MjData]:
        """MuJoCo's own, for what has to know shapes."""
        simulator = self._environment.sim
        return simulator.model._model, simulator.data._data  # noqa: SLF001 (no public way)

    @property
    def base(self) -> np.ndarray:
        """(3,) where the arm stands, in the world [m]; its axes are those of the world."""
        _, data = self.physics
        return np.array(data.body('robot0_base').xpos)

    def begin(self, number: int) -> None:
        """Goes to an initial state and waits until everything lies still.

        Milliseconds, where a reset of the simulator takes seconds: what a reset clears beside the
        state is cleared here.

        Raises:
            IndexError: there is no such initial state.
        """
        inner = self._environment.env
        inner.timestep, inner.done = 0, False
        robot = inner.robots[0]
        robot.gripper.current_action = np.zeros_like(robot.gripper.current_action)
        data = self._environment.sim.data
        data.ctrl[:] = 0.0
        data.qacc_warmstart[:] = 0.0  # the solver begins there: it would remember what was before
        self._environment.set_init_state(self._states[number])
        robot.controller.update(force=True)
        robot.controller.reset_goal()
        for _ in range(_SETTLING):
            self.step(np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, OPEN]))

    def step(self, action: np.ndarray) -> None:
        """Acts for 50 ms; an action of 1 moves the hand by about 1 cm.

        Args:
            action: (7,) of [-1, 1]; beyond, the simulator clips.
        """
        self._environment.step(np.asarray(action, dtype=np.float64))

    def succeeded(self) -> bool:
        """Whether the goal holds now."""
        return bool(self._environment.check_success())

    def robot(self) -> RobotState:
        """As it is now; the simulator's own observations are up to one step older."""
        robot, data = self._environment.env.robots[0], self._environment.sim.data
        w, x, y, z = data.get_body_xquat(robot.robot_model.eef_name)
        fingers = data.qpos[robot._ref_gripper_joint_pos_indexes]  # noqa: SLF001 (no public way)
        return RobotState(
            np.array(data.site_xpos[robot.eef_site_id]), np.array([x, y, z, w]),
            float(fingers[0] - fingers[1]),
            np.array(data.qpos[robot._ref_joint_pos_indexes]),  # noqa: SLF001
            np.array(data.qvel[robot._ref_joint_vel_indexes]),  # noqa: SLF001
        )

    def body(self, thing: str) -> int:
        """The simulator's number of a thing. Raises KeyError."""
        return self._environment.env.obj_body_id[thing]

    @property
    def regions(self) -> tuple[str, ...]:
        """Names of the regions of things and furniture that a goal may name."""
        return tuple(self._environment.env.object_sites_dict)

    def place(self, name: str) -> np.ndarray:
        """(3,) true position of a thing or the middle of a region, in the world [m].

        Raises:
            KeyError: there is neither.
        """
        data, site = self._environment.sim.data, self._environment.env.object_sites_dict.get(name)
        return np.array(
            data.body_xpos[self.body(name)] if site is None else data.get_site_xpos(site.name)
        )
