"""All checks, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vls.doctor import (
    camera,
    clock,
    disk,
    endpoint,
    graphics,
    kernel,
    limits,
    memory,
    middleware,
    packages,
    processor,
    robot,
    round_trips,
    route,
)
from vls.doctor.finding import Finding
from vls.doctor.machine import Machine
from vls.doctor.subject import Subject


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes:
        name: of its finding.
        judge: looks, and says what it found; it changes nothing.
        alone: it measures times, which others at work would spoil.
    """

    name: str
    judge: Callable[[Machine, Subject], Finding]
    alone: bool = False


CHECKS = (
    Check(kernel.NAME, kernel.check_kernel),
    Check(limits.PRIORITY, limits.check_priority),
    Check(limits.MEMORY, limits.check_memory_lock),
    Check(processor.SPEED, processor.check_governor),
    Check(processor.ISOLATION, processor.check_isolation),
    Check(memory.NAME, memory.check_paging),
    Check(route.NAME, route.check_route),
    Check(round_trips.NAME, round_trips.check_round_trips, alone=True),
    Check(robot.ROBOT, robot.check_robot),
    Check(robot.HAND, robot.check_hand),
    Check(middleware.MIDDLEWARE, middleware.check_middleware),
    Check(middleware.DISCOVERY, middleware.check_discovery),
    Check(middleware.SHARED_MEMORY, middleware.check_shared_memory),
    Check(clock.NAME, clock.check_clock),
    Check(camera.NAME, camera.check_camera),
    Check(endpoint.NAME, endpoint.check_endpoint),
    Check(graphics.NAME, graphics.check_graphics),
    Check(packages.NAME, packages.check_packages),
    Check(disk.NAME, disk.check_disk),
)
