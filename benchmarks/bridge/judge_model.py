"""The judge's model of the arm, derived from the one that franky_sim brings along.

The arm with its hand, less what is only looked at: the pictures of the links are most of the time
it takes to load. Nothing of it is kept in the repository.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

_SOURCE = 'franky_sim'


def write_model(folder: Path) -> Path:
    """Writes the model into a folder, which is made if need be, and returns the file."""
    assets = Path(str(files(_SOURCE) / 'assets'))
    tree = ElementTree.parse(assets / 'fr3.xml')
    root = tree.getroot()
    root.find('compiler').set('meshdir', str(assets / 'meshes'))
    root.remove(root.find('keyframe'))  # it would have to name the state of whatever is added
    _remove(root, 'geom', lambda geom: geom.get('class') == 'visual')
    used = {geom.get('mesh') for geom in root.iter('geom')}
    _remove(root, 'mesh', lambda mesh: mesh.get('name') not in used)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / 'fr3.xml'
    # Judges may start at the same time: none may see half a file.
    temporary = folder / f'fr3.{id(tree)}.xml'
    tree.write(temporary)
    temporary.replace(path)
    return path


def _remove(
    root: ElementTree.Element, tag: str, unwanted: Callable[[ElementTree.Element], bool]
) -> None:
    for parent in list(root.iter()):
        for child in parent.findall(tag):
            if unwanted(child):
                parent.remove(child)
