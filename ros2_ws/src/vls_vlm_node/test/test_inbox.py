"""The picture that goes with a scene is the one it was seen in, and no other."""

import threading

import numpy as np
import pytest
from scripted_peers import LONGEST_WAIT
from std_msgs.msg import Header
from table_scene import table_scene

from vls_ros import convert
from vls_ros.images import image_message
from vls_vlm_node.inbox import PICTURES, Inbox, to_png


def picture(stamp, brightness=0):
    pixels = np.full((4, 4, 3), brightness, np.uint8)
    return image_message(pixels, 'rgb8', Header(stamp=convert.stamp(stamp)))


@pytest.fixture
def inbox():
    return Inbox()


def test_the_picture_of_a_scene_has_its_stamp(inbox):
    for number in range(3):
        inbox.take_picture(picture(10.0 + number / 30, number))
    found = inbox.picture_of(table_scene(stamp=10.0 + 1 / 30), patience=0.0)
    assert found == to_png(picture(0.0, 1))


def test_there_is_no_picture_of_a_scene_that_none_was_taken_of(inbox):
    inbox.take_picture(picture(10.0))
    assert inbox.picture_of(table_scene(stamp=10.03), patience=0.0) is None
    assert inbox.picture() is not None


def test_only_so_many_pictures_are_kept(inbox):
    for number in range(PICTURES + 1):
        inbox.take_picture(picture(10.0 + number))
    assert inbox.picture_of(table_scene(stamp=10.0), patience=0.0) is None
    assert inbox.picture_of(table_scene(stamp=11.0), patience=0.0) is not None


def test_a_picture_that_comes_after_its_scene_is_waited_for(inbox):
    late = threading.Timer(0.05, inbox.take_picture, (picture(10.0),))
    late.start()
    assert inbox.picture_of(table_scene(stamp=10.0), patience=LONGEST_WAIT) is not None
    late.join()
