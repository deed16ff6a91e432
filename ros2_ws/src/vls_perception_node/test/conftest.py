"""Pictures of a red cube on a table, ray by ray, without a renderer."""

import numpy as np
import pytest

_TABLE, _RED = (60, 60, 60), (230, 10, 10)


def _photograph(camera, center, side=0.04):
    """Colour (H, W, 3) uint8 and depth (H, W) uint16 [mm] of a cube on the plane z = 0."""
    rows, columns = np.mgrid[: camera.height, : camera.width]
    pixels = np.column_stack([columns.ravel(), rows.ravel()])
    rays = camera.deproject(pixels, np.ones(len(pixels))) - camera.position
    with np.errstate(divide='ignore'):
        table = np.where(rays[:, 2] < 0, -camera.position[2] / rays[:, 2], np.inf)
        sides = (np.array(center) + side / 2 * np.array([[-1.0], [1.0]])).reshape(2, 1, 3)
        crossings = np.sort((sides - camera.position) / rays, axis=0)
    enters, leaves = crossings[0].max(axis=1), crossings[1].min(axis=1)
    hit = (enters < leaves) & (enters > 0) & (enters < table)
    depth = np.where(hit, enters, table)
    color = np.where(hit[:, None], _RED, _TABLE).astype(np.uint8)
    shape = (camera.height, camera.width)
    millimetres = np.where(depth < 10, 1000 * depth, 0).round().astype(np.uint16)
    return color.reshape(*shape, 3), millimetres.reshape(shape)


@pytest.fixture(scope='session')
def photograph():
    """A function from a camera and the centre of a red cube to a colour and a depth picture."""
    return _photograph
