"""Films an episode: python -m benchmarks.libero_pro.film SUITE SHIFT TASK --arm ours."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from benchmarks.libero_pro.arms import ARMS, OURS, UnknownArmError, arm_named
from benchmarks.libero_pro.bench import noise_seed
from benchmarks.libero_pro.camera import NoGraphicsError, SceneCamera
from benchmarks.libero_pro.episode import Episode
from benchmarks.libero_pro.policy import FAMILIES, LiberoPolicy, checkpoint
from benchmarks.libero_pro.simulation import Simulation
from benchmarks.libero_pro.suites import UnknownTaskError, task
from vls_core.policies.flow import CheckpointError

SIZE = 384
_EVERY, _RATE = 2, 10.0  # steps between pictures, and pictures per second


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes a film and its last picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('suite')
    parser.add_argument('perturbation')
    parser.add_argument('task', help='name of its file')
    parser.add_argument('--arm', default=OURS, help=', '.join(ARMS))
    parser.add_argument('--state', type=int, default=0)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--family', choices=FAMILIES, default='flow')
    parser.add_argument('--out', type=Path, default=Path('runs/libero_pro/films'))
    wanted = parser.parse_args(arguments)
    try:
        arm = arm_named(wanted.arm)
        chosen = task(wanted.suite, wanted.perturbation, wanted.task)
        policy = LiberoPolicy.load(checkpoint(wanted.suite, wanted.family))
    except (UnknownArmError, UnknownTaskError) as error:
        parser.error(str(error))
    except CheckpointError as error:
        print(error, file=sys.stderr)
        return 1
    wanted.out.mkdir(parents=True, exist_ok=True)
    name = wanted.out / f'{chosen.folder}-{chosen.name}-{wanted.state}-{wanted.arm}'
    try:
        with Simulation(chosen) as simulation:
            seen, shown = SceneCamera(simulation), SceneCamera(simulation, SIZE)
            pictures: list[np.ndarray] = []
            count = 0

            def keep() -> None:
                nonlocal count
                if count % _EVERY == 0:
                    pictures.append(shown.photograph())
                count += 1

            seed = noise_seed(wanted.seed, wanted.state)
            outcome = Episode(simulation, seen, policy, arm, seed, keep).play(wanted.state)
            pictures.append(shown.photograph())
            for camera in (seen, shown):
                camera.close()
    except NoGraphicsError as error:
        print(error, file=sys.stderr)
        return 1
    write(pictures, Path(f'{name}.mp4'))
    cv2.imwrite(f'{name}.png', pictures[-1][..., ::-1])
    print(f'{outcome.ending} after {outcome.steps} steps; wrote {name}.mp4 and .png')
    return 0


def write(pictures: Sequence[np.ndarray], file: Path) -> None:
    """(H, W, 3) uint8 pictures, red green blue, as a film."""
    height, width = pictures[0].shape[:2]
    film = cv2.VideoWriter(str(file), cv2.VideoWriter_fourcc(*'mp4v'), _RATE, (width, height))
    for picture in pictures:
        film.write(np.ascontiguousarray(picture[..., ::-1]))
    film.release()


if __name__ == '__main__':
    sys.exit(main())
